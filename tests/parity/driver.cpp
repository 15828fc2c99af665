// A million decisions over all limiters and balancers, as one hash for each. Whoever compiles this,
// and however, must get the same hashes; `run` compares them.
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/balance/pool.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/core/random.hpp"
#include "headgate/ratelimit/catalog.hpp"
#include "headgate/ratelimit/chain.hpp"

namespace headgate::parity {
namespace {

using namespace std::chrono_literals;

struct Hash {
  std::uint64_t value = 0;
  void add(std::int64_t word) noexcept {
    value = combine64(value, static_cast<std::uint64_t>(word));
  }
  void add(const ratelimit::Decision& decision) noexcept {
    add(decision.admitted ? 1 : 0);
    add(static_cast<std::int64_t>(decision.reason));
    add(decision.remaining.count);
    add(decision.retry_after.count());
    add(decision.reset_after.count());
    add(decision.delay.count());
  }
};

/// Times that mostly go on, sometimes stand still, jump back or leap ahead; a few callers that are
/// heard of often and many that are not.
class Trace {
 public:
  struct Event {
    TimePoint now;
    std::uint64_t caller;
    Tokens cost;
    bool refund;
  };
  Event next() {
    const std::uint64_t kind = random_.below(1000);
    if (kind < 900) now_ += static_cast<std::int64_t>(random_.below(2'000'000));
    if (kind == 990) now_ -= static_cast<std::int64_t>(random_.below(1'000'000'000));
    if (kind == 991) now_ += static_cast<std::int64_t>(random_.below(100'000'000'000'000));
    if (kind == 992) now_ += 31;  // and else it stands still
    if (now_ < 0) now_ = 0;
    const std::uint64_t caller = random_.below(1 + random_.below(1 + random_.below(3000)));
    return {TimePoint{Duration{now_}},
            mix64(caller),
            {static_cast<std::int64_t>(1 + random_.below(4) / 3)},
            random_.below(20) == 0};
  }

 private:
  Random random_{7};
  std::int64_t now_ = 1'000'000'000;
};

/// The options that the algorithm has, set; those of no algorithm stay out.
ratelimit::Spec limit_spec(const CatalogEntry& entry) {
  ratelimit::Spec spec;
  spec.algorithm = entry.name;
  spec.max_keys = 1000;  // fewer than callers: slots are stolen
  for (const OptionInfo& option : entry.options) {
    if (option.name == "rate") spec.rate = make_rate(700, 3s);
    if (option.name == "burst") spec.burst = Tokens{13};
    if (option.name == "limit") spec.limit = Tokens{17};
    if (option.name == "window") spec.window = 77ms;
    if (option.name == "delay") spec.delay = Tokens{3};
    if (option.name == "period") spec.period = ratelimit::Period::kDay;
  }
  return spec;
}

std::uint64_t limiter_hash(const CatalogEntry& entry, ratelimit::Sharing sharing, int count) {
  auto limiter = ratelimit::make(limit_spec(entry), {.seed = 5, .sharing = sharing}).value();
  Trace trace;
  Hash hash;
  for (int i = 0; i < count; ++i) {
    const Trace::Event event = trace.next();
    if (event.refund) limiter.refund(event.caller, event.now, event.cost);
    if (i % 16 == 0) hash.add(limiter.peek(event.caller, event.now, event.cost));
    hash.add(limiter.admit(event.caller, event.now, event.cost));
  }
  return hash.value;
}

std::uint64_t chain_hash(ratelimit::Sharing sharing, int count) {
  std::vector<ratelimit::Limiter> limiters;
  for (const CatalogEntry& entry : ratelimit::catalog()) {
    limiters.push_back(ratelimit::make(limit_spec(entry), {.seed = 5, .sharing = sharing}).value());
  }
  std::vector<std::uint64_t> keys(limiters.size());
  ratelimit::Chain chain(std::move(limiters));
  Trace trace;
  Hash hash;
  for (int i = 0; i < count; ++i) {
    const Trace::Event event = trace.next();
    keys.assign(keys.size(), event.caller);
    if (event.refund) chain.refund(keys, event.now, event.cost);
    const ratelimit::ChainDecision decision = chain.admit(keys, event.now, event.cost);
    hash.add(decision.decision);
    hash.add(static_cast<std::int64_t>(decision.violated));
  }
  return hash.value;
}

std::vector<balance::TargetInfo> target_infos() {
  std::vector<balance::TargetInfo> infos;
  for (std::uint64_t i = 0; i < 13; ++i) {
    infos.push_back({.id = hash64("target-" + std::to_string(i)),
                     .weight = static_cast<std::uint32_t>(1 + i % 4),
                     .locality = static_cast<std::uint32_t>(i % 3)});
  }
  return infos;
}

/// Requests come and go, targets are slow in their own way, fail, and leave the pool for a while.
std::uint64_t pool_hash(const CatalogEntry& entry, int count) {
  auto pool = balance::Pool::make({.policy = std::string{entry.name}}, target_infos()).value();
  Random draws{9};
  Random world{11};
  TimePoint now{1s};
  std::vector<std::size_t> in_flight;
  Hash hash;
  for (int i = 0; i < count; ++i) {
    now += Duration{static_cast<std::int64_t>(world.below(1'000'000))};
    const auto picked = pool.pick({.now = now, .key = mix64(world.below(500))}, draws);
    hash.add(picked ? static_cast<std::int64_t>(*picked) : -1);
    if (picked) in_flight.push_back(*picked);
    while (in_flight.size() > 40 || (!in_flight.empty() && world.below(3) == 0)) {
      const std::size_t which = world.below(in_flight.size());
      const std::size_t target = in_flight[which];
      in_flight[which] = in_flight.back();
      in_flight.pop_back();
      const auto us = static_cast<std::int64_t>((1 + target) * (200 + world.below(1000)));
      pool.done(target, {.latency = Duration{us * 1000}, .failed = world.below(50) == 0}, now);
    }
    if (i % 500 == 0) {  // one draw a statement: the order of arguments is the compiler's
      const std::size_t target = world.below(13);
      const bool healthy = world.below(3) != 0;
      pool.set_healthy(target, healthy, now);
    }
  }
  return hash.value;
}

void print(std::string_view what, std::string_view name, std::uint64_t hash) {
  std::printf("%.*s %.*s %016llx\n", static_cast<int>(what.size()), what.data(),
              static_cast<int>(name.size()), name.data(), static_cast<unsigned long long>(hash));
}

}  // namespace

int main() {
  constexpr int kDecisions = 100'000;  // by each: a million by the limiters and their chain
  int differing = 0;
  for (const CatalogEntry& entry : ratelimit::catalog()) {
    const std::uint64_t single = limiter_hash(entry, ratelimit::Sharing::kSingle, kDecisions);
    const std::uint64_t multi = limiter_hash(entry, ratelimit::Sharing::kMulti, kDecisions);
    print("limiter", entry.name, single);
    print("limiter-multi", entry.name, multi);
    if (single != multi) ++differing;
  }
  const std::uint64_t single = chain_hash(ratelimit::Sharing::kSingle, kDecisions);
  const std::uint64_t multi = chain_hash(ratelimit::Sharing::kMulti, kDecisions);
  print("chain", "all", single);
  if (single != multi) ++differing;
  for (const CatalogEntry& entry : balance::catalog()) {
    print("balancer", entry.name, pool_hash(entry, kDecisions));
  }
  if (differing > 0) std::printf("DIFFER: %d single-threaded from multi-threaded\n", differing);
  return differing > 0 ? 1 : 0;
}

}  // namespace headgate::parity

int main() { return headgate::parity::main(); }
