// The bins of a recording as series: counts as they are, sums of time as means over the bin.
#include <algorithm>
#include <limits>

#include "headgate/sim/recording.hpp"

namespace headgate::sim {
namespace {

template <class T>
T at_or_none(const Bins<T>& bins, std::size_t index) {
  return index < bins.values().size() ? bins.values()[index] : T{};
}

constexpr double kNoResponse = std::numeric_limits<double>::quiet_NaN();

}  // namespace

std::size_t Recording::bins() const noexcept { return scale_.bin_of(latest_) + 1; }

// The last bin is shorter: nothing can be said of the time after the last request.
std::vector<double> Recording::levels(const Bins<std::int64_t>& sums) const {
  std::vector<double> means;
  for (std::size_t i = 0; i < bins(); ++i) {
    const TimePoint start{scale_.width() * static_cast<std::int64_t>(i)};
    const Duration covered = std::min(scale_.width(), latest_ - start);
    const auto sum = static_cast<double>(at_or_none(sums, i));
    means.push_back(covered > Duration::zero() ? sum / static_cast<double>(covered.count()) : 0.0);
  }
  return means;
}

Series Recording::series() const {
  Series series;
  series.width = scale_.width();
  series.bins = bins();
  series.length = latest_.time_since_epoch();
  const auto outcome = [](const Counts& counts, Answer answer) {
    return counts.outcomes[static_cast<std::size_t>(answer)];
  };
  for (std::size_t i = 0; i < series.bins; ++i) {
    const Counts counts = at_or_none(counts_, i);
    series.offered.push_back(counts.offered);
    series.ok.push_back(outcome(counts, Answer::kOk));
    series.refused.push_back(outcome(counts, Answer::kRefused));
    series.failed.push_back(outcome(counts, Answer::kFailed));
    series.timed_out.push_back(outcome(counts, Answer::kTimedOut));
    series.retries.push_back(counts.retries);
    const bool none = counts.responses == 0;
    series.response_mean_ns.push_back(none ? kNoResponse
                                           : static_cast<double>(counts.response_ns) /
                                                 static_cast<double>(counts.responses));
    series.response_p99_ns.push_back(
        none ? kNoResponse : static_cast<double>(counts.response.quantile(0.99).count()));
  }
  series.in_system = levels(in_system_);
  for (const auto& target : waiting_) series.waiting.push_back(levels(target));
  for (const auto& target : busy_) series.busy.push_back(levels(target));
  for (std::size_t i = 0; i < lag_.size(); ++i) {
    (i < events_.size() ? series.lag : series.depth).push_back(levels(lag_[i]));
  }
  for (const auto& topic : events_) {
    std::vector<std::uint64_t>& events = series.events.emplace_back();
    for (std::size_t i = 0; i < series.bins; ++i) events.push_back(at_or_none(topic, i));
  }
  return series;
}

std::vector<Flow> Recording::flows() const {
  std::vector<Flow> flows;
  for (std::size_t target = 0; target < flows_.size(); ++target) {
    for (std::size_t i = 0; i < flows_[target].size(); ++i) {
      if (flows_[target][i] == 0) continue;
      const bool nowhere = target + 1 == flows_.size();
      flows.push_back({.target = nowhere ? Flow::kNowhere : static_cast<std::uint32_t>(target),
                       .retried = i >= 4,
                       .answer = static_cast<Answer>(i % 4),
                       .requests = flows_[target][i]});
    }
  }
  return flows;
}

}  // namespace headgate::sim
