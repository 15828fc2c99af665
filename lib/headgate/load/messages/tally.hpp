// What the threads of a run have seen; each has its own, added up at the end.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "headgate/core/time.hpp"
#include "headgate/stats/histogram.hpp"
#include "headgate/stats/totals.hpp"

namespace headgate::load::messages {

/// The part of a run that figures speak of, and the seconds that series count.
struct Frame {
  TimePoint start{};
  TimePoint measured_from{};  ///< start + warm-up: by intended time for latencies
  TimePoint end{};            ///< of the schedule; TimePoint::max() if a count ends it

  [[nodiscard]] bool measures(TimePoint intended) const noexcept {
    return intended >= measured_from;
  }
  [[nodiscard]] bool holds(TimePoint at) const noexcept { return at >= measured_from && at <= end; }
};

inline constexpr std::size_t kSecondsMax = std::size_t{24} * 3600;  ///< later ones join the last

/// Counts by the second of a run.
class PerSecond {
 public:
  void add(const Frame& frame, TimePoint at, std::uint64_t count);
  void merge(const PerSecond& other);
  [[nodiscard]] std::uint64_t at(std::size_t second) const noexcept {
    return second < counts_.size() ? counts_[second] : 0;
  }
  [[nodiscard]] std::size_t size() const noexcept { return counts_.size(); }

 private:
  std::vector<std::uint64_t> counts_;
};

/// Of producers.
struct Published {
  stats::Totals totals;           ///< refused: the store was full or had too much waiting
  stats::Histogram publish_time;  ///< intended time to the answer of the store
  stats::Histogram send_lag;      ///< intended time to the append
  stats::Histogram lateness;      ///< the part of it that was the generator's own
  std::map<std::string, std::uint64_t> errors;  ///< failures by their words
  PerSecond scheduled;
  PerSecond answered;
  std::uint64_t in_time = 0;  ///< answered well within the measured part of the schedule
  std::uint64_t offered = 0;  ///< due within it
  std::uint64_t overdue = 0;  ///< see load::Evidence
  TimePoint last{};           ///< the last answer

  void merge(const Published& other);
};

/// Of the consumers of one group.
struct Consumed {
  stats::Histogram end_to_end_time;  ///< intended time to the consumer's having it
  stats::Histogram settle_time;      ///< of a queue: an ack to its durable answer
  PerSecond arrived;
  std::uint64_t in_time = 0;       ///< within the measured part of the schedule
  std::uint64_t out_of_order = 0;  ///< behind a later one of the same producer and partition
  std::uint64_t damaged = 0;
  std::uint64_t foreign = 0;  ///< messages that are not of this run
  std::uint64_t deliveries = 0;
  std::uint64_t redelivered = 0;  ///< of a queue: deliveries beyond the first of their message
  std::uint64_t settled = 0;      ///< of a queue: durably acked
  std::uint64_t dead = 0;         ///< of a queue: given up after max_deliveries
  TimePoint last{};
  std::map<std::string, std::uint64_t> errors;

  void merge(const Consumed& other);
};

}  // namespace headgate::load::messages
