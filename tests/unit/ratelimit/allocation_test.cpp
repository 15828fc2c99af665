// A limiter allocates when it is made and at no other time: this program's operator new counts.
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <utility>
#include <vector>

#include "every_spec.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/core/random.hpp"
#include "headgate/ratelimit/catalog.hpp"
#include "headgate/ratelimit/chain.hpp"
#include "support/allocations.hpp"

namespace headgate::ratelimit {
namespace {

using headgate::test::allocations;

using namespace std::chrono_literals;

/// Few slots and many callers: each overflow rule has its turn.
std::vector<Limiter> one_of_each(Overflow overflow, Sharing sharing, KeySource source) {
  std::vector<Limiter> limiters;
  for (const CatalogEntry& entry : catalog()) {
    Spec spec = test::spec_of(entry);
    spec.max_keys = 64;
    spec.overflow = overflow;
    spec.key = {{.source = source, .header = {}}};
    limiters.push_back(make(spec, {.seed = 1, .sharing = sharing}).value());
  }
  return limiters;
}

TEST_CASE("limiters: none allocates once it is made, whatever it is asked") {
  const auto overflow = GENERATE(Overflow::kStealOldest, Overflow::kAdmit, Overflow::kRefuse);
  const auto sharing = GENERATE(Sharing::kSingle, Sharing::kMulti);
  const auto source = GENERATE(KeySource::kClientIp, KeySource::kGlobal);
  std::vector<Limiter> limiters = one_of_each(overflow, sharing, source);
  Random random{1};
  std::uint64_t admitted = 0;
  std::uint64_t refused = 0;
  const std::uint64_t before = allocations();
  for (std::int64_t i = 0; i < 5'000; ++i) {
    const TimePoint now{i * 1ms};
    for (Limiter& limiter : limiters) {
      const std::uint64_t key = mix64(1 + random.below(100));
      static_cast<void>(limiter.peek(key, now));
      const bool passed = limiter.admit(key, now).admitted;
      ++(passed ? admitted : refused);
      if (passed && random.below(4) == 0) limiter.refund(key, now);
      if (i % 100 == 0) static_cast<void>(limiter.counters(now));
    }
  }
  const std::uint64_t allocated = allocations() - before;
  CHECK(allocated == 0);
  CHECK(admitted > 0);
  CHECK(refused > 0);
}

TEST_CASE("chain: it does not allocate once it is made") {
  Chain chain{one_of_each(Overflow::kStealOldest, Sharing::kMulti, KeySource::kClientIp)};
  std::vector<std::uint64_t> keys(catalog().size());
  std::vector<Decision> each(catalog().size());
  Random random{1};
  const std::uint64_t before = allocations();
  for (std::int64_t i = 0; i < 5'000; ++i) {
    const TimePoint now{i * 1ms};
    for (std::uint64_t& key : keys) key = mix64(1 + random.below(100));
    static_cast<void>(chain.peek(keys, now));
    if (!chain.admit(keys, now, {1}, each).decision.admitted) continue;
    if (i % 2 == 0) {
      chain.refund(keys, now);
    } else {
      chain.release(keys, now);
    }
  }
  const std::uint64_t allocated = allocations() - before;
  CHECK(allocated == 0);
}

}  // namespace
}  // namespace headgate::ratelimit
