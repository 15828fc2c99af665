#include "headgate/load/validity.hpp"

#include <catch2/catch.hpp>

namespace headgate::load {
namespace {

using namespace std::chrono_literals;

Evidence punctual() {
  return {.open_loop = true,
          .lateness_p99 = 100us,
          .response_p50 = 2ms,
          .scheduled = 10'000,
          .overdue = 0,
          .cpu_share_max = 0.3};
}

TEST_CASE("validity: a punctual generator with time to spare is valid") {
  CHECK(causes_of_invalidity(punctual()).empty());
}

TEST_CASE("validity: lateness may reach 1 ms, or a tenth of the median response if that is more") {
  Evidence evidence = punctual();
  evidence.lateness_p99 = 1ms;  // a tenth of 2 ms is less
  CHECK(causes_of_invalidity(evidence).empty());
  evidence.lateness_p99 = 1ms + 1ns;
  REQUIRE(causes_of_invalidity(evidence).size() == 1);
  CHECK_THAT(causes_of_invalidity(evidence)[0], Catch::Contains("sent late"));
  evidence.response_p50 = 50ms;  // now 5 ms are allowed
  CHECK(causes_of_invalidity(evidence).empty());
  evidence.lateness_p99 = 5ms + 1ns;
  CHECK(causes_of_invalidity(evidence).size() == 1);
}

TEST_CASE("validity: one per cent of the schedule may be overdue at its end") {
  Evidence evidence = punctual();
  evidence.overdue = 100;
  CHECK(causes_of_invalidity(evidence).empty());
  evidence.overdue = 101;
  REQUIRE(causes_of_invalidity(evidence).size() == 1);
  CHECK_THAT(causes_of_invalidity(evidence)[0], Catch::Contains("fell behind"));
}

TEST_CASE("validity: a thread over 85 % of a core makes any run invalid") {
  Evidence evidence = punctual();
  evidence.open_loop = false;
  evidence.cpu_share_max = 0.85;
  CHECK(causes_of_invalidity(evidence).empty());
  evidence.cpu_share_max = 0.86;
  REQUIRE(causes_of_invalidity(evidence).size() == 1);
  CHECK_THAT(causes_of_invalidity(evidence)[0], Catch::Contains("86 % of a core"));
}

TEST_CASE("validity: a closed loop has no schedule to be late for") {
  Evidence evidence = punctual();
  evidence.open_loop = false;
  evidence.lateness_p99 = 1s;
  evidence.overdue = 5'000;
  CHECK(causes_of_invalidity(evidence).empty());
}

TEST_CASE("validity: every cause is listed, not just the first") {
  CHECK(causes_of_invalidity({.open_loop = true,
                              .lateness_p99 = 1s,
                              .response_p50 = 1ms,
                              .scheduled = 10,
                              .overdue = 10,
                              .cpu_share_max = 1.0})
            .size() == 3);
}

TEST_CASE("validity: a run that scheduled nothing has nothing to be late with") {
  CHECK(causes_of_invalidity({.open_loop = true}).empty());
}

}  // namespace
}  // namespace headgate::load
