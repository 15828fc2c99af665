#include "headgate/gateway/rate_limit.hpp"

#include <algorithm>
#include <utility>

#include "headgate/core/hash.hpp"
#include "headgate/http/rate_limit_fields.hpp"
#include "headgate/ratelimit/consumers.hpp"

namespace headgate::gateway {
namespace {

std::string_view part_of(const Caller& caller, const ratelimit::KeyPart& part) noexcept {
  switch (part.source) {
    case ratelimit::KeySource::kClientIp:
      return caller.client;
    case ratelimit::KeySource::kHeader:
      return caller.fields.value(part.header);
    case ratelimit::KeySource::kRoute:
      return caller.route;
    case ratelimit::KeySource::kService:
      return caller.service;
    case ratelimit::KeySource::kConsumer:  // has two texts: key_of
    case ratelimit::KeySource::kGlobal:
      break;
  }
  return {};
}

std::uint64_t key_of(const Caller& caller, const ratelimit::Limiter& limiter) noexcept {
  std::array<std::string_view, 2 * RateLimit::kKeyPartsMax> texts{};
  std::size_t count = 0;
  for (const ratelimit::KeyPart& part : limiter.spec().key) {
    if (part.source == ratelimit::KeySource::kConsumer) {
      for (const std::string_view text :
           ratelimit::consumer_texts(caller.consumer, caller.client)) {
        texts[count++] = text;
      }
    } else {
      texts[count++] = part_of(caller, part);
    }
  }
  return limiter.key(std::span{texts}.first(count));
}

}  // namespace

Result<std::unique_ptr<RateLimit>> RateLimit::make(std::string name,
                                                   std::span<const ratelimit::Spec> specs,
                                                   std::uint64_t seed) {
  std::unique_ptr<RateLimit> filter{new RateLimit(std::move(name))};
  for (const ratelimit::Spec& spec : specs) {
    if (spec.key.size() > kKeyPartsMax) {
      return failed(Errc::kInvalidConfig, "key", "has more than 8 parts");
    }
    Result<ratelimit::Limiter> limiter = ratelimit::make(spec, seed);
    if (!limiter) return std::unexpected(limiter.error());
    filter->limits_.push_back(*std::move(limiter));
    seed = mix64(seed);
  }
  return filter;
}

RateLimit::Answer RateLimit::admit(const Caller& caller, TimePoint now) noexcept {
  Answer answer;
  const std::scoped_lock lock{mutex_};
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    answer = {.decision = limits_[i].admit(key_of(caller, limits_[i]), now), .limit = i};
    if (!answer.decision.admitted) break;
  }
  return answer;
}

std::size_t RateLimit::write_fields(const Answer& refusal, std::span<char> out) const noexcept {
  const ratelimit::Quota quota = limits_[refusal.limit].quota();  // not changed after make
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
  for (const ratelimit::Limiter& limit : limits_) all.push_back(limit.counters(now));
  return all;
}

}  // namespace headgate::gateway
