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

/// Has the interface of Keyed, and ignores the key. Thread-safe, unless it is said that one thread
/// alone asks.
template <Policy P>
  requires(sizeof(typename P::State) == 8)
class Unkeyed {
 public:
  using State = typename P::State;

  explicit Unkeyed(const P& policy, Sharing sharing = Sharing::kMulti)
      : policy_(policy), multi_(sharing == Sharing::kMulti), word_(std::make_unique<Word>()) {}

  /// Inline by force, as of the answer many callers want a part.
  [[nodiscard, gnu::always_inline]] Decision admit(std::uint64_t /*key*/, TimePoint now,
                                                   Tokens cost = {.count = 1}) noexcept {
    State seen = word_->state.load(std::memory_order_relaxed);
    while (true) {
      State next = seen;
      const Decision decision = policy_.admit(next, now, cost);
      if (!decision.admitted || publish(seen, next)) return decision;
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
    } while (!publish(seen, next));
  }

  /// Nothing to fetch: a word that is asked for by all is at hand.
  void prefetch(std::uint64_t /*key*/) const noexcept {}
  /// What Keyed calls so, but for the lock: another thread may be faster, and commit() refuse.
  [[nodiscard]] std::size_t hold(std::uint64_t key, TimePoint now, Tokens cost) const noexcept {
    return peek(key, now, cost).admitted ? 0 : kNotHeld;
  }
  [[nodiscard]] Decision commit(std::uint64_t key, std::size_t /*held*/, TimePoint now,
                                Tokens cost) noexcept {
    return admit(key, now, cost);
  }
  void release(std::uint64_t /*key*/) const noexcept {}

  [[nodiscard]] TableCounters counters(TimePoint now) const noexcept {
    const bool fresh = policy_.is_fresh(word_->state.load(std::memory_order_relaxed), now);
    return {.capacity = 1, .live = fresh ? 0U : 1U};
  }
  [[nodiscard]] const P& policy() const noexcept { return policy_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return sizeof(Word); }

 private:
  /// Alone on its lines: neighbours would take them away, two at a time as prefetchers do.
  struct alignas(128) Word {
    std::atomic<State> state{};
  };

  /// False, and `seen` is what another thread has made of it.
  [[nodiscard]] bool publish(State& seen, const State& next) noexcept {
    if (multi_) {
      return word_->state.compare_exchange_weak(seen, next, std::memory_order_relaxed);
    }
    word_->state.store(next, std::memory_order_relaxed);
    return true;
  }

  P policy_;
  bool multi_;
  std::unique_ptr<Word> word_;
};

}  // namespace headgate::ratelimit
