// A concurrency limit by additive increase and multiplicative decrease: one more for every call
// that ends well while at least half of the limit is in use, nine tenths of it for every one that
// is dropped or takes longer than `timeout`.
//
// A server that bears C calls sees the limit climb to C, and fall to 0.9 C, and climb again: a
// sawtooth with the mean of 0.95 C. A server that never fails leaves it at the first limit that
// the calls use by less than half: about twice what they need.
//
// Source: Netflix concurrency-limits, AIMDLimit; D.-M. Chiu, R. Jain, Computer Networks 17(1),
// 1989.
#pragma once

#include <cstdint>

#include "headgate/core/result.hpp"
#include "headgate/core/units.hpp"
#include "headgate/resilience/concurrency_limit.hpp"
#include "headgate/resilience/ratio.hpp"

namespace headgate::resilience {

/// One thread at a time.
class Aimd {
 public:
  struct Config {
    LimitRange range{};
    Share backoff{0.9};  ///< what a drop leaves of the limit; 50% to below 100%
    Duration timeout = std::chrono::seconds{5};  ///< longer calls count as dropped
  };
  /// Fails with kInvalidConfig at "initial", "min", "max", "backoff" or "timeout".
  [[nodiscard]] static Result<Aimd> make(const Config& config);

  /// The limit from now on. O(1).
  std::uint32_t update(const CallSample& sample) noexcept;
  [[nodiscard]] std::uint32_t limit() const noexcept { return limit_; }

 private:
  explicit Aimd(const Config& config) noexcept
      : config_(config), backoff_(config.backoff), limit_(config.range.initial) {}
  Config config_;
  Ratio backoff_;
  std::uint32_t limit_;
};

}  // namespace headgate::resilience
