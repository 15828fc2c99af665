// Exact counts of what happened in the last while, in ten buckets of time.
//
// A decaying average forgets a burst and remembers a calm; counts do neither: what is in the window
// counts in full, what has left it not at all. The window ends with the bucket of `now`, so it
// covers more than nine tenths of its length and at most all of it. The sum over the buckets is
// kept up to date, so that reading it costs nothing and a call costs an addition.
//
// Time that stands still or goes back is counted in the newest bucket.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "headgate/core/time.hpp"

namespace headgate::resilience {

/// `Counts` is a struct of counters with += and -=. One thread at a time.
template <class Counts>
class Window {
 public:
  static constexpr std::int64_t kBuckets = 10;
  /// Counters of 32 bits hold a million a second for this long.
  static constexpr Duration kLengthMax = std::chrono::hours{1};

  /// Requires: length > 0. It is rounded up to a multiple of ten nanoseconds.
  explicit Window(Duration length) noexcept : bucket_((length.count() + kBuckets - 1) / kBuckets) {}

  /// Forgets what has left the window. O(1), one comparison while the bucket lasts.
  void advance(TimePoint now) noexcept {
    if (now >= end_) [[unlikely]]
      turn(now);
  }
  /// Counts `more` at the time of the last advance.
  void add(const Counts& more) noexcept {
    buckets_[newest_] += more;
    sum_ += more;
  }
  [[nodiscard]] const Counts& sum() const noexcept { return sum_; }
  void clear() noexcept {
    buckets_.fill({});
    sum_ = {};
  }

 private:
  static_assert(std::is_trivially_copyable_v<Counts>);

  void turn(TimePoint now) noexcept {
    const std::int64_t steps = (now - end_) / bucket_ + 1;
    end_ += bucket_ * steps;
    for (std::int64_t i = 0; i < std::min(steps, kBuckets); ++i) {
      newest_ = (newest_ + 1) % buckets_.size();
      sum_ -= buckets_[newest_];
      buckets_[newest_] = {};
    }
  }

  Duration bucket_;
  TimePoint end_{};  // of the newest bucket; buckets end at multiples of their length
  std::size_t newest_ = 0;
  Counts sum_{};
  std::array<Counts, kBuckets> buckets_{};
};

}  // namespace headgate::resilience
