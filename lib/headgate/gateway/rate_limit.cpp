#include "headgate/gateway/rate_limit.hpp"

#include <array>
#include <utility>

#include "headgate/core/hash.hpp"
#include "headgate/http/rate_limit_fields.hpp"

namespace headgate::gateway {

Result<std::unique_ptr<RateLimit>> RateLimit::make(std::string name, std::size_t index,
                                                   std::span<const ratelimit::Spec> specs,
                                                   ratelimit::Hosting hosting) {
  std::unique_ptr<RateLimit> filter{new RateLimit(std::move(name))};
  std::vector<ratelimit::Limiter> own;
  std::vector<ratelimit::Limiter> parts;
  for (const ratelimit::Spec& spec : specs) {
    if (spec.key.size() > kKeyPartsMax) {
      return failed(Errc::kInvalidConfig, "key", "has more than 8 parts");
    }
    ratelimit::Spec whole = spec;
    whole.max_keys = 1;
    const Result<ratelimit::Limiter> checked = ratelimit::make(whole, hosting);
    if (!checked) return std::unexpected(checked.error());
    Result<ratelimit::Limiter> limiter = ratelimit::make(local_part(spec), hosting);
    if (!limiter) return std::unexpected(limiter.error());
    const bool shared = spec.shared.has_value();
    (shared ? parts : own).push_back(*std::move(limiter));
    (shared ? filter->shared_parts_ : filter->own_).numbers.push_back(filter->quotas_.size());
    filter->quotas_.push_back(checked->quota());
    hosting.seed = mix64(hosting.seed);
  }
  if (!own.empty()) filter->own_.chain.emplace(std::move(own));
  if (!parts.empty()) filter->shared_parts_.chain.emplace(std::move(parts));
  auto shared = SharedGroup::make(filter->name_ + "/" + std::to_string(index), specs);
  if (!shared) return std::unexpected(shared.error());
  filter->shared_ = *std::move(shared);
  return filter;
}

RateLimit::Answer RateLimit::ask(Group& group, const Caller& caller, TimePoint now,
                                 Places& places) noexcept {
  if (!group.chain) return {.decision = {.admitted = true, .reason = ratelimit::Reason::kAdmitted}};
  const std::span<ratelimit::Limiter> limiters = group.chain->limiters();
  std::array<std::uint64_t, ratelimit::Chain::kLimitsMax> keys;
  for (std::size_t i = 0; i < limiters.size(); ++i) {
    const KeyTexts texts{caller, limiters[i].spec().key};
    keys[i] = limiters[i].key(texts.all());
  }
  const ratelimit::ChainDecision chain =
      group.chain->admit(std::span{keys}.first(limiters.size()), now);
  if (chain.decision.admitted && group.chain->holds_places()) {
    for (std::size_t i = 0; i < limiters.size(); ++i) {
      if (limiters[i].holds_places()) places.add(limiters[i], keys[i]);
    }
  }
  return {.decision = chain.decision, .limit = group.numbers[chain.limit]};
}

RateLimit::Answer RateLimit::admit(const Caller& caller, TimePoint now, Places& places) noexcept {
  return ask(own_, caller, now, places);
}

RateLimit::Answer RateLimit::admit_shared_part(const Caller& caller, TimePoint now,
                                               Places& places) noexcept {
  return ask(shared_parts_, caller, now, places);
}

std::size_t RateLimit::write_fields(const Answer& refusal, std::span<char> out) const noexcept {
  const ratelimit::Quota& quota = quotas_[refusal.limit];
  const std::size_t retry = http::write_retry_after(refusal.decision.retry_after, out);
  const std::size_t rest =
      http::write_rate_limit({.policy = name_,
                              .quota = quota.quota.count,
                              .window = quota.concurrent ? Duration{} : Duration{quota.window},
                              .remaining = refusal.decision.remaining.count,
                              .reset_after = refusal.decision.retry_after},
                             out.subspan(retry));
  return rest == 0 ? 0 : retry + rest;
}

std::vector<ratelimit::TableCounters> RateLimit::counters(TimePoint now) {
  std::vector<ratelimit::TableCounters> all(quotas_.size());
  for (Group* group : {&own_, &shared_parts_}) {
    if (!group->chain) continue;
    for (std::size_t i = 0; i < group->numbers.size(); ++i) {
      all[group->numbers[i]] = group->chain->limiters()[i].counters(now);
    }
  }
  return all;
}

}  // namespace headgate::gateway
