// Contests of limiters: one word for everyone, tables of a million and of ten million callers, and
// several limits that decide as one.
#include "peers/limits.hpp"

#include <fmt/format.h>

#include <array>
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

/// As in a gateway: several threads may ask.
constexpr ratelimit::Hosting kHosting{.seed = 1, .sharing = ratelimit::Sharing::kMulti};

/// What a table of limits is set to, ours and the peers' alike.
struct Setting {
  Rate rate;
  std::int64_t burst;
  [[nodiscard]] BucketOptions for_peers() const {
    return {.rate = rate.per_second(), .burst = static_cast<double>(burst)};
  }
};
/// Callers ask faster than they earn, with much saved up: each stays in the table, and passes.
const Setting kBusy{.rate = make_rate(1, std::chrono::seconds{2}), .burst = 1'000'000};
/// Callers have earned all back when they come again: each is as good as new.
const Setting kIdle{.rate = make_rate(1'000'000, std::chrono::seconds{1}), .burst = 20};

ratelimit::Spec bucket_spec(const Setting& setting, std::size_t callers) {
  ratelimit::Spec spec;
  spec.algorithm = "token_bucket";
  spec.rate = setting.rate;
  spec.burst = Tokens{setting.burst};
  // As full as a table is meant to be: two thirds.
  spec.max_keys = static_cast<std::int64_t>(callers * 3 / 2);
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

/// Ours with the shape of the peers.
struct Ours {
  ratelimit::Limiter limiter;
  ratelimit::Decision admit(std::uint64_t key, std::int64_t now) noexcept {
    return limiter.admit(key, TimePoint{Duration{now}});
  }
};

std::shared_ptr<Ours> ours_for(const Setting& setting, std::size_t callers) {
  return std::make_shared<Ours>(ratelimit::make(bucket_spec(setting, callers), kHosting).value());
}

/// Every caller once, so that all are known, as in a gateway after its first minutes.
template <class Limiter>
std::shared_ptr<Limiter> filled(std::shared_ptr<Limiter> limiter, std::size_t callers) {
  for (std::size_t i = 0; i < callers; ++i) {
    keep(limiter->admit(mix64(i + 1), std::int64_t{1}));
  }
  return limiter;
}

/// Our table beside a sharded map, and if `all_peers` beside the slower ones too.
Contest keyed_contest(const Setting& setting, std::size_t callers, const Draws& draws,
                      bool all_peers) {
  Contest contest;
  const BucketOptions options = setting.for_peers();
  const auto add = [&](std::string name, auto limiter, bool is_ours = false) {
    contest.contenders.push_back({.name = std::move(name),
                                  .work = over_callers(filled(limiter, callers), draws),
                                  .ours = is_ours});
  };
  add("headgate", ours_for(setting, callers), true);
  add("sharded hash map", std::make_shared<ShardedMap>(options, callers));
  if (!all_peers) return contest;
  add("mutex and hash map", std::make_shared<MutexMap>(options, callers));
  add("nginx limit_req", std::make_shared<NginxLimitReq>(options, callers));
  return contest;
}

Contest with_goal(Contest contest, double ns, std::optional<double> ratio = {}) {
  contest.goal_ns = ns;
  contest.goal_ratio = ratio;
  contest.goal_peer = "sharded hash map";
  return contest;
}

/// Work that asks one limit for everyone, `step` ns apart.
template <class Admit>
Work over_time(Admit admit, std::int64_t step) {
  return [admit, step, now = std::int64_t{0}](std::uint64_t count) mutable {
    for (std::uint64_t i = 0; i < count; ++i) keep(admit(now += step));
  };
}

/// One limit for everyone, so generous that all pass, or long spent so that none does.
Contest unkeyed_contest(double goal, bool refuses, ratelimit::Sharing sharing) {
  const BucketOptions options{.rate = refuses ? 1e-4 : 1e6};
  const std::int64_t step = refuses ? 1 : 2000;
  const Rate rate = refuses ? make_rate(1, std::chrono::seconds{10'000})
                            : make_rate(1, std::chrono::microseconds{1});
  const auto policy = ratelimit::TokenBucket::make({.rate = rate, .burst = {20}}).value();
  auto bucket = std::make_shared<ratelimit::Unkeyed<ratelimit::TokenBucket>>(policy, sharing);
  Contest contest{.goal_ns = goal};
  contest.contenders.push_back({.name = "headgate",
                                .work = over_time(
                                    [bucket](std::int64_t now) {
                                      return bucket->admit(0, TimePoint{Duration{now}}).admitted;
                                    },
                                    step),
                                .ours = true});
  const auto add = [&]<class Peer>(std::string name, std::shared_ptr<Peer> peer) {
    contest.contenders.push_back(
        {.name = std::move(name),
         .work = over_time([peer](std::int64_t now) { return peer->admit(now); }, step)});
  };
  add("governor, atomic word", std::make_shared<GovernorBucket>(options));
  add("folly, atomic double", std::make_shared<FollyBucket>(options));
  add("mutex", std::make_shared<MutexBucket>(options));
  return contest;
}

/// Five limits that decide as one.
Contest chain_contest(std::size_t callers, std::optional<double> goal) {
  constexpr std::size_t kLimits = 5;
  std::vector<ratelimit::Limiter> limiters;
  for (std::size_t i = 0; i < kLimits; ++i) {
    limiters.push_back(ratelimit::make(bucket_spec(kBusy, callers), kHosting).value());
  }
  auto chain = std::make_shared<ratelimit::Chain>(std::move(limiters));
  struct OurChain {
    std::shared_ptr<ratelimit::Chain> chain;
    bool admit(std::uint64_t key, std::int64_t now) {
      const std::array<std::uint64_t, kLimits> keys{key, key, key, key, key};
      return chain->admit(keys, TimePoint{Duration{now}}).decision.admitted;
    }
  };
  const Draws draws = uniform_draws(callers);
  Contest contest{.goal_ns = goal};
  contest.contenders.push_back(
      {.name = "headgate",
       .work = over_callers(filled(std::make_shared<OurChain>(chain), callers), draws),
       .ours = true});
  contest.contenders.push_back(
      {.name = "five sharded hash maps",
       .work = over_callers(
           filled(std::make_shared<ShardedChain>(kLimits, kBusy.for_peers(), callers), callers),
           draws)});
  return contest;
}

}  // namespace

std::vector<Planned> limiter_contests(bool tiny) {
  std::vector<Planned> all;
  const std::size_t million = tiny ? 1'000 : 1'000'000;
  const std::string_view times = tiny ? "1 k" : "1 M";
  const auto add_unkeyed = [&](const char* name, double goal, bool refuses, auto sharing) {
    all.push_back({name, [=] { return unkeyed_contest(goal, refuses, sharing); }});
  };
  add_unkeyed("unkeyed, admit", 4, false, ratelimit::Sharing::kMulti);
  add_unkeyed("unkeyed, admit, one thread", 4, false, ratelimit::Sharing::kSingle);
  add_unkeyed("unkeyed, refuse", 2.5, true, ratelimit::Sharing::kMulti);
  all.push_back({"chain of five, admit, 100 callers", [] { return chain_contest(100, 40); }});
  all.push_back({fmt::format("chain of five, admit, {} callers", times),
                 [=] { return chain_contest(million, {}); }});
  const auto add = [&](const std::string& name, auto make) {
    all.push_back({fmt::format("keyed admit, {}{}", times, name), make});
  };
  add(" callers, uniform", [=] {
    return with_goal(keyed_contest(kBusy, million, uniform_draws(million), true), 40, 0.5);
  });
  add(" callers, Zipf 0.99",
      [=] { return with_goal(keyed_contest(kBusy, million, zipf_draws(million), true), 20); });
  add(" x 10 callers, uniform", [=] {
    return with_goal(keyed_contest(kBusy, 10 * million, uniform_draws(10 * million), false), 120);
  });
  add(" callers, all idle",
      [=] { return keyed_contest(kIdle, million, uniform_draws(million), false); });
  return all;
}

}  // namespace headgate::study
