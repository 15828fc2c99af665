#include "headgate/load/fleet/assemble.hpp"

#include <fmt/format.h>

#include <limits>
#include <string>
#include <utility>

#include "headgate/load/agenda.hpp"
#include "headgate/load/merge.hpp"
#include "headgate/load/stored.hpp"

namespace headgate::load::fleet {
namespace {

AgentPart describe_part(const Part& part) {
  return {.name = part.agent,
          .scheduled = 0,
          .clock_offset = part.clock_offset,
          .clock_error = part.clock_error,
          .why_missing = part.result.empty() ? part.why : std::string{}};
}

void add_causes(Summary& summary, const std::vector<Part>& parts,
                const std::optional<std::uint64_t>& whole) {
  const std::uint64_t got = summary.measured.tally.totals.scheduled;
  bool complete = true;
  for (const Part& part : parts) {
    if (!part.result.empty()) continue;
    complete = false;
    summary.causes.push_back(fmt::format("agent {} is missing: {}", part.agent, part.why));
  }
  if (!whole || summary.measured.interrupted || got == *whole) return;
  summary.causes.push_back(fmt::format("{} of the schedule's {} requests are {}", *whole - got,
                                       *whole, complete ? "accounted for by nobody" : "missing"));
}

}  // namespace

std::optional<std::uint64_t> schedule_size(const Job& job) {
  if (!job.open_loop()) return job.count;
  if (!job.count && job.duration == kNever) return std::nullopt;
  Agenda agenda{{.arrivals = *job.open_arrivals(),
                 .seed = job.seed,
                 .duration = job.duration,
                 .count = job.count.value_or(std::numeric_limits<std::uint64_t>::max())}};
  std::uint64_t size = 0;
  for (; !agenda.finished(); ++size) agenda.take();
  return size;
}

Result<Summary> assemble(const std::vector<Part>& parts, const Job& job,
                         report::Manifest manifest) {
  std::vector<Summary> summaries;
  std::vector<AgentPart> agents;
  for (const Part& part : parts) {
    agents.push_back(describe_part(part));
    if (part.result.empty()) continue;
    auto summary = parse_result(part.result, "agent " + part.agent);
    if (!summary) return std::unexpected(summary.error());
    agents.back().scheduled = summary->measured.tally.totals.scheduled;
    agents.back().causes = summary->causes;
    summaries.push_back(*std::move(summary));
  }
  if (summaries.empty()) {
    return failed(Errc::kUnavailable, "agents",
                  "not one has finished: " + (parts.empty() ? "" : parts.front().why));
  }
  std::string load =
      fmt::format("{} agents, each a slice of: {}", parts.size(), summaries.front().load);
  auto merged = merge(std::move(summaries), std::move(manifest));
  if (!merged) return merged;
  merged->load = std::move(load);
  merged->agents = std::move(agents);
  add_causes(*merged, parts, schedule_size(job));
  return merged;
}

}  // namespace headgate::load::fleet
