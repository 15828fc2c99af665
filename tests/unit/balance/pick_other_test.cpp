// A retry goes elsewhere: Pool::pick_other.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "headgate/balance/pool.hpp"

namespace headgate::balance {
namespace {

using namespace std::chrono_literals;

Pool pool_of(const std::string& policy, std::size_t count) {
  std::vector<TargetInfo> infos;
  for (std::size_t i = 0; i < count; ++i) infos.push_back({.id = i + 1});
  Spec spec;
  spec.policy = policy;
  auto pool = Pool::make(spec, infos);
  REQUIRE(pool);
  return *std::move(pool);
}

TEST_CASE("pool: pick_other never gives the target to avoid while another is available") {
  for (const std::string policy : {"round_robin", "two_choices", "random"}) {
    CAPTURE(policy);
    Pool pool = pool_of(policy, 3);
    Random random{1};
    for (int i = 0; i < 200; ++i) {
      const auto picked = pool.pick_other({}, 1, random);
      REQUIRE(picked);
      REQUIRE(*picked != 1);
    }
    CHECK(pool.targets()[1].available);
    CHECK(pool.targets()[0].in_flight + pool.targets()[2].in_flight == 200);
    CHECK(pool.targets()[0].in_flight > 0);
    CHECK(pool.targets()[2].in_flight > 0);
  }
}

TEST_CASE("pool: pick_other gives the target to avoid if it is the only one") {
  Pool pool = pool_of("round_robin", 2);
  Random random{1};
  pool.eject(0, TimePoint{1h}, TimePoint{});
  CHECK(pool.pick_other({}, 1, random) == 1U);
  CHECK(pool.targets()[1].in_flight == 1);
}

TEST_CASE("pool: a target to avoid that is ejected stays so, and comes back at its time") {
  Pool pool = pool_of("round_robin", 3);
  Random random{1};
  pool.eject(1, TimePoint{1s}, TimePoint{});
  for (int i = 0; i < 10; ++i) CHECK(pool.pick_other({}, 1, random) != 1U);
  CHECK_FALSE(pool.targets()[1].available);
  for (int i = 0; i < 10; ++i) CHECK(pool.pick_other({.now = TimePoint{1s}}, 1, random) != 1U);
  CHECK(pool.targets()[1].available);
}

}  // namespace
}  // namespace headgate::balance
