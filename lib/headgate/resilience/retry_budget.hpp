// Retry budgets: how many of the calls that fail may be made again.
//
// Three attempts per call triple the load just when there is least room for it, and k layers of
// them raise it to the k-th power; the overload then keeps itself alive. A budget ties the retries
// to what goes well, or to the calls there are, so the load cannot grow by more than its share.
//
// A withdrawal is made when the retry is decided, before its back-off: a thousand calls that fail
// at one instant find a budget of 20 % spent by the first two hundred, not a thousand retries
// waiting to be counted (envoy issue 30205).
//
// TokenBudget, of gRPC: a failure takes a token, a success gives back `token_ratio`; retries are
// allowed while more than half of `max_tokens` are there. So after a full bucket at most
// ceil(max_tokens / 2) - 1 retries follow in a total outage, and in the long run at most
// token_ratio per success. Source: gRFC A6.
//
// PercentBudget, of Finagle: in the last `window` no more retries than `share` of the calls, and
// `min_per_second` on top so that a client of few calls can retry at all. Source: Finagle's
// RetryBudget; the window is that of window.hpp.
#pragma once

#include <cstdint>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/resilience/ratio.hpp"
#include "headgate/resilience/window.hpp"

namespace headgate::resilience {

/// One thread at a time.
class TokenBudget {
 public:
  struct Config {
    std::uint32_t max_tokens = 10;  ///< 1 to 1000
    double token_ratio = 0.1;       ///< per success; above 0, at most 1000; thousandths count
  };
  /// Fails with kInvalidConfig at "max_tokens" or "token_ratio".
  [[nodiscard]] static Result<TokenBudget> make(const Config& config);

  void on_success() noexcept;
  /// A call or a retry has failed. Returns whether it may be made again.
  bool on_failure() noexcept;
  [[nodiscard]] bool allows() const noexcept { return tokens_ * 2 > max_; }
  /// In thousandths of a token.
  [[nodiscard]] std::int64_t millitokens() const noexcept { return tokens_; }

 private:
  TokenBudget(std::int64_t max, std::int64_t ratio) noexcept
      : max_(max), ratio_(ratio), tokens_(max) {}
  std::int64_t max_;  // all in thousandths of a token
  std::int64_t ratio_;
  std::int64_t tokens_;
};

/// One thread at a time.
class PercentBudget {
 public:
  struct Config {
    Share share{0.2};  ///< of the calls in the window; the retries themselves are no calls
    std::uint32_t min_per_second = 10;           ///< retries allowed beyond the share; at most 1M
    Duration window = std::chrono::seconds{10};  ///< 1s to 1h
  };
  /// Fails with kInvalidConfig at "share", "min_per_second" or "window".
  [[nodiscard]] static Result<PercentBudget> make(const Config& config);

  /// A call was made, for the first time.
  void on_call(TimePoint now) noexcept;
  /// Spends one retry if the budget holds it.
  bool withdraw(TimePoint now) noexcept;
  /// Retries that the budget would allow now.
  [[nodiscard]] std::int64_t balance(TimePoint now) noexcept;

 private:
  struct Counts {
    std::uint32_t calls = 0;
    std::uint32_t retries = 0;
    void operator+=(const Counts& other) noexcept {
      calls += other.calls;
      retries += other.retries;
    }
    void operator-=(const Counts& other) noexcept {
      calls -= other.calls;
      retries -= other.retries;
    }
  };
  explicit PercentBudget(const Config& config) noexcept;

  Ratio share_;
  std::int64_t reserve_;  // retries in a window without any call
  Window<Counts> window_;
};

}  // namespace headgate::resilience
