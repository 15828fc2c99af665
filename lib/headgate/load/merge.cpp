#include "headgate/load/merge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace headgate::load {
namespace {

/// Gives the targets of `tally`, named `names`, the places that they have in `all`, which grows by
/// those that are new.
void align_targets(const std::vector<std::string>& names, Tally& tally,
                   std::vector<std::string>& all) {
  for (const std::string& name : names) {
    if (std::ranges::find(all, name) == all.end()) all.push_back(name);
  }
  std::vector<TargetTotals> aligned(all.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto at = std::ranges::find(all, names[i]) - all.begin();
    aligned[static_cast<std::size_t>(at)] = std::move(tally.targets[i]);
  }
  tally.targets = std::move(aligned);
}

void add(Measured& sum, const Measured& part) {
  sum.tally.merge(part.tally);
  sum.window = std::max(sum.window, part.window);
  sum.connections += part.connections;
  sum.interrupted = sum.interrupted || part.interrupted;
  if (sum.tls_fault.empty()) sum.tls_fault = part.tls_fault;
  Evidence& evidence = sum.evidence;
  evidence.open_loop = evidence.open_loop || part.evidence.open_loop;
  evidence.overdue += part.evidence.overdue;
  evidence.scheduled += part.evidence.scheduled;
  evidence.cpu_share_max = std::max(evidence.cpu_share_max, part.evidence.cpu_share_max);
  evidence.response_p50 = sum.tally.response_time.quantile(0.5);
  // Of parts that did not store all of their lateness the worst is known.
  const bool whole = sum.tally.lateness.count() >= sum.tally.send_lag.count();
  evidence.lateness_p99 = whole ? sum.tally.lateness.quantile(0.99)
                                : std::max(evidence.lateness_p99, part.evidence.lateness_p99);
}

void add_expectations(std::vector<stats::Expectation>& all, const Summary& part) {
  for (const Judged& judged : part.expect) {
    const auto& text = judged.expectation.text;
    if (std::ranges::find(all, text, &stats::Expectation::text) == all.end()) {
      all.push_back(judged.expectation);
    }
  }
}

}  // namespace

Result<Summary> merge(std::vector<Summary> parts, report::Manifest manifest) {
  if (parts.empty()) return failed(Errc::kInvalidArgument, "merge", "needs at least one result");
  Summary sum{.measured = {},
              .targets = {},
              .causes = {},
              .expect = {},
              .load = parts.front().load,
              .seed = parts.front().seed,
              .manifest = std::move(manifest)};
  const bool alike =
      std::ranges::all_of(parts, [&sum](const Summary& part) { return part.load == sum.load; });
  if (parts.size() > 1) {
    sum.load = fmt::format("{} generators{}", parts.size(), alike ? ", each " + sum.load : "");
  }
  std::vector<stats::Expectation> expect;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    Summary& part = parts[i];
    for (const std::string& cause : part.causes) {
      sum.causes.push_back(parts.size() == 1 ? cause
                                             : fmt::format("generator {}: {}", i + 1, cause));
    }
    add_expectations(expect, part);
    align_targets(part.targets, part.measured.tally, sum.targets);
    sum.measured.tally.targets.resize(sum.targets.size());
    add(sum.measured, part.measured);
  }
  judge(sum, expect);
  return sum;
}

}  // namespace headgate::load
