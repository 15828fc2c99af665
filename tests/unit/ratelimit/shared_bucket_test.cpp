// The numbers of a question and the meaning of an answer, by hand. That the script decides by them
// as the definition says is shown against a real Redis in integration/redis_script_test.
#include "headgate/ratelimit/shared_bucket.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "headgate/core/text.hpp"

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;
using Numbers = std::vector<std::int64_t>;

SharedBucket shared_bucket(const std::string& rate, std::int64_t burst) {
  return SharedBucket::make({.rate = *parse_rate(rate), .burst = {burst}}).value();
}

TEST_CASE("shared bucket: a question has the price of each offer, and how far ahead it may go") {
  // 7/s: a token costs 10^6 / 7 us = 142'857 us and 1/7 us; in lowest terms 7 per 10^9 ns, so there
  // are 7000 parts in a microsecond and 1/7 us is 1000 of them.
  Numbers numbers;
  shared_bucket("7/s", 3).append_question(numbers, std::array{Tokens{3}, Tokens{1}});
  CHECK(numbers == Numbers{SharedBucket::kKind, 7000, 2,    //
                           428'571, 3000, 0, 0,             // 3 tokens; nothing may be owed
                           142'857, 1000, 285'714, 2000});  // 1 token; two may be owed
}

TEST_CASE("shared bucket: what goes back is a price too") {
  Numbers numbers{99};
  shared_bucket("7/s", 3).append_return(numbers, {2});
  CHECK(numbers == Numbers{99, SharedBucket::kReturnKind, 7000, 285'714, 2000});
}

TEST_CASE(
    "shared bucket: the answer tells what is left, and the waits to the microsecond, rounded up") {
  const SharedBucket shared = shared_bucket("7/s", 3);
  // Half a token is owed: 71'428 us and 4/7 us, of which there are 4000 parts.
  const SharedSight sight{.now_us = 1000, .taken = 1, .first = 72'428, .second = 4000};
  const Decision spent = shared.decision(sight, {1}, true);
  CHECK(spent.admitted);
  CHECK(spent.reason == Reason::kAdmitted);
  CHECK(spent.remaining == Tokens{1});  // 1.5
  CHECK(spent.retry_after == 0s);
  CHECK(spent.reset_after == 214'286us);  // 71'428 4/7 + 142'857 1/7, up
  const Decision other = shared.decision(sight, {3}, false);
  CHECK_FALSE(other.admitted);
  CHECK(other.reason == Reason::kOverLimit);
  CHECK(other.remaining == Tokens{2});
  CHECK(other.retry_after == 71'429us);
  CHECK(other.reset_after == 71'429us);
}

TEST_CASE("shared bucket: one refused by another limit need not wait for this one") {
  const Decision decision =
      shared_bucket("1/s", 3).decision({.now_us = 5, .taken = 1, .first = 5}, {1}, false);
  CHECK(decision.retry_after == 0s);
  CHECK(decision.reset_after == 0s);
  CHECK(decision.remaining == Tokens{3});
}

TEST_CASE("shared bucket: the smallest debt is a wait of a microsecond") {
  const SharedSight sight{.now_us = 5, .taken = 1, .first = 5, .second = 1};
  CHECK(shared_bucket("7/s", 3).decision(sight, {1}, false).reset_after == 1us);
}

TEST_CASE("shared bucket: a full one in the past counts as full now") {
  const Decision decision = shared_bucket("1/s", 3).decision(
      {.now_us = 9, .taken = 1, .first = 2, .second = 5}, {3}, true);
  CHECK(decision.remaining == Tokens{0});
  CHECK(decision.reset_after == 3s);
}

TEST_CASE("shared bucket: its numbers must stay exact in doubles") {
  const auto where = [](const Rate& rate, std::int64_t burst) {
    const auto made = SharedBucket::make({.rate = rate, .burst = {burst}});
    return made ? std::string{"fine"} : made.error().where;
  };
  CHECK(where({.count = 0, .per = 1s}, 1) == "rate");
  CHECK(where({.count = 1, .per = 0s}, 1) == "rate");
  CHECK(where({.count = 1, .per = 1ns}, 1) == "fine");
  CHECK(where({.count = 1, .per = 1s}, 0) == "burst");
  CHECK(where({.count = std::int64_t{1} << 41, .per = Duration{(std::int64_t{1} << 41) + 1}}, 1) ==
        "fine");
  CHECK(where({.count = (std::int64_t{1} << 41) + 1, .per = Duration{(std::int64_t{1} << 41) + 2}},
              1) == "rate");
  // 2^50 us, and one token more.
  CHECK(where({.count = 1, .per = 1024us}, std::int64_t{1} << 40) == "fine");
  CHECK(where({.count = 1, .per = 1024us}, (std::int64_t{1} << 40) + 1) == "burst");
}

}  // namespace
}  // namespace headgate::ratelimit
