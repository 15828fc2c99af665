// A deadline: the point after which nobody waits for the answer any more.
//
// What goes over a wire is the time that is left, not the point: clocks differ, and a hop can only
// shorten the wait of the next. Work whose deadline has passed is dropped when it is taken from a
// queue, not done for nobody.
//
// On the wire it is written as gRPC writes `grpc-timeout`: at most eight digits and a unit (n u m S
// M H). A value that needs more digits is rounded down, so that no hop waits longer than the one
// before it. Source: gRPC over HTTP/2, "Timeout".
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"

namespace headgate::resilience {

class Deadline {
 public:
  /// None: it never passes.
  constexpr Deadline() noexcept = default;
  /// `left` from `now` on; none if that is beyond the end of the timeline. Requires: left >= 0.
  [[nodiscard]] static constexpr Deadline after(TimePoint now, Duration left) noexcept {
    return Deadline{now + std::min(left, TimePoint::max() - std::max(now, TimePoint{}))};
  }

  [[nodiscard]] constexpr bool is_set() const noexcept { return at_ != TimePoint::max(); }
  [[nodiscard]] constexpr bool has_passed(TimePoint now) const noexcept {
    return is_set() && now >= at_;
  }
  /// 0 once it has passed; kNever if there is none.
  [[nodiscard]] constexpr Duration left(TimePoint now) const noexcept {
    if (!is_set()) return kNever;
    return now >= at_ ? Duration::zero() : at_ - now;
  }
  /// `timeout`, or what is left if that is less: how long one step may take.
  [[nodiscard]] constexpr Duration bound(Duration timeout, TimePoint now) const noexcept {
    return std::min(timeout, left(now));
  }
  /// The earlier of the two.
  [[nodiscard]] constexpr Deadline tightened(Deadline other) const noexcept {
    return Deadline{std::min(at_, other.at_)};
  }
  /// For the next hop: earlier by `reserve`, which its answer needs to get back. Requires:
  /// reserve >= 0.
  [[nodiscard]] constexpr Deadline less(Duration reserve) const noexcept {
    return is_set() ? Deadline{at_ - reserve} : *this;
  }
  [[nodiscard]] constexpr TimePoint at() const noexcept { return at_; }

 private:
  constexpr explicit Deadline(TimePoint at) noexcept : at_(at) {}
  TimePoint at_ = TimePoint::max();
};

inline constexpr std::size_t kTimeoutTextMax = 9;

/// `250m`, `99999999n`, `1H`. Fails with kInvalidArgument; `where` is the text. More than fits a
/// Duration is its greatest value.
[[nodiscard]] Result<Duration> parse_timeout(std::string_view text);
/// The largest written timeout that is not above `left`: exact below 100 ms. Returns its length.
/// Requires: left >= 0, out.size() >= kTimeoutTextMax.
[[nodiscard]] std::size_t write_timeout(Duration left, std::span<char> out) noexcept;

}  // namespace headgate::resilience
