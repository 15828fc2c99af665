// Who inherits the keys of a target that fails, and keeps them.
#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

#include "headgate/balance/catalog.hpp"
#include "headgate/core/hash.hpp"
#include "unit/balance/targets.hpp"

namespace headgate::balance {
namespace {

TEST_CASE("hash policies: the heirs of one target keep its keys when another one fails") {
  for (const char* policy : {"ring_hash", "maglev", "rendezvous"}) {
    CAPTURE(policy);
    Balancer balancer = make({.policy = policy, .key = {"header:x"}}).value();
    std::vector<TargetInfo> infos;
    for (std::uint64_t i = 0; i < 10; ++i) infos.push_back({.id = mix64(i + 300)});
    balancer.rebuild(infos);
    std::vector<Target> one_down = idle(10);
    one_down[4].available = false;
    std::vector<Target> two_down = one_down;
    two_down[7].available = false;
    Random unused{1};
    for (std::uint64_t number = 0; number < 5'000; ++number) {
      const Call call{.now = {}, .key = mix64(number)};
      const std::size_t before = balancer.pick(one_down, call, unused).value();
      const std::size_t after = balancer.pick(two_down, call, unused).value();
      REQUIRE(two_down[after].available);
      if (before != 7) REQUIRE(after == before);
    }
  }
}

}  // namespace
}  // namespace headgate::balance
