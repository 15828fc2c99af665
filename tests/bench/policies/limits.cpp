// Contests of limiters: one word for everyone, tables of a million and of ten million callers, and
// several limits that decide as one.
#include "peers/limits.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cmath>
#include <memory>
#include <utility>

#include "contest.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/core/random.hpp"
#include "headgate/ratelimit/catalog.hpp"
#include "headgate/ratelimit/chain.hpp"

namespace headgate::study {
namespace {

// Sequences of callers are drawn before the clock runs, and long enough not to fit a branch
// predictor: a million draws, read in order.
constexpr std::size_t kDraws = std::size_t{1} << 20;
using Draws = std::shared_ptr<const std::vector<std::uint32_t>>;

Draws uniform_draws(std::size_t callers) {
  Random random{3};
  auto draws = std::make_shared<std::vector<std::uint32_t>>(kDraws);
  for (std::uint32_t& draw : *draws) draw = static_cast<std::uint32_t>(random.below(callers));
  return draws;
}

/// Zipf with exponent 0.99, by the rejection-free inversion of the cumulated weights.
Draws zipf_draws(std::size_t callers) {
  std::vector<double> cumulated(callers);
  double sum = 0;
  for (std::size_t i = 0; i < callers; ++i) {
    cumulated[i] = sum += std::pow(static_cast<double>(i + 1), -0.99);
  }
  Random random{4};
  auto draws = std::make_shared<std::vector<std::uint32_t>>(kDraws);
  for (std::uint32_t& draw : *draws) {
    const auto found = std::ranges::lower_bound(cumulated, random.uniform() * sum);
    draw = static_cast<std::uint32_t>(found - cumulated.begin());
  }
  return draws;
}

ratelimit::Spec bucket_spec(std::int64_t callers) {
  ratelimit::Spec spec;
  spec.algorithm = "token_bucket";
  spec.rate = make_rate(1'000'000, std::chrono::seconds{1});
  spec.burst = Tokens{20};
  // As full as a table is meant to be: two thirds.
  spec.max_keys = callers * 3 / 2;
  return spec;
}

/// Work that asks `admit(key, now)` for one caller after another, a microsecond apart.
template <class Limiter>
Work over_callers(std::shared_ptr<Limiter> limiter, Draws draws) {
  return [limiter, draws, at = std::size_t{0}, now = std::int64_t{0}](std::uint64_t count) mutable {
    for (std::uint64_t i = 0; i < count; ++i) {
      at = (at + 1) & (kDraws - 1);
      keep(limiter->admit(mix64((*draws)[at] + std::uint64_t{1}), now += 1000));
    }
  };
}

/// With locks, as a gateway has it: the peers have theirs.
ratelimit::Limiter made(const ratelimit::Spec& spec) {
  return ratelimit::make(spec, {.seed = 1, .sharing = ratelimit::Sharing::kMulti}).value();
}

/// Ours with the shape of the peers.
struct Ours {
  ratelimit::Limiter limiter;
  ratelimit::Decision admit(std::uint64_t key, std::int64_t now) noexcept {
    return limiter.admit(key, TimePoint{Duration{now}});
  }
};

std::shared_ptr<Ours> ours_for(std::size_t callers) {
  return std::make_shared<Ours>(made(bucket_spec(static_cast<std::int64_t>(callers))));
}

/// Every caller once, so that all are known, as in a gateway after its first minutes.
template <class Limiter>
std::shared_ptr<Limiter> filled(std::shared_ptr<Limiter> limiter, std::size_t callers) {
  for (std::size_t i = 0; i < callers; ++i) {
    keep(limiter->admit(mix64(i + 1), std::int64_t{1}));
  }
  return limiter;
}

Contest keyed_contest(double goal, std::size_t callers, const Draws& draws, bool all_peers) {
  Contest contest{.goal_ns = goal, .contenders = {}};
  contest.goal_peer = "sharded hash map";
  if (all_peers) contest.goal_ratio = 0.5;
  const BucketOptions options;
  contest.contenders.push_back({.name = "headgate",
                                .work = over_callers(filled(ours_for(callers), callers), draws),
                                .ours = true});
  contest.contenders.push_back(
      {.name = "sharded hash map",
       .work =
           over_callers(filled(std::make_shared<ShardedMap>(options, callers), callers), draws)});
  if (!all_peers) return contest;
  contest.contenders.push_back(
      {.name = "mutex and hash map",
       .work = over_callers(filled(std::make_shared<MutexMap>(options, callers), callers), draws)});
  contest.contenders.push_back(
      {.name = "nginx limit_req",
       .work = over_callers(filled(std::make_shared<NginxLimitReq>(options, callers), callers),
                            draws)});
  return contest;
}

/// Work that asks one limiter for everyone, `step` nanoseconds apart.
template <class Limiter>
Work over_one(std::shared_ptr<Limiter> limiter, std::int64_t step) {
  return [limiter, step, now = std::int64_t{1'000'000'000}](std::uint64_t count) mutable {
    for (std::uint64_t i = 0; i < count; ++i) keep(limiter->admit(now += step));
  };
}

/// Ours with the shape of the peers for everyone: the word itself, as the other words are.
struct OursUnkeyed {
  ratelimit::Unkeyed<ratelimit::TokenBucket> limiter;
  ratelimit::Decision admit(std::int64_t now) noexcept {
    return limiter.admit(0, TimePoint{Duration{now}});
  }
};

/// One bucket for everyone. Requests two tokens' time apart are all admitted; requests a nanosecond
/// apart are, after the first few, all refused: a token takes a day.
Contest unkeyed_contest(double goal, BucketOptions options, const Rate& rate, std::int64_t step) {
  Contest contest{.goal_ns = goal, .contenders = {}};
  const auto policy = ratelimit::TokenBucket::make(
                          {.rate = rate, .burst = {static_cast<std::int64_t>(options.burst)}})
                          .value();
  contest.contenders.push_back(
      {.name = "headgate",
       .work = over_one(
           std::make_shared<OursUnkeyed>(ratelimit::Unkeyed<ratelimit::TokenBucket>{policy}), step),
       .ours = true});
  contest.contenders.push_back({.name = "std mutex, tokens and time",
                                .work = over_one(std::make_shared<MutexBucket>(options), step)});
  contest.contenders.push_back(
      {.name = "folly", .work = over_one(std::make_shared<FollyBucket>(options), step)});
  contest.contenders.push_back(
      {.name = "governor", .work = over_one(std::make_shared<GovernorBucket>(options), step)});
  return contest;
}

/// Ours: a request's consumer, route, service and two more are its keys, and equal in all limits,
/// as with the peer.
struct OursChain {
  ratelimit::Chain chain;
  ratelimit::ChainDecision admit(std::uint64_t key, std::int64_t now) noexcept {
    const std::array<std::uint64_t, 5> keys{key, key, key, key, key};
    return chain.admit(keys, TimePoint{Duration{now}});
  }
};

/// Five limits decide as one, for callers whose states are in the cache.
Contest chain_contest(double goal) {
  constexpr std::size_t kCallers = 100;
  constexpr std::size_t kLimits = 5;
  std::vector<ratelimit::Limiter> limiters;
  for (std::size_t i = 0; i < kLimits; ++i) limiters.push_back(made(bucket_spec(kCallers)));
  const Draws draws = uniform_draws(kCallers);
  Contest contest{.goal_ns = goal, .contenders = {}};
  contest.contenders.push_back(
      {.name = "headgate",
       .work = over_callers(
           filled(std::make_shared<OursChain>(ratelimit::Chain{std::move(limiters)}), kCallers),
           draws),
       .ours = true});
  contest.contenders.push_back(
      {.name = "five sharded hash maps",
       .work = over_callers(
           filled(std::make_shared<ShardedChain>(kLimits, BucketOptions{}, kCallers), kCallers),
           draws)});
  return contest;
}

}  // namespace

std::vector<Planned> limiter_contests(bool tiny) {
  using namespace std::chrono_literals;
  std::vector<Planned> all;
  all.push_back({"unkeyed admit", [] {
                   return unkeyed_contest(4, {.rate = 1e6, .burst = 20}, make_rate(1'000'000, 1s),
                                          2'000);
                 }});
  all.push_back({"unkeyed refuse", [] {
                   return unkeyed_contest(2.5, {.rate = 1.0 / 86'400, .burst = 20},
                                          make_rate(1, 24h), 1);
                 }});
  all.push_back({"chain of five, 100 callers", [] { return chain_contest(40); }});
  const std::size_t million = tiny ? 1'000 : 1'000'000;
  const std::string_view times = tiny ? "1 k" : "1 M";
  all.push_back({fmt::format("keyed admit, {} callers, uniform", times),
                 [=] { return keyed_contest(40, million, uniform_draws(million), true); }});
  all.push_back({fmt::format("keyed admit, {} callers, Zipf 0.99", times),
                 [=] { return keyed_contest(20, million, zipf_draws(million), true); }});
  all.push_back({fmt::format("keyed admit, 10 x {} callers, uniform", times), [=] {
                   return keyed_contest(120, 10 * million, uniform_draws(10 * million), false);
                 }});
  return all;
}

}  // namespace headgate::study
