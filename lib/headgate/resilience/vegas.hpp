// A concurrency limit by estimated queue length, after TCP Vegas.
//
// If a call takes rtt where an idle server would take rtt0, then of L calls in flight
// ceil(L (1 - rtt0 / rtt)) are waiting. With l = max(1, floor(log10 L)): a queue of at most l grows
// the limit by 6 l at once, below 3 l by l; above 6 l, and on a drop, it shrinks by l; between it
// stays.
//
// rtt0 is the least rtt seen. So that a server that has become slower for good is not taken for a
// crowded one for ever, it is measured anew from the next call after some 30 L of them, spread by
// chance over half of that so that many clients do not measure at once. The weak side, known and
// inherited: a new rtt0 taken under load is too high until the load falls.
//
// Source: L. Brakmo, L. Peterson, IEEE JSAC 13(8), 1995; Netflix concurrency-limits, VegasLimit.
#pragma once

#include <cstdint>

#include "headgate/core/random.hpp"
#include "headgate/core/result.hpp"
#include "headgate/resilience/concurrency_limit.hpp"

namespace headgate::resilience {

/// One thread at a time. Integers only.
class Vegas {
 public:
  struct Config {
    LimitRange range{.initial = 20, .min = 1, .max = 1000};
    std::uint32_t probe = 30;  ///< rtt0 is renewed after this times the limit calls; 1 to 1M
  };
  /// Fails with kInvalidConfig at "initial", "min", "max" or "probe".
  [[nodiscard]] static Result<Vegas> make(const Config& config);

  /// The limit from now on. O(1); a draw when rtt0 is renewed and with the first call.
  std::uint32_t update(const CallSample& sample, Random& random) noexcept;
  [[nodiscard]] std::uint32_t limit() const noexcept { return limit_; }

 private:
  explicit Vegas(const Config& config) noexcept : config_(config), limit_(config.range.initial) {}
  [[nodiscard]] std::int64_t queue_at(std::int64_t rtt) const noexcept;
  [[nodiscard]] std::int64_t next_limit(const CallSample& sample, std::int64_t rtt) const noexcept;

  Config config_;
  std::uint32_t limit_;
  std::int64_t rtt_idle_ = 0;  // ns; 0: none yet
  std::uint64_t calls_ = 0;    // since rtt_idle_ was renewed
  std::uint64_t jitter_ = 0;   // 1/2 to 1, in 2^-32; 0: the first call renews
};

}  // namespace headgate::resilience
