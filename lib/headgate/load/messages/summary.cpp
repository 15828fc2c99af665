#include "headgate/load/messages/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace headgate::load::messages {
namespace {

const stats::Histogram* histogram_of(const Measured& measured, std::string_view name) {
  if (name == "publish_time") return &measured.published.publish_time;
  if (name == "send_lag") return &measured.published.send_lag;
  return nullptr;
}

std::optional<double> worst_of_groups(const Measured& measured, std::string_view name,
                                      std::string_view which) {
  std::optional<double> worst;
  for (const Consumed& group : measured.groups) {
    const auto value =
        timing_figure(name == "settle_time" ? group.settle_time : group.end_to_end_time, which);
    if (value) worst = std::max(worst.value_or(*value), *value);
  }
  return worst;
}

std::optional<double> count_of(const Measured& measured, std::string_view name) {
  std::uint64_t lost = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t redelivered = 0;
  std::uint64_t consumed = std::numeric_limits<std::uint64_t>::max();
  for (const Account& account : measured.accounts) {
    lost = std::max(lost, account.lost);
    duplicated = std::max(duplicated, account.duplicated);
  }
  for (const Consumed& group : measured.groups) {
    redelivered = std::max(redelivered, group.redelivered);
    consumed = std::min(consumed, group.in_time);
  }
  if (name == "lost") return static_cast<double>(lost);
  if (name == "duplicated") return static_cast<double>(duplicated);
  if (name == "redelivered") return static_cast<double>(redelivered);
  if (name == "consumed") return measured.per_second(measured.groups.empty() ? 0 : consumed);
  if (name != "backlog.max") return std::nullopt;
  const auto series = backlog_series(measured);
  std::uint64_t most = measured.backlog ? measured.backlog->built : 0;
  for (const std::uint64_t each : series) most = std::max(most, each);
  return static_cast<double>(most);
}

std::vector<std::string> remarks_of(const Measured& measured, const Job& job) {
  std::vector<std::string> remarks;
  const config::BusShape& shape = job.shape;
  if (!job.queue && shape.consumers > shape.partitions) {
    remarks.push_back(
        fmt::format("{} of {} consumers of each group and topic had no partition to read",
                    shape.consumers - shape.partitions, shape.consumers));
  }
  std::uint64_t foreign = 0;
  for (const Consumed& group : measured.groups) foreign += group.foreign;
  if (foreign > 0) {
    remarks.push_back(
        fmt::format("{} messages of others came along and were not counted", foreign));
  }
  return remarks;
}

}  // namespace

std::optional<double> metric_of(const Measured& measured, std::string_view name) {
  if (const auto value = count_of(measured, name)) return value;
  if (const auto dot = name.find('.'); dot != std::string_view::npos) {
    const std::string_view timing = name.substr(0, dot);
    const std::string_view which = name.substr(dot + 1);
    if (const auto* histogram = histogram_of(measured, timing))
      return timing_figure(*histogram, which);
    if (timing != "end_to_end_time" && timing != "settle_time") return std::nullopt;
    return worst_of_groups(measured, timing, which);
  }
  const stats::Totals& totals = measured.published.totals;
  if (name == "offered") return measured.per_second(measured.published.offered);
  if (name == "throughput") return measured.per_second(measured.published.in_time);
  if (totals.scheduled == 0) return std::nullopt;
  const auto share = [&totals](std::uint64_t part) {
    return static_cast<double>(part) / static_cast<double>(totals.scheduled);
  };
  if (name == "refused_share") return share(totals.refused);
  if (name == "failed_share") return share(totals.failed);
  if (name == "timed_out_share") return share(totals.timed_out);
  return std::nullopt;
}

std::vector<std::uint64_t> backlog_series(const Measured& measured) {
  std::size_t seconds = measured.published.answered.size();
  for (const Consumed& group : measured.groups) {
    seconds = std::max(seconds, group.arrived.size());
  }
  std::vector<std::uint64_t> series;
  series.reserve(seconds);
  std::uint64_t published = 0;
  std::vector<std::uint64_t> arrived(measured.groups.size());
  for (std::size_t second = 0; second < seconds; ++second) {
    published += measured.published.answered.at(second);
    std::uint64_t worst = 0;
    for (std::size_t g = 0; g < arrived.size(); ++g) {
      arrived[g] += measured.groups[g].arrived.at(second);
      worst = std::max(worst, published - std::min(published, arrived[g]));
    }
    series.push_back(worst);
  }
  return series;
}

Summary summarise(Measured measured, const Job& job, Kept kept, report::Manifest manifest) {
  Summary summary;
  summary.remarks = remarks_of(measured, job);
  summary.measured = std::move(measured);
  summary.kept = std::move(kept);
  summary.load = job.describe();
  summary.name = job.name;
  summary.queue = job.queue;
  summary.size = job.shape.size.count;
  summary.seed = job.plan.seed;
  summary.manifest = std::move(manifest);
  summary.causes = causes_of_invalidity(summary.measured.evidence);
  summary.expect =
      judge_by([&summary](std::string_view name) { return metric_of(summary.measured, name); },
               job.plan.expect);
  return summary;
}

ExitCode exit_code(const Summary& summary) noexcept {
  if (!summary.causes.empty()) return ExitCode::kInvalid;
  return all_passed(summary.expect) && summary.measured.held() ? ExitCode::kYes : ExitCode::kNo;
}

}  // namespace headgate::load::messages
