// Client-side adaptive throttling: a client whose server refuses most of its requests stops sending
// most of them, by itself and without a word from anybody.
//
// With the requests that its callers made and those that the server accepted in the last `window`,
// one more is refused locally with the probability
//
//   p = max(0, (requests - K accepts) / (requests + 1))
//
// so the server goes on seeing about K times what it accepts: enough to notice at once that it has
// recovered. With K = 2 and ten times too many requests, 80 % end here. Requests refused here count
// as made. Nothing is refused while fewer than `min_requests` were made.
//
// Source: B. Beyer et al., "Site Reliability Engineering", 2016, ch. 21, equation 21-1.
#pragma once

#include <cstdint>

#include "headgate/core/random.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/resilience/window.hpp"

namespace headgate::resilience {

/// One thread at a time.
class ClientThrottle {
 public:
  struct Config {
    double k = 2;                                 ///< 1.001 to 100; thousandths count
    Duration window = std::chrono::seconds{120};  ///< 1s to 1h
    std::uint32_t min_requests = 10;              ///< in the window, before any is refused
  };
  /// Fails with kInvalidConfig at "k" or "window".
  [[nodiscard]] static Result<ClientThrottle> make(const Config& config);

  /// Whether to send a request; counts it. One draw unless p is 0. O(1).
  [[nodiscard]] bool allow(TimePoint now, Random& random) noexcept;
  /// The server has taken a request that was allowed: it answered, whatever the answer's worth.
  void accepted(TimePoint now) noexcept;

  /// How many in `requests + 1` are refused now, in thousandths: the numerator and denominator of
  /// p.
  struct Chance {
    std::uint64_t refused = 0;
    std::uint64_t of = 1;
  };
  [[nodiscard]] Chance chance(TimePoint now) noexcept;
  [[nodiscard]] std::uint64_t refusals() const noexcept { return refusals_; }

 private:
  struct Counts {
    std::uint32_t requests = 0;
    std::uint32_t accepts = 0;
    void operator+=(const Counts& other) noexcept {
      requests += other.requests;
      accepts += other.accepts;
    }
    void operator-=(const Counts& other) noexcept {
      requests -= other.requests;
      accepts -= other.accepts;
    }
  };
  ClientThrottle(const Config& config, std::int64_t k) noexcept
      : k_(k), min_requests_(config.min_requests), window_(config.window) {}

  std::int64_t k_;  // thousandths
  std::uint32_t min_requests_;
  Window<Counts> window_;
  std::uint64_t refusals_ = 0;
};

}  // namespace headgate::resilience
