#include "headgate/resilience/backoff.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <utility>
#include <vector>

#include "steps.hpp"

namespace headgate::resilience {
namespace {

Backoff make(Jitter jitter, Duration base = 100ms, Duration max = 1s) {
  const auto made = Backoff::make({.base = base, .max = max, .jitter = jitter});
  REQUIRE(made);
  return *made;
}

struct Range {
  Duration least = Duration::max();
  Duration greatest{};
  double mean = 0;
};

/// Of ten thousand draws of the wait before retry number `retry`.
Range range_of(const Backoff& backoff, std::uint32_t retry, Duration previous = {}) {
  Random random{3};
  Range range;
  for (int i = 0; i < 10'000; ++i) {
    const Duration delay = backoff.delay(retry, previous, random);
    range.least = std::min(range.least, delay);
    range.greatest = std::max(range.greatest, delay);
    range.mean += static_cast<double>(delay.count()) / 10'000;
  }
  return range;
}

/// The draws fill `low` to `high` evenly: no more than 0.1 % of it is empty at an end, and the mean
/// is in the middle to within four standard errors.
void check_uniform(const Range& range, Duration low, Duration high) {
  const Duration width = high - low;
  CHECK(range.least >= low);
  CHECK(range.least <= low + width / 1000);
  CHECK(range.greatest <= high);
  CHECK(range.greatest >= high - width / 1000);
  const auto middle = static_cast<double>((low + width / 2).count());
  CHECK(range.mean == Approx(middle).margin(4 * static_cast<double>(width.count()) / 346));
}

TEST_CASE("backoff: without jitter the waits double up to the most") {
  const Backoff backoff = make(Jitter::kNone);
  Random random{1};
  const std::vector<Duration> waits{100ms, 200ms, 400ms, 800ms, 1s, 1s};
  for (std::uint32_t i = 0; i < waits.size(); ++i) CHECK(backoff.delay(i, {}, random) == waits[i]);
  for (const std::uint32_t retry : {62U, 63U, 64U, 1'000'000U, 4'294'967'295U}) {
    CHECK(backoff.delay(retry, {}, random) == 1s);
  }
  CHECK(random.bits() == Random{1}.bits());  // nothing was drawn
  // The doubled wait is not yet the most: 3 is half of 7, rounded down.
  const Backoff odd = make(Jitter::kNone, 3us, 7us);
  CHECK(odd.delay(1, {}, random) == 6us);
  const Backoff fine = make(Jitter::kNone, 3us, 6001ns);
  CHECK(fine.delay(1, {}, random) == 6us);
}

TEST_CASE("backoff: full jitter is anything from nothing to the wait") {
  check_uniform(range_of(make(Jitter::kFull), 0), 0ms, 100ms);
  check_uniform(range_of(make(Jitter::kFull), 2), 0ms, 400ms);
  check_uniform(range_of(make(Jitter::kFull), 9), 0ms, 1s);
}

TEST_CASE("backoff: equal jitter keeps one half of the wait") {
  check_uniform(range_of(make(Jitter::kEqual), 0), 50ms, 100ms);
  check_uniform(range_of(make(Jitter::kEqual), 9), 500ms, 1s);
}

TEST_CASE("backoff: decorrelated jitter goes from base to three times the wait before") {
  const Backoff backoff = make(Jitter::kDecorrelated);
  check_uniform(range_of(backoff, 0), 100ms, 300ms);
  check_uniform(range_of(backoff, 0, 900ms), 100ms, 300ms);  // there was no wait before the first
  check_uniform(range_of(backoff, 1, 200ms), 100ms, 600ms);
  check_uniform(range_of(backoff, 5, 900ms), 100ms, 1s);
  check_uniform(range_of(backoff, 5, 20ms), 100ms, 300ms);  // no wait is below base
}

TEST_CASE("backoff: both ends of a range are drawn") {
  const Range range = range_of(make(Jitter::kFull, 1us, 1us), 0);
  CHECK(range.least == 0ns);
  CHECK(range.greatest == 1us);
}

TEST_CASE("backoff: options out of their range are refused by name") {
  const auto field = [](Duration base, Duration max) {
    return refused_field(Backoff::make({.base = base, .max = max}));
  };
  CHECK(field(1us, 1us) == "made");
  CHECK(field(999ns, 1s) == "base");
  CHECK(field(2s, 1s) == "max");
  CHECK(field(1s, 24h) == "made");
  CHECK(field(1s, 24h + 1ns) == "max");
  for (const Jitter jitter :
       {Jitter::kNone, Jitter::kFull, Jitter::kEqual, Jitter::kDecorrelated}) {
    CHECK(parse_jitter(to_text(jitter)).value() == jitter);
  }
  CHECK(to_text(Jitter::kDecorrelated) == "decorrelated");
  CHECK(parse_jitter("some").error().where == "jitter");
}

}  // namespace
}  // namespace headgate::resilience
