// Processor sharing: all requests of a target are served at once, each at the same speed, which is
// what a server that time-slices among threads comes close to.
//
// With n requests and c servers each runs at the rate min(1, c / n). Instead of moving every
// request at every change, the station keeps one virtual clock that runs at that rate: a request
// that brings the work S when the clock shows V ends when it shows V + S, so a change costs one
// heap operation (virtual time of A. Parekh, R. Gallager, IEEE/ACM ToN 1(3), 1993, for one flow
// each).
//
// The virtual clock is a double and starts anew whenever the station is empty. An end is rounded up
// to the nanosecond, so the work done may exceed the work asked by one nanosecond a request and
// change of rate.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "headgate/core/check.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/wide.hpp"

namespace headgate::sim {

class SharedStation {
 public:
  explicit SharedStation(std::uint32_t servers) noexcept : servers_(servers) {
    HG_ASSERT(servers >= 1);
  }

  /// A request arrives with its work. Requires: now never goes back; work >= 0. O(log n).
  void arrive(TimePoint now, std::uint32_t request, Duration work) {
    advance(now);
    if (jobs_.empty()) virtual_ns_ = 0;
    jobs_.push_back({virtual_ns_ + static_cast<double>(work.count()), sequence_++, request});
    std::push_heap(jobs_.begin(), jobs_.end(), kLater);
  }

  /// When the next one ends if nothing changes before; kNever from the start of the timeline if
  /// nobody is served or the station is paused.
  [[nodiscard]] TimePoint next_end() const noexcept {
    if (jobs_.empty() || paused_) return TimePoint{kNever};
    const double left_ns = std::max(0.0, jobs_.front().end - virtual_ns_) / speed();
    return latest_ + Duration{static_cast<std::int64_t>(std::ceil(left_ns))};
  }

  /// The request that ends at `now`. Requires: now == next_end().
  std::uint32_t finish(TimePoint now) {
    advance(now);
    HG_ASSERT(!jobs_.empty());
    std::pop_heap(jobs_.begin(), jobs_.end(), kLater);
    const Job ended = jobs_.back();
    jobs_.pop_back();
    virtual_ns_ = std::max(virtual_ns_, ended.end);
    return ended.request;
  }

  struct Left {
    std::uint32_t request;
    Duration work;  ///< that was not done, rounded down
  };
  /// Everybody is thrown out, in the order in which they would have ended.
  std::vector<Left> clear(TimePoint now) {
    advance(now);
    std::ranges::sort(jobs_, [](const Job& a, const Job& b) { return a.ends_before(b); });
    std::vector<Left> left;
    for (const Job& job : jobs_) {
      const double work_ns = std::max(0.0, job.end - virtual_ns_);
      left.push_back({job.request, Duration{static_cast<std::int64_t>(work_ns)}});
    }
    jobs_.clear();
    return left;
  }

  void pause(TimePoint now) noexcept {
    advance(now);
    paused_ = true;
  }
  void resume(TimePoint now) noexcept {
    advance(now);
    paused_ = false;
  }

  [[nodiscard]] std::size_t size() const noexcept { return jobs_.size(); }
  /// Server-nanoseconds of work up to `now`.
  [[nodiscard]] Int128 busy_ns(TimePoint now) noexcept {
    advance(now);
    return busy_ns_;
  }

 private:
  struct Job {
    double end;  // on the virtual clock, ns
    std::uint64_t sequence;
    std::uint32_t request;
    [[nodiscard]] bool ends_before(const Job& other) const noexcept {
      return end != other.end ? end < other.end : sequence < other.sequence;
    }
  };

  static constexpr auto kLater = [](const Job& a, const Job& b) { return b.ends_before(a); };

  // Of each request, in work per time.
  [[nodiscard]] double speed() const noexcept {
    return std::min(1.0, static_cast<double>(servers_) / static_cast<double>(jobs_.size()));
  }

  void advance(TimePoint now) noexcept {
    const std::int64_t passed_ns = (now - latest_).count();
    HG_ASSERT(passed_ns >= 0);
    latest_ = now;
    if (jobs_.empty() || paused_) return;
    virtual_ns_ += static_cast<double>(passed_ns) * speed();
    const auto busy = std::min<std::size_t>(jobs_.size(), servers_);
    busy_ns_ += static_cast<Int128>(passed_ns) * static_cast<Int128>(busy);
  }

  std::uint32_t servers_;
  bool paused_ = false;
  std::vector<Job> jobs_;  // a heap: the first to end in front
  std::uint64_t sequence_ = 0;
  double virtual_ns_ = 0;
  Int128 busy_ns_ = 0;
  TimePoint latest_{};
};

}  // namespace headgate::sim
