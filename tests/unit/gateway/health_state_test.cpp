#include <catch2/catch.hpp>

#include "headgate/gateway/health_checker.hpp"

namespace headgate::gateway {
namespace {

HealthState state() { return HealthState{{.path = "/", .healthy_after = 2, .unhealthy_after = 3}}; }

TEST_CASE("health: a target is healthy until three checks in a row have failed") {
  HealthState target = state();
  CHECK(target.is_healthy());
  CHECK_FALSE(target.record(false));
  CHECK_FALSE(target.record(false));
  CHECK(target.is_healthy());
  CHECK(target.record(false));
  CHECK_FALSE(target.is_healthy());
}

TEST_CASE("health: one passed check forgives the failed ones before it") {
  HealthState target = state();
  for (const bool passed : {false, false, true, false, false}) CHECK_FALSE(target.record(passed));
  CHECK(target.record(false));
}

TEST_CASE("health: an unhealthy target comes back after two passed checks in a row") {
  HealthState target = state();
  for (int i = 0; i < 3; ++i) static_cast<void>(target.record(false));
  for (const bool passed : {true, false, true}) CHECK_FALSE(target.record(passed));
  CHECK_FALSE(target.is_healthy());
  CHECK(target.record(true));
  CHECK(target.is_healthy());
}

}  // namespace
}  // namespace headgate::gateway
