// Contests of balancers over 10 to 10 000 targets, and of a circuit breaker.
#include "peers/balancers.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "contest.hpp"
#include "headgate/balance/catalog.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/core/random.hpp"
#include "headgate/resilience/breaker.hpp"

namespace headgate::study {
namespace {

/// Our balancer over a pool whose targets have weights 1 to 5 and 0 to 7 requests in flight.
struct Field {
  balance::Balancer balancer;
  std::vector<balance::TargetInfo> infos;
  std::vector<balance::Target> targets;
  Random random{1};
  std::uint64_t turn = 0;

  Field(const balance::Spec& spec, std::size_t count)
      : balancer(balance::make(spec).value()), targets(count) {
    Random draw{2};
    for (std::size_t i = 0; i < count; ++i) {
      infos.push_back({.id = mix64(i + 1), .weight = static_cast<std::uint32_t>(1 + i % 5)});
      targets[i].in_flight = static_cast<std::uint32_t>(draw.below(8));
    }
    balancer.rebuild(infos);
    for (std::size_t i = 0; i < count; ++i) {  // those that learn have something to compare
      const auto ms = static_cast<std::int64_t>(1 + draw.below(20));
      balancer.done(i, {.latency = std::chrono::milliseconds{ms}}, TimePoint{});
    }
  }

