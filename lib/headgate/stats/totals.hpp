// Where every request of a run ended: seven counts that add up, for real load and simulated alike.
#pragma once

#include <cstdint>

#include "headgate/core/check.hpp"

namespace headgate::stats {

/// Each scheduled request is in exactly one of the other six.
struct Totals {
  std::uint64_t scheduled = 0;
  std::uint64_t ok = 0;
  std::uint64_t refused = 0;    ///< 429, or shed with 503 by a gateway
  std::uint64_t failed = 0;     ///< other statuses outside 2xx and 3xx, and transport errors
  std::uint64_t timed_out = 0;  ///< given up by the client
  std::uint64_t in_flight = 0;  ///< sent, and not answered when the run ended
  std::uint64_t not_sent = 0;   ///< scheduled, and never sent

  [[nodiscard]] constexpr bool adds_up() const noexcept {
    return scheduled == ok + refused + failed + timed_out + in_flight + not_sent;
  }
  /// Requests that got an answer or were given up; the base of the shares below.
  [[nodiscard]] constexpr std::uint64_t finished() const noexcept {
    return ok + refused + failed + timed_out;
  }
  /// `part` of the finished ones, 0 to 1; 0 if none finished.
  [[nodiscard]] constexpr double share_of_finished(std::uint64_t part) const noexcept {
    return finished() == 0 ? 0 : static_cast<double>(part) / static_cast<double>(finished());
  }
  /// Stops the program if a request was lost or counted twice: to be called before anybody reads.
  void check() const noexcept { HG_ASSERT(adds_up()); }

  Totals& operator+=(const Totals& other) noexcept {
    scheduled += other.scheduled;
    ok += other.ok;
    refused += other.refused;
    failed += other.failed;
    timed_out += other.timed_out;
    in_flight += other.in_flight;
    not_sent += other.not_sent;
    return *this;
  }
  friend bool operator==(const Totals&, const Totals&) = default;
};

}  // namespace headgate::stats
