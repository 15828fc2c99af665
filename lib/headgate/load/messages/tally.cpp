#include "headgate/load/messages/tally.hpp"

#include <algorithm>

namespace headgate::load::messages {

void PerSecond::add(const Frame& frame, TimePoint at, std::uint64_t count) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at - frame.start).count();
  const auto second = static_cast<std::size_t>(
      std::clamp<std::int64_t>(seconds, 0, static_cast<std::int64_t>(kSecondsMax) - 1));
  if (second >= counts_.size()) counts_.resize(second + 1);
  counts_[second] += count;
}

void PerSecond::merge(const PerSecond& other) {
  if (counts_.size() < other.counts_.size()) counts_.resize(other.counts_.size());
  for (std::size_t i = 0; i < other.counts_.size(); ++i) counts_[i] += other.counts_[i];
}

void Published::merge(const Published& other) {
  totals += other.totals;
  publish_time.merge(other.publish_time);
  send_lag.merge(other.send_lag);
  lateness.merge(other.lateness);
  for (const auto& [words, count] : other.errors) errors[words] += count;
  scheduled.merge(other.scheduled);
  answered.merge(other.answered);
  in_time += other.in_time;
  offered += other.offered;
  overdue += other.overdue;
  last = std::max(last, other.last);
}

void Consumed::merge(const Consumed& other) {
  end_to_end_time.merge(other.end_to_end_time);
  settle_time.merge(other.settle_time);
  arrived.merge(other.arrived);
  in_time += other.in_time;
  out_of_order += other.out_of_order;
  damaged += other.damaged;
  foreign += other.foreign;
  deliveries += other.deliveries;
  redelivered += other.redelivered;
  settled += other.settled;
  dead += other.dead;
  last = std::max(last, other.last);
  for (const auto& [words, count] : other.errors) errors[words] += count;
}

}  // namespace headgate::load::messages
