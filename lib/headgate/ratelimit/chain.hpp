// Several limits that decide as one: a request passes if every one of them admits it, and spends
// from all of them or from none.
//
// Asked one after another, limits leak: what the first has granted stays spent when the second
// refuses, so a caller over its hourly quota also eats up its burst, and a tenant that floods one
// route starves its others. A chain holds the caller's slots of all limits first, and if each of
// them would admit, it commits to all: nobody else can decide in between. It never waits for a slot
// while it holds another. Where one is not to be had (another thread is at it, the caller is new,
// or a limit would refuse) the chain peeks at all. If one refuses, nothing was spent, and the
// answer names every limit that was violated. If all admit, it commits to each in turn; should
// another thread have taken the last token in between, what was committed is given back.
//
// Source: the two-phase accounting of nginx's limit_req, made whole.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/catalog.hpp"

namespace headgate::ratelimit {

/// What a chain answers.
struct ChainDecision {
  /// Of all limits together. `remaining` is the least of theirs, `reset_after` the greatest.
  /// `retry_after` of a refusal is exact too: the greatest wait of the violated ones, as what is
  /// enough for one limit is enough for it at any later time. `delay` is the greatest.
  Decision decision;
  std::uint64_t violated = 0;  ///< bit i: limit i refuses
  std::size_t limit = 0;       ///< the first violated; if admitted, the one with least remaining
};

/// A value; one thread at a time unless its limiters are hosted as kMulti.
class Chain {
 public:
  static constexpr std::size_t kLimitsMax = 16;

  /// Requires: 1 to kLimitsMax limiters.
  explicit Chain(std::vector<Limiter> limiters);

  /// `keys` holds the caller's key for each limit, in their order. Requires: cost >= 1.
  /// `each`, unless empty, gets the decision of every single limit: of a refusal, what a limit that
  /// was not violated would answer. O(limits), no allocation.
  [[nodiscard]] ChainDecision admit(std::span<const std::uint64_t> keys, TimePoint now,
                                    Tokens cost = {.count = 1},
                                    std::span<Decision> each = {}) noexcept;
  /// What admit() would answer now; spends nothing.
  [[nodiscard]] ChainDecision peek(std::span<const std::uint64_t> keys, TimePoint now,
                                   Tokens cost = {.count = 1},
                                   std::span<Decision> each = {}) noexcept;
  /// Gives back what an admit() of `cost` has spent, everywhere: the request was not carried out.
  void refund(std::span<const std::uint64_t> keys, TimePoint now,
              Tokens cost = {.count = 1}) noexcept;
  /// The request is over: gives back its places in limits of concurrency.
  void release(std::span<const std::uint64_t> keys, TimePoint now,
               Tokens cost = {.count = 1}) noexcept;
  /// Whether release() does anything.
  [[nodiscard]] bool holds_places() const noexcept { return holds_places_; }

  [[nodiscard]] std::span<Limiter> limiters() noexcept { return limiters_; }
  [[nodiscard]] std::span<const Limiter> limiters() const noexcept { return limiters_; }

 private:
  using Holds = std::array<std::size_t, kLimitsMax>;

  [[nodiscard]] bool hold(std::span<const std::uint64_t> keys, TimePoint now, Tokens cost,
                          Holds& holds) noexcept;
  void release_holds(std::span<const std::uint64_t> keys, std::size_t first,
                     std::size_t end) noexcept;
  template <class Spend>
  ChainDecision commit(std::span<const std::uint64_t> keys, TimePoint now, Tokens cost,
                       std::span<Decision> each, const Spend& spend) noexcept;

  std::vector<Limiter> limiters_;
  bool holds_places_ = false;
};

}  // namespace headgate::ratelimit
