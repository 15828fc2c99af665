// A limit on everyone together: one state of 64 bits, shared by all threads without a lock.
//
// A decision reads the word, decides on a copy, and publishes the copy by one compare-and-swap; if
// another thread was faster, it decides anew on what that has left. A refusal writes nothing, so
// threads that are refused do not take the cache line from each other. Relaxed order is enough: the
// word itself is all that is shared.
//
// Source: folly's TokenBucket and the governor crate keep their bucket in one word in this way.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/keyed.hpp"
#include "headgate/ratelimit/limiter.hpp"

namespace headgate::ratelimit {

/// Has the interface of Keyed, and ignores the key. Thread-safe.
template <Policy P>
  requires(sizeof(typename P::State) == 8)
class Unkeyed {
 public:
  using State = typename P::State;

  explicit Unkeyed(const P& policy) : policy_(policy), word_(std::make_unique<Word>()) {}

  [[nodiscard]] Decision admit(std::uint64_t /*key*/, TimePoint now,
                               Tokens cost = {.count = 1}) noexcept {
    State seen = word_->state.load(std::memory_order_relaxed);
    while (true) {
      State next = seen;
      const Decision decision = policy_.admit(next, now, cost);
      if (!decision.admitted ||
          word_->state.compare_exchange_weak(seen, next, std::memory_order_relaxed)) {
        return decision;
      }
    }
  }
  [[nodiscard]] Decision peek(std::uint64_t /*key*/, TimePoint now,
                              Tokens cost = {.count = 1}) const noexcept {
    return policy_.peek(word_->state.load(std::memory_order_relaxed), now, cost);
  }
  void refund(std::uint64_t /*key*/, TimePoint now, Tokens cost = {.count = 1}) noexcept {
    State seen = word_->state.load(std::memory_order_relaxed);
    State next;
    do {
      next = seen;
      policy_.refund(next, now, cost);
    } while (!word_->state.compare_exchange_weak(seen, next, std::memory_order_relaxed));
  }

  [[nodiscard]] TableCounters counters(TimePoint now) const noexcept {
    const bool fresh = policy_.is_fresh(word_->state.load(std::memory_order_relaxed), now);
    return {.capacity = 1, .live = fresh ? 0U : 1U};
  }
  [[nodiscard]] const P& policy() const noexcept { return policy_; }

 private:
  /// Alone on its lines: neighbours would take them away, two at a time as prefetchers do.
  struct alignas(128) Word {
    std::atomic<State> state{};
  };

  P policy_;
  std::unique_ptr<Word> word_;
};

}  // namespace headgate::ratelimit
