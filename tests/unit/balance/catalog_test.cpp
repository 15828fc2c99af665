#include "headgate/balance/catalog.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <string>

namespace headgate::balance {
namespace {

TEST_CASE("balance: every policy of the catalog can be made and picks an available target") {
  for (const CatalogEntry& entry : catalog()) {
    CAPTURE(entry.name);
    auto balancer = make({.policy = std::string{entry.name}});
    REQUIRE(balancer);
    CHECK(balancer->spec().policy == entry.name);
    Random random{1};
    const std::array<TargetInfo, 3> infos{{{.id = 1}, {.id = 2}, {.id = 3}}};
    balancer->rebuild(infos);
    const std::array<Target, 3> one_up{{{.available = false}, {}, {.available = false}}};
    for (int i = 0; i < 20; ++i) CHECK(balancer->pick(one_up, {}, random) == 1U);
    const std::array<Target, 2> none_up{{{.available = false}, {.available = false}}};
    balancer->rebuild(std::span{infos}.first(2));
    CHECK_FALSE(balancer->pick(none_up, {}, random));
    balancer->rebuild({});
    CHECK_FALSE(balancer->pick({}, {}, random));
    CHECK_FALSE(entry.summary.empty());
    CHECK_FALSE(entry.guarantee.empty());
    CHECK_FALSE(entry.source.empty());
  }
}

TEST_CASE("balance: an unknown policy is refused with what there is") {
  const auto wrong = make({.policy = "two_choice"});
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == Errc::kInvalidConfig);
  CHECK(wrong.error().where == "policy");
  CHECK(wrong.error().why ==
        "'two_choice' is not known; did you mean 'two_choices'?; there are: round_robin, "
        "two_choices, random");
  CHECK(make({.policy = "maglev"}).error().why ==
        "'maglev' is not known; there are: round_robin, two_choices, random");
}

}  // namespace
}  // namespace headgate::balance
