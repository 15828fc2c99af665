#include "headgate/resilience/bulkhead.hpp"

#include <catch2/catch.hpp>
#include <deque>
#include <utility>

#include "headgate/core/random.hpp"
#include "steps.hpp"

namespace headgate::resilience {
namespace {

using Entry = Bulkhead::Entry;

Bulkhead make(const Bulkhead::Config& config) {
  auto made = Bulkhead::make(config);
  REQUIRE(made);
  return *std::move(made);
}

TEST_CASE("bulkhead: limit calls are in, queue wait, the rest is refused") {
  Bulkhead bulkhead = make({.limit = 2, .queue = 1});
  CHECK(bulkhead.enter(1, at(0s)) == Entry::kEntered);
  CHECK(bulkhead.enter(2, at(0s)) == Entry::kEntered);
  CHECK(bulkhead.enter(3, at(0s)) == Entry::kWaits);
  CHECK(bulkhead.enter(4, at(0s)) == Entry::kFull);
  CHECK(bulkhead.in_flight() == 2);
  CHECK(bulkhead.waiting() == 1);
  CHECK(bulkhead.leave() == 3U);
  CHECK(bulkhead.in_flight() == 2);
  CHECK_FALSE(bulkhead.leave());
  CHECK_FALSE(bulkhead.leave());
  CHECK(bulkhead.in_flight() == 0);
}

TEST_CASE("bulkhead: without a queue it refuses at once") {
  Bulkhead bulkhead = make({.limit = 1, .queue = 0});
  CHECK(bulkhead.enter(1, at(0s)) == Entry::kEntered);
  CHECK(bulkhead.enter(2, at(0s)) == Entry::kFull);
}

TEST_CASE("bulkhead: who has waited for max_wait is refused, the oldest first") {
  Bulkhead bulkhead = make({.limit = 1, .queue = 3, .max_wait = 10ms});
  CHECK(bulkhead.next_timeout() == TimePoint::max());
  REQUIRE(bulkhead.enter(1, at(0ms)) == Entry::kEntered);
  REQUIRE(bulkhead.enter(2, at(0ms)) == Entry::kWaits);
  REQUIRE(bulkhead.enter(3, at(5ms)) == Entry::kWaits);
  CHECK(bulkhead.next_timeout() == at(10ms));
  CHECK_FALSE(bulkhead.on_timeout(at(10ms) - 1ns));
  CHECK(bulkhead.on_timeout(at(10ms)) == 2U);
  CHECK_FALSE(bulkhead.on_timeout(at(10ms)));
  CHECK(bulkhead.next_timeout() == at(15ms));
  CHECK(bulkhead.leave() == 3U);
}

TEST_CASE("bulkhead: no more are in than the limit, and all who wait are served in their order") {
  Bulkhead bulkhead = make({.limit = 3, .queue = 5});
  std::deque<std::uint64_t> waiting;
  std::uint32_t inside = 0;
  Random random{2};
  for (std::uint64_t id = 0; id < 20'000; ++id) {
    if (random.below(2) == 0) {
      const Entry entry = bulkhead.enter(id, at(0s));
      REQUIRE(entry == (inside < 3           ? Entry::kEntered
                        : waiting.size() < 5 ? Entry::kWaits
                                             : Entry::kFull));
      inside += entry == Entry::kEntered ? 1 : 0;
      if (entry == Entry::kWaits) waiting.push_back(id);
    } else if (inside > 0) {
      const auto next = bulkhead.leave();
      REQUIRE(next.has_value() == !waiting.empty());
      if (next) {
        REQUIRE(*next == waiting.front());
        waiting.pop_front();
      } else {
        --inside;
      }
    }
    REQUIRE(bulkhead.in_flight() == inside);
    REQUIRE(inside <= 3);
  }
}

TEST_CASE("bulkhead: options out of their range are refused by name") {
  const auto field = [](const Bulkhead::Config& config) {
    return refused_field(Bulkhead::make(config));
  };
  CHECK(field({}) == "made");
  CHECK(field({.limit = 1'000'000, .queue = 1'000'000, .max_wait = 1h}) == "made");
  CHECK(field({.limit = 0}) == "limit");
  CHECK(field({.limit = 1'000'001}) == "limit");
  CHECK(field({.queue = 1'000'001}) == "queue");
  CHECK(field({.max_wait = 0s}) == "max_wait");
  CHECK(field({.max_wait = 2h}) == "max_wait");
}

}  // namespace
}  // namespace headgate::resilience
