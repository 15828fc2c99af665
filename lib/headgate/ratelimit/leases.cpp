#include "headgate/ratelimit/leases.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "headgate/core/check.hpp"

namespace headgate::ratelimit {

Leases::Check Leases::check(std::string_view key, TimePoint now, Tokens cost) {
  HG_ASSERT(cost.count >= 1);
  if (cost > options_.burst) {
    return {.decision = {.reason = Reason::kNever, .retry_after = kNever}};
  }
  Lease& lease = find_or_make(key, now);
  const Duration reset = std::max(lease.reset_at - now, Duration::zero());
  if (cost <= lease.left) {
    return {.decision = {.admitted = true,
                         .reason = Reason::kAdmitted,
                         .remaining = {lease.left.count - cost.count},
                         .reset_after = reset}};
  }
  const Tokens least{cost.count - lease.left.count};
  if (now < lease.refused_until && least >= lease.refused_least) {
    return {.decision = {.reason = Reason::kOverLimit,
                         .remaining = lease.left,
                         .retry_after = lease.refused_until - now,
                         .reset_after = reset}};
  }
  if (std::exchange(lease.asking, true)) return {.step = Step::kWait};
  return {.step = Step::kAsk,
          .least = least,
          .most = {std::max(options_.lease.count, cost.count) - lease.left.count}};
}

void Leases::spend(std::string_view key, Tokens cost) {
  Tokens& left = by_key_.at(key)->left;
  HG_ASSERT(cost <= left);
  left.count -= cost.count;
  counters_.spent += static_cast<std::uint64_t>(cost.count);
}

void Leases::granted(std::string_view key, TimePoint now, Tokens taken, const Decision& after) {
  counters_.taken += static_cast<std::uint64_t>(taken.count);
  Lease& lease = find_or_make(key, now);
  lease.asking = false;
  lease.left.count += taken.count;
  lease.reset_at = now + after.reset_after;
  touch(lease, now);
}

void Leases::refused(std::string_view key, TimePoint now, Tokens least, const Decision& refusal) {
  Lease& lease = find_or_make(key, now);
  lease.asking = false;
  lease.refused_until = now + std::min(refusal.retry_after, options_.lease_time);
  lease.refused_least = least;
  lease.reset_at = now + refusal.reset_after;
  if (lease.left.count == 0) touch(lease, now);  // tokens are not held longer for a refusal
}

void Leases::failed(std::string_view key) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) found->second->asking = false;
}

Leases::Lease& Leases::find_or_make(std::string_view key, TimePoint now) {
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) return *found->second;
  if (by_key_.size() >= options_.max_keys) make_room();
  leases_.push_back({.key = std::string{key}, .expires = now + options_.lease_time});
  by_key_.emplace(leases_.back().key, std::prev(leases_.end()));
  return leases_.back();
}

void Leases::touch(Lease& lease, TimePoint now) {
  lease.expires = now + options_.lease_time;
  leases_.splice(leases_.end(), leases_, by_key_.at(lease.key));
}

/// An answer that is under way finds its lease: there is one question for a caller at a time, and
/// so never more held than one lease.
void Leases::make_room() {
  const auto idle = std::ranges::find(leases_, false, &Lease::asking);
  if (idle != leases_.end()) drop(idle);
}

void Leases::drop(List::iterator lease) {
  if (lease->left.count > 0) {
    counters_.returned += static_cast<std::uint64_t>(lease->left.count);
    displaced_.push_back({.key = lease->key, .tokens = lease->left});
  }
  by_key_.erase(lease->key);
  leases_.erase(lease);
}

TimePoint Leases::next_timeout() const noexcept {
  if (!displaced_.empty()) return TimePoint::min();
  return leases_.empty() ? TimePoint::max() : leases_.front().expires;
}

void Leases::on_timeout(TimePoint now, std::vector<Return>& returns) {
  while (!leases_.empty() && leases_.front().expires <= now) {
    if (leases_.front().asking) {
      touch(leases_.front(), now);
    } else {
      drop(leases_.begin());
    }
  }
  std::ranges::move(displaced_, std::back_inserter(returns));
  displaced_.clear();
}

void Leases::end_all(std::vector<Return>& returns) {
  while (!leases_.empty()) drop(leases_.begin());
  std::ranges::move(displaced_, std::back_inserter(returns));
  displaced_.clear();
}

std::vector<Tokens> lease_offers(Tokens least, Tokens most) {
  HG_ASSERT(least.count >= 1 && least <= most);
  std::vector<Tokens> offers;
  for (std::int64_t offer = most.count; offer > least.count; offer /= 2) offers.push_back({offer});
  offers.push_back(least);
  return offers;
}

}  // namespace headgate::ratelimit
