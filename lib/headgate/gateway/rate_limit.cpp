#include "headgate/gateway/rate_limit.hpp"

#include <utility>

#include "headgate/core/hash.hpp"
#include "headgate/http/rate_limit_fields.hpp"

namespace headgate::gateway {
Result<std::unique_ptr<RateLimit>> RateLimit::make(std::string name, std::size_t index,
                                                   std::span<const ratelimit::Spec> specs,
                                                   std::uint64_t seed) {
  std::unique_ptr<RateLimit> filter{new RateLimit(std::move(name))};
  for (const ratelimit::Spec& spec : specs) {
    if (spec.key.size() > kKeyPartsMax) {
      return failed(Errc::kInvalidConfig, "key", "has more than 8 parts");
    }
    ratelimit::Spec whole = spec;
    whole.max_keys = 1;
    const Result<ratelimit::Limiter> checked = ratelimit::make(whole, seed);
    if (!checked) return std::unexpected(checked.error());
    Result<ratelimit::Limiter> limiter = ratelimit::make(local_part(spec), seed);
    if (!limiter) return std::unexpected(limiter.error());
    filter->limits_.push_back({.limiter = *std::move(limiter),
                               .quota = checked->quota(),
                               .shared = spec.shared.has_value()});
    seed = mix64(seed);
  }
  auto shared = SharedGroup::make(filter->name_ + "/" + std::to_string(index), specs);
  if (!shared) return std::unexpected(shared.error());
  filter->shared_ = *std::move(shared);
  return filter;
}

RateLimit::Answer RateLimit::ask(const Caller& caller, TimePoint now, bool shared) noexcept {
  Answer answer{.decision = {.admitted = true, .reason = ratelimit::Reason::kAdmitted}};
  const std::scoped_lock lock{mutex_};
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    if (limits_[i].shared != shared) continue;
    ratelimit::Limiter& limiter = limits_[i].limiter;
    const KeyTexts texts{caller, limiter.spec().key};
    answer = {.decision = limiter.admit(limiter.key(texts.all()), now), .limit = i};
    if (!answer.decision.admitted) break;
  }
  return answer;
}

RateLimit::Answer RateLimit::admit(const Caller& caller, TimePoint now) noexcept {
  return ask(caller, now, false);
}

RateLimit::Answer RateLimit::admit_shared_part(const Caller& caller, TimePoint now) noexcept {
  return ask(caller, now, true);
}

std::size_t RateLimit::write_fields(const Answer& refusal, std::span<char> out) const noexcept {
  const ratelimit::Quota& quota = limits_[refusal.limit].quota;
  const std::size_t retry = http::write_retry_after(refusal.decision.retry_after, out);
  const std::size_t rest = http::write_rate_limit({.policy = name_,
                                                   .quota = quota.quota.count,
                                                   .window = quota.window,
                                                   .remaining = refusal.decision.remaining.count,
                                                   .reset_after = refusal.decision.retry_after},
                                                  out.subspan(retry));
  return rest == 0 ? 0 : retry + rest;
}

std::vector<ratelimit::TableCounters> RateLimit::counters(TimePoint now) const {
  const std::scoped_lock lock{mutex_};
  std::vector<ratelimit::TableCounters> all;
  all.reserve(limits_.size());
  for (const Limit& limit : limits_) all.push_back(limit.limiter.counters(now));
  return all;
}

}  // namespace headgate::gateway
