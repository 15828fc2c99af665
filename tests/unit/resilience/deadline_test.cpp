#include "headgate/resilience/deadline.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "headgate/core/random.hpp"
#include "steps.hpp"

namespace headgate::resilience {
namespace {

std::string written(Duration left) {
  std::array<char, kTimeoutTextMax> text{};
  return {text.data(), write_timeout(left, text)};
}

TEST_CASE("deadline: what is left shrinks to nothing and stays there") {
  const Deadline deadline = Deadline::after(at(1s), 10ms);
  CHECK(deadline.left(at(1s)) == 10ms);
  CHECK(deadline.left(at(1010ms) - 1ns) == 1ns);
  CHECK_FALSE(deadline.has_passed(at(1010ms) - 1ns));
  CHECK(deadline.has_passed(at(1010ms)));
  CHECK(deadline.left(at(1010ms)) == 0ns);
  CHECK(deadline.left(at(876'000h)) == 0ns);
}

TEST_CASE("deadline: none never passes and bounds nothing") {
  const Deadline none;
  CHECK_FALSE(none.is_set());
  CHECK_FALSE(none.has_passed(TimePoint::max()));
  CHECK(none.left(at(1s)) == kNever);
  CHECK(none.bound(5s, at(1s)) == 5s);
  CHECK_FALSE(none.less(1s).is_set());
  CHECK_FALSE(Deadline::after(at(1s), kNever).is_set());
  CHECK(Deadline::after(at(1s), 24h).is_set());
}

TEST_CASE("deadline: a step is bounded by what is left, and a hop only shortens it") {
  const Deadline deadline = Deadline::after(at(0s), 10ms);
  CHECK(deadline.bound(5ms, at(0s)) == 5ms);
  CHECK(deadline.bound(5ms, at(7ms)) == 3ms);
  CHECK(deadline.tightened(Deadline::after(at(0s), 20ms)).at() == at(10ms));
  CHECK(deadline.tightened(Deadline::after(at(0s), 8ms)).at() == at(8ms));
  CHECK(deadline.tightened({}).at() == at(10ms));
  CHECK(deadline.less(4ms).at() == at(6ms));
}

TEST_CASE("deadline: timeouts are written as gRPC writes them") {
  // Source: gRPC over HTTP/2: TimeoutValue is at most 8 digits.
  const std::vector<std::pair<Duration, std::string>> table{{0ns, "0n"},
                                                            {1ns, "1n"},
                                                            {99'999'999ns, "99999999n"},
                                                            {100ms, "100000u"},
                                                            {100ms + 999ns, "100000u"},
                                                            {99'999'999us, "99999999u"},
                                                            {100s, "100000m"},
                                                            {99'999'999ms, "99999999m"},
                                                            {100'000s, "100000S"},
                                                            {100'000'000s, "1666666M"},
                                                            {Duration::max(), "2562047H"}};
  for (const auto& [left, text] : table) {
    CAPTURE(left.count());
    CHECK(written(left) == text);
  }
  CHECK(parse_timeout("250m").value() == 250ms);
  CHECK(parse_timeout("1H").value() == 1h);
  CHECK(parse_timeout("3M").value() == 3min);
  CHECK(parse_timeout("7S").value() == 7s);
  CHECK(parse_timeout("7u").value() == 7us);
  CHECK(parse_timeout("99999999H").value() == Duration::max());
  CHECK(parse_timeout("2562047H").value() == 2'562'047h);
  for (const char* text : {"", "m", "1", "1s", "-1m", "+1m", "1.5m", " 1m", "1m ", "123456789n"}) {
    CAPTURE(text);
    CHECK(parse_timeout(text).error().where == text);
  }
}

TEST_CASE("deadline: a written timeout is never above the time left, and near it") {
  Random random{6};
  for (int i = 0; i < 20'000; ++i) {
    const Duration left{static_cast<std::int64_t>(random.bits() >> (1 + random.below(62)))};
    const Duration read = parse_timeout(written(left)).value();
    REQUIRE(read <= left);
    // Where digits are lost at least 100'000 of the unit are written.
    REQUIRE(left - read <= left / 100'000);
  }
}

}  // namespace
}  // namespace headgate::resilience
