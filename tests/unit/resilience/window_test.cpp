#include "headgate/resilience/window.hpp"

#include <catch2/catch.hpp>
#include <deque>

#include "headgate/core/random.hpp"
#include "headgate/resilience/ratio.hpp"
#include "steps.hpp"

namespace headgate::resilience {
namespace {

struct Count {
  std::uint32_t n = 0;
  void operator+=(const Count& other) noexcept { n += other.n; }
  void operator-=(const Count& other) noexcept { n -= other.n; }
};

TEST_CASE(
    "window: it holds what happened in the newest ten whole buckets, by a slower definition") {
  // The oracle keeps every event and counts those whose bucket of 100 ms is one of the last ten.
  Window<Count> window{1s};
  std::deque<std::int64_t> buckets;
  Random random{7};
  TimePoint now{};
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t kind = random.below(100);
    const std::uint64_t step = kind == 0   ? random.below(3'000'000'000)
                               : kind < 50 ? 0
                                           : random.below(100'000'000);
    now += Duration{static_cast<std::int64_t>(step)};
    const std::int64_t bucket = now.time_since_epoch() / 100ms;
    while (!buckets.empty() && buckets.front() <= bucket - 10) buckets.pop_front();
    window.advance(now);
    REQUIRE(window.sum().n == buckets.size());
    window.add({1});
    buckets.push_back(bucket);
  }
}

TEST_CASE("window: a century later it is empty, and cleared it is empty at once") {
  Window<Count> window{1s};
  window.advance(at(5s));
  window.add({3});
  window.advance(at(876'000h));
  CHECK(window.sum().n == 0);
  window.add({2});
  window.clear();
  CHECK(window.sum().n == 0);
  window.advance(at(876'000h + 1s));
  CHECK(window.sum().n == 0);
}

TEST_CASE("window: its length is rounded up to ten equal buckets") {
  Window<Count> window{11ns};  // buckets of 2 ns
  window.advance(at(0ns));
  window.add({1});
  window.advance(at(19ns));
  CHECK(window.sum().n == 1);
  window.advance(at(20ns));
  CHECK(window.sum().n == 0);
}

TEST_CASE("ratio: it is reached exactly at the edge") {
  const Ratio third{Share{0.333333333}};
  CHECK(third.reached_by(1, 3));
  CHECK_FALSE(Ratio{Share{0.333333334}}.reached_by(1, 3));
  CHECK(Ratio{Share{0.1}}.reached_by(1, 10));
  CHECK_FALSE(Ratio{Share{0.1}}.reached_by(1, 11));
  CHECK(Ratio{Share{1}}.reached_by(4'000'000'000U, 4'000'000'000U));
  CHECK_FALSE(Ratio{Share{1}}.reached_by(3'999'999'999U, 4'000'000'000U));
  CHECK(Ratio{Share{0.2}}.of(1004) == 200);
  CHECK(Ratio{Share{0.29}}.of(100) == 29);
  CHECK(Ratio{1.5}.of(3) == 4);
}

}  // namespace
}  // namespace headgate::resilience
