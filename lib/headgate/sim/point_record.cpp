#include "headgate/sim/point_record.hpp"

#include <algorithm>
#include <optional>
#include <thread>

#include "headgate/sim/replication.hpp"

namespace headgate::sim {
namespace {

// Where the replay begins: the bin with the most requests in the system.
TimePoint fullest(const Series& series) {
  const auto most = std::ranges::max_element(series.in_system);
  return TimePoint{series.width * (most - series.in_system.begin())};
}

PointRecord record_point(const Plan& plan, std::uint64_t seed, bool trace,
                         const std::atomic<bool>& stop) {
  Recording recording(plan, {});
  static_cast<void>(replicate(plan, seed, stop, &recording));
  PointRecord record{.series = recording.series(),
                     .window_start = recording.window_start(),
                     .window_end = recording.window_end(),
                     .flows = recording.flows(),
                     .trace = {}};
  if (!trace || stop.load()) return record;
  Recording again(plan, {.trace_from = fullest(record.series)});
  static_cast<void>(replicate(plan, seed, stop, &again));
  record.trace = again.trace();
  return record;
}

}  // namespace

std::vector<PointRecord> record_points(std::span<const PointResult> points, std::uint64_t run_seed,
                                       const RecordOptions& options,
                                       const std::atomic<bool>& stop) {
  std::vector<std::optional<PointRecord>> records(std::min(options.points, points.size()));
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t i = next++; i < records.size() && !stop.load(); i = next++) {
      PointRecord record =
          record_point(points[i].plan(), replication_seed(run_seed, 0), options.trace, stop);
      if (!stop.load()) records[i] = std::move(record);
    }
  };
  {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < std::min<std::size_t>(options.threads, records.size()); ++i) {
      others.emplace_back(work);
    }
    work();
  }
  std::vector<PointRecord> whole;
  for (auto& record : records) {
    if (!record) break;
    whole.push_back(*std::move(record));
  }
  return whole;
}

std::vector<std::string> target_names(const Plan& plan) {
  std::vector<std::string> names;
  for (const ServicePlan& service : plan.services) {
    for (const TargetPlan& target : service.targets) names.push_back(target.name);
  }
  return names;
}

}  // namespace headgate::sim
