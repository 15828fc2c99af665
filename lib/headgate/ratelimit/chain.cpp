#include "headgate/ratelimit/chain.hpp"

#include <algorithm>
#include <utility>

#include "headgate/core/check.hpp"

namespace headgate::ratelimit {
namespace {

/// Takes the answer of limit `index` into that of the chain.
void join(ChainDecision& chain, const Decision& of_limit, std::size_t index) noexcept {
  Decision& whole = chain.decision;
  if (index == 0) {
    whole = of_limit;
    chain.violated = of_limit.admitted ? 0 : 1;
    return;
  }
  whole.reset_after = std::max(whole.reset_after, of_limit.reset_after);
  if (!of_limit.admitted) {
    if (chain.violated == 0) chain.limit = index;
    // One limit that never admits decides for the chain.
    if (chain.violated == 0 || of_limit.retry_after > whole.retry_after) {
      whole.reason = of_limit.reason;
    }
    whole.admitted = false;
    whole.delay = Duration::zero();
    whole.retry_after = std::max(whole.retry_after, of_limit.retry_after);
    chain.violated |= std::uint64_t{1} << index;
  } else if (whole.admitted) {
    if (of_limit.delay > whole.delay || whole.reason == Reason::kAdmitted) {
      whole.reason = of_limit.reason;
    }
    whole.delay = std::max(whole.delay, of_limit.delay);
    if (of_limit.remaining < whole.remaining) chain.limit = index;
  }
  whole.remaining = std::min(whole.remaining, of_limit.remaining);
}

}  // namespace

Chain::Chain(std::vector<Limiter> limiters) : limiters_(std::move(limiters)) {
  HG_ASSERT(!limiters_.empty() && limiters_.size() <= kLimitsMax);
  holds_places_ = std::ranges::any_of(limiters_, &Limiter::holds_places);
}

ChainDecision Chain::peek(std::span<const std::uint64_t> keys, TimePoint now, Tokens cost,
                          std::span<Decision> each) noexcept {
  HG_ASSERT(keys.size() == limiters_.size());
  ChainDecision chain;
  for (std::size_t i = 0; i < limiters_.size(); ++i) {
    const Decision decision = limiters_[i].peek(keys[i], now, cost);
    if (!each.empty()) each[i] = decision;
    join(chain, decision, i);
  }
  return chain;
}

ChainDecision Chain::admit(std::span<const std::uint64_t> keys, TimePoint now, Tokens cost,
                           std::span<Decision> each) noexcept {
  HG_ASSERT(keys.size() == limiters_.size());
  if (limiters_.size() > 1) {
    Holds holds;
    if (hold(keys, now, cost, holds)) {
      return commit(keys, now, cost, each, [&](std::size_t i) {
        const Decision decision = limiters_[i].commit(keys[i], holds[i], now, cost);
        if (!decision.admitted) release_holds(keys, i + 1, limiters_.size());
        return decision;
      });
    }
    const ChainDecision seen = peek(keys, now, cost, each);
    if (!seen.decision.admitted) return seen;
  }
  return commit(keys, now, cost, each,
                [&](std::size_t i) { return limiters_[i].admit(keys[i], now, cost); });
}

/// Holds the caller's slots in all limits if all of them would admit; else in none.
bool Chain::hold(std::span<const std::uint64_t> keys, TimePoint now, Tokens cost,
                 Holds& holds) noexcept {
  for (std::size_t i = 0; i < limiters_.size(); ++i) limiters_[i].prefetch(keys[i]);
  for (std::size_t i = 0; i < limiters_.size(); ++i) {
    holds[i] = limiters_[i].hold(keys[i], now, cost);
    if (holds[i] != kNotHeld) continue;
    release_holds(keys, 0, i);
    return false;
  }
  return true;
}

void Chain::release_holds(std::span<const std::uint64_t> keys, std::size_t first,
                          std::size_t end) noexcept {
  for (std::size_t i = first; i < end; ++i) limiters_[i].release(keys[i]);
}

/// Spends from every limit, by `spend(i)`, or from none.
template <class Spend>
ChainDecision Chain::commit(std::span<const std::uint64_t> keys, TimePoint now, Tokens cost,
                            std::span<Decision> each, const Spend& spend) noexcept {
  ChainDecision chain;
  for (std::size_t i = 0; i < limiters_.size(); ++i) {
    const Decision decision = spend(i);
    if (!each.empty()) each[i] = decision;
    join(chain, decision, i);
    if (decision.admitted) continue;
    for (std::size_t back = 0; back < i; ++back) limiters_[back].refund(keys[back], now, cost);
    break;
  }
  return chain;
}

void Chain::refund(std::span<const std::uint64_t> keys, TimePoint now, Tokens cost) noexcept {
  HG_ASSERT(keys.size() == limiters_.size());
  for (std::size_t i = 0; i < limiters_.size(); ++i) limiters_[i].refund(keys[i], now, cost);
}

void Chain::release(std::span<const std::uint64_t> keys, TimePoint now, Tokens cost) noexcept {
  HG_ASSERT(keys.size() == limiters_.size());
  for (std::size_t i = 0; i < limiters_.size(); ++i) {
    if (limiters_[i].holds_places()) limiters_[i].refund(keys[i], now, cost);
  }
}

}  // namespace headgate::ratelimit