  void pick(std::uint64_t count) {
    for (std::uint64_t i = 0; i < count; ++i) {
      ++turn;
      const balance::Call call{.now = TimePoint{Duration{static_cast<std::int64_t>(turn * 1000)}},
                               .key = turn * 0x9e3779b97f4a7c15U};
      keep(balancer.pick(targets, call, random).value_or(0));
    }
  }
};

std::vector<std::uint32_t> weights_of(const Field& field) {
  std::vector<std::uint32_t> weights;
  for (const balance::TargetInfo& info : field.infos) weights.push_back(info.weight);
  return weights;
}
std::vector<std::uint32_t> loads_of(const Field& field) {
  std::vector<std::uint32_t> loads;
  for (const balance::Target& target : field.targets) loads.push_back(target.in_flight);
  return loads;
}

Contender ours(const std::shared_ptr<Field>& field) {
  return {.name = "headgate",
          .work = [field](std::uint64_t count) { field->pick(count); },
          .ours = true};
}

/// A peer whose pick takes (number of the turn, random).
template <class Peer, class Pick>
Contender peer_of(std::string name, std::shared_ptr<Peer> peer, Pick pick) {
  auto random = std::make_shared<Random>(1);
  return {.name = std::move(name),
          .work = [peer, random, pick, turn = std::uint64_t{0}](std::uint64_t count) mutable {
            for (std::uint64_t i = 0; i < count; ++i) keep(pick(*peer, ++turn, *random));
          }};
}

Contest turn_contest(const balance::Spec& spec, std::size_t count) {
  auto field = std::make_shared<Field>(spec, count);
  Contest contest{.goal_ns = 4, .contenders = {ours(field)}};
  if (spec.policy == "weighted_round_robin") {
    const auto weights = weights_of(*field);
    contest.contenders.push_back(
        peer_of("nginx smooth, O(n)", std::make_shared<NginxSmooth>(weights),
                [](NginxSmooth& peer, std::uint64_t, Random&) { return peer.pick(); }));
    contest.contenders.push_back(
        peer_of("envoy EDF heap", std::make_shared<EnvoyEdf>(weights),
                [](EnvoyEdf& peer, std::uint64_t, Random&) { return peer.pick(); }));
  }
  return contest;
}

Contest maglev_contest(std::size_t count) {
  // A table has room for a hundred slots per target, as its authors advise.
  balance::Spec spec{.policy = "maglev"};
  spec.table_size = count > 1'000 ? 1'000'003 : count > 655 ? 100'003 : 65'537;
  Contest contest{.goal_ns = 4, .contenders = {}};
  contest.contenders.push_back(ours(std::make_shared<Field>(spec, count)));
  contest.contenders.push_back(
      peer_of("envoy table, modulo",
              std::make_shared<EnvoyMaglev>(count, static_cast<std::uint64_t>(*spec.table_size)),
              [](const EnvoyMaglev& peer, std::uint64_t turn, Random&) {
                return peer.pick(turn * 0x9e3779b97f4a7c15U);
              }));
  return contest;
}

Contest ring_contest(std::size_t count) {
  const balance::Spec spec{.policy = "ring_hash"};
  Contest contest{.goal_ns = 60, .contenders = {}};
  contest.contenders.push_back(ours(std::make_shared<Field>(spec, count)));
  constexpr std::size_t kPoints = 160;  // ketama's
  contest.contenders.push_back(peer_of("ketama, binary search",
                                       std::make_shared<KetamaRing>(count, kPoints),
                                       [](const KetamaRing& peer, std::uint64_t turn, Random&) {
                                         return peer.pick(turn * 0x9e3779b97f4a7c15U);
                                       }));
  return contest;
}

Contest two_choices_contest(std::size_t count) {
  const balance::Spec spec{.policy = "two_choices"};
  auto field = std::make_shared<Field>(spec, count);
  Contest contest{.goal_ns = 12, .contenders = {ours(field)}};
  contest.contenders.push_back(peer_of("envoy, with replacement",
                                       std::make_shared<EnvoyTwoChoices>(loads_of(*field)),
                                       [](const EnvoyTwoChoices& peer, std::uint64_t,
                                          Random& random) { return peer.pick(random); }));
  const auto weights = weights_of(*field);
  contest.contenders.push_back(
      peer_of("envoy EDF heap", std::make_shared<EnvoyEdf>(weights),
              [](EnvoyEdf& peer, std::uint64_t, Random&) { return peer.pick(); }));
  return contest;
}

Contest peak_ewma_contest(std::size_t count) {
  const balance::Spec spec{.policy = "peak_ewma"};
  auto field = std::make_shared<Field>(spec, count);
  Contest contest{.goal_ns = 25, .contenders = {ours(field)}};
  const auto loads = loads_of(*field);
  contest.contenders.push_back(
      peer_of("tower, lock and exp()", std::make_shared<TowerPeakEwma>(loads),
              [](TowerPeakEwma& peer, std::uint64_t turn, Random& random) {
                return peer.pick(static_cast<std::int64_t>(turn * 1000), random);
              }));
  return contest;
}

Contest plain_contest(const balance::Spec& spec, std::size_t count) {
  Contest contest;
  contest.contenders.push_back(ours(std::make_shared<Field>(spec, count)));
  return contest;
}

Contest breaker_contest() {
  Contest contest{.goal_ns = 10, .contenders = {}};
  auto breaker = std::make_shared<resilience::Breaker>(resilience::Breaker::make({}).value());
  contest.contenders.push_back(
      {.name = "headgate",
       .work =
           [breaker, now = TimePoint{}](std::uint64_t count) mutable {
             for (std::uint64_t i = 0; i < count; ++i) {
               now += std::chrono::microseconds{1};
               auto permit = breaker->allow(now);
               breaker->record(std::move(permit), {.latency = std::chrono::milliseconds{1}}, now);
             }
           },
       .ours = true});
  contest.contenders.push_back(peer_of("gobreaker, mutex", std::make_shared<MutexBreaker>(),
                                       [](MutexBreaker& peer, std::uint64_t turn, Random&) {
                                         const auto now = static_cast<std::int64_t>(turn * 1000);
                                         const bool allowed = peer.allow(now);
                                         peer.record(true, now);
                                         return allowed;
                                       }));
  return contest;
}

bool exists(std::string_view policy) {
  for (const CatalogEntry& entry : balance::catalog()) {
    if (entry.name == policy) return true;
  }
  return false;
}

}  // namespace

std::vector<Planned> balancer_contests(bool tiny) {
  std::vector<Planned> all;
  const auto add = [&](std::string_view policy, std::vector<std::size_t> counts, auto make) {
    if (!exists(policy)) return;
    if (tiny) counts = {10};
    for (const std::size_t count : counts) {
      all.push_back({fmt::format("{} pick, {} targets", policy, count), [policy, count, make] {
                       if constexpr (std::is_invocable_v<decltype(make), std::size_t>) {
                         return make(count);
                       } else {
                         return make(balance::Spec{.policy = std::string{policy}}, count);
                       }
                     }});
    }
  };
  add("round_robin", {10, 100, 1'000, 10'000}, turn_contest);
  add("weighted_round_robin", {10, 100, 1'000, 10'000}, turn_contest);
  add("maglev", {10, 100, 1'000, 10'000}, maglev_contest);
  add("two_choices", {10, 1'000}, two_choices_contest);
  add("peak_ewma", {10, 1'000}, peak_ewma_contest);
  add("ring_hash", {10, 1'000}, ring_contest);
  for (const char* const policy :
       {"random", "weighted_random", "least_requests", "choices", "weighted_least_requests",
        "least_response_time", "rendezvous", "locality", "hot_cold"}) {
    add(policy, {100}, plain_contest);
  }
  all.push_back({"breaker, allow and record", breaker_contest});
  return all;
}

}  // namespace headgate::study
