#include "headgate/gateway/rate_limit.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"

namespace headgate::gateway {
namespace {

using Keys = std::array<std::uint64_t, ratelimit::Chain::kLimitsMax>;

ratelimit::Label label_of(const ratelimit::Spec& spec, const ratelimit::Quota& quota) {
  return {.name = spec.name, .quota = quota, .families = spec.fields, .on = spec.fields_on};
}

/// What the limit tells the client that it still has, after it has said `decision`; `admitted`: so
/// has the whole chain.
ratelimit::Standing standing_of(ratelimit::Limiter& limiter, std::uint64_t key, TimePoint now,
                                const ratelimit::Decision& decision, bool admitted) noexcept {
  ratelimit::Standing standing{.known = true,
                               .at = now,
                               .remaining = decision.remaining,
                               .more_after = decision.retry_after,
                               .reset_after = decision.reset_after};
  if (!decision.admitted) return standing;
  const ratelimit::Spec& spec = limiter.spec();
  const bool told = spec.fields_on == ratelimit::FieldsOn::kAll || !admitted;
  if (!told || spec.fields.empty()) return standing;
  // Where another limit of the chain has refused, this one would have spent, and did not.
  if (!admitted) ++standing.remaining.count;
  // Who asks for one more than there is has to wait until there is one more.
  const ratelimit::Decision more = limiter.peek(key, now, {standing.remaining.count + 1});
  standing.more_after = more.retry_after;
  standing.reset_after = more.reset_after;
  return standing;
}

}  // namespace

Result<std::unique_ptr<RateLimit>> RateLimit::make(std::string name, std::size_t index,
                                                   std::span<const ratelimit::Spec> specs,
                                                   ratelimit::Hosting hosting) {
  std::unique_ptr<RateLimit> filter{new RateLimit(std::move(name), specs)};
  std::vector<ratelimit::Limiter> own;
  std::vector<ratelimit::Limiter> parts;
  for (ratelimit::Spec& spec : filter->specs_) {
    if (spec.name.empty()) spec.name = filter->name_;
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
    (shared ? filter->shared_parts_ : filter->own_).numbers.push_back(filter->labels_.size());
    filter->labels_.push_back(label_of(spec, checked->quota()));
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
                                 Charges& charges,
                                 std::span<ratelimit::Standing> standings) const noexcept {
  HG_ASSERT(standings.size() == labels_.size());
  if (!group.chain) return {.decision = {.admitted = true, .reason = ratelimit::Reason::kAdmitted}};
  const std::span<ratelimit::Limiter> limiters = group.chain->limiters();
  Keys keys;
  for (std::size_t i = 0; i < limiters.size(); ++i) {
    const ratelimit::Spec& spec = limiters[i].spec();
    const KeyTexts texts{caller, spec.key, prefixes_of(spec)};
    keys[i] = limiters[i].key(texts.all());
  }
  std::array<ratelimit::Decision, ratelimit::Chain::kLimitsMax> each;
  const ratelimit::ChainDecision chain = group.chain->admit(
      std::span{keys}.first(limiters.size()), now, {1}, std::span{each}.first(limiters.size()));
  const bool admitted = chain.decision.admitted;
  Answer answer{.decision = chain.decision};
  for (std::size_t i = 0; i < limiters.size(); ++i) {
    const std::size_t number = group.numbers[i];
    if (((chain.violated >> i) & 1U) != 0) answer.violated |= std::uint64_t{1} << number;
    if (admitted) charges.add(limiters[i], keys[i], first_label_ + number);
    standings[number] = standing_of(limiters[i], keys[i], now, each[i], admitted);
  }
  return answer;
}

ratelimit::Standing RateLimit::standing(ratelimit::Limiter& limiter, std::uint64_t key,
                                        TimePoint now) noexcept {
  return standing_of(limiter, key, now, limiter.peek(key, now), false);
}

RateLimit::Answer RateLimit::admit(const Caller& caller, TimePoint now, Charges& charges,
                                   std::span<ratelimit::Standing> standings) noexcept {
  return ask(own_, caller, now, charges, standings);
}

RateLimit::Answer RateLimit::admit_shared_part(const Caller& caller, TimePoint now,
                                               Charges& charges,
                                               std::span<ratelimit::Standing> standings) noexcept {
  return ask(shared_parts_, caller, now, charges, standings);
}

Duration RateLimit::retry_jitter(std::uint64_t violated) const noexcept {
  Duration greatest{};
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    if (((violated >> i) & 1U) != 0) greatest = std::max(greatest, specs_[i].retry_jitter);
  }
  return greatest;
}

std::vector<ratelimit::TableCounters> RateLimit::counters(TimePoint now) {
  std::vector<ratelimit::TableCounters> all(labels_.size());
  for (Group* group : {&own_, &shared_parts_}) {
    if (!group->chain) continue;
    for (std::size_t i = 0; i < group->numbers.size(); ++i) {
      all[group->numbers[i]] = group->chain->limiters()[i].counters(now);
    }
  }
  return all;
}

}  // namespace headgate::gateway
