#include "headgate/arrival/schedule.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

namespace headgate::arrival {
namespace {

using std::chrono::hours;
using std::chrono::nanoseconds;
using std::chrono::seconds;

/// How many requests `schedule` intends before `end`.
template <Schedule S>
std::int64_t count_before(S schedule, Duration end) {
  std::int64_t count = 0;
  while (schedule.next() < end) ++count;
  return count;
}

TEST_CASE("constant schedule: thirds of a second are worked to the nanosecond") {
  ConstantSchedule schedule{Rate{.count = 3, .per = seconds{1}}};
  CHECK(schedule.next() == nanoseconds{0});
  CHECK(schedule.next() == nanoseconds{333'333'333});
  CHECK(schedule.next() == nanoseconds{666'666'666});
  CHECK(schedule.next() == nanoseconds{1'000'000'000});
  CHECK(schedule.next() == nanoseconds{1'333'333'333});
}

TEST_CASE("constant schedule: a duration holds exactly rate times duration requests") {
  CHECK(count_before(ConstantSchedule{{.count = 300, .per = seconds{1}}}, seconds{15}) == 4500);
  CHECK(count_before(ConstantSchedule{{.count = 7, .per = seconds{1}}}, seconds{100'000}) ==
        700'000);
  CHECK(count_before(ConstantSchedule{{.count = 5, .per = seconds{2}}}, seconds{4}) == 10);
  CHECK(count_before(ConstantSchedule{{.count = 1'000'003, .per = seconds{1}}}, seconds{1}) ==
        1'000'003);
  // Not whole: 2.5 requests in half a second begin three.
  CHECK(count_before(ConstantSchedule{{.count = 5, .per = seconds{1}}}, nanoseconds{500'000'000}) ==
        3);
}

TEST_CASE("constant schedule: it does not drift, and ends rather than overflows") {
  ConstantSchedule schedule{Rate{.count = 3, .per = seconds{1}}};
  Duration last{};
  for (int i = 0; i <= 3'000'000; ++i) last = schedule.next();
  CHECK(last == seconds{1'000'000});

  ConstantSchedule slow{Rate{.count = 1, .per = Duration{kNever.count() - 1}}};
  CHECK(slow.next() == Duration{});
  CHECK(slow.next() == Duration{kNever.count() - 1});
  CHECK(slow.next() == kNever);
  CHECK(slow.next() == kNever);
}

TEST_CASE("schedule: a rate of nothing sends nothing") {
  CHECK(ConstantSchedule{Rate{.count = 0, .per = seconds{1}}}.next() == kNever);
  CHECK(PoissonSchedule{Rate{.count = 0, .per = seconds{1}}, Random{1}}.next() == kNever);
}

TEST_CASE("poisson schedule: counts of equal windows have their mean for variance") {
  // 10 000 windows of 10 ms at 1000/s: ten each. The index of dispersion (variance over mean) of a
  // Poisson process is 1, here with a standard deviation of sqrt(2 / 9999) = 0.0141.
  constexpr int kWindows = 10'000;
  PoissonSchedule schedule{Rate{.count = 1000, .per = seconds{1}}, Random{21}};
  std::vector<int> counts(kWindows);
  Duration at = schedule.next();
  Duration before{};
  while (at < seconds{100}) {
    REQUIRE(at >= before);
    ++counts[static_cast<std::size_t>(at.count() / 10'000'000)];
    before = std::exchange(at, schedule.next());
  }
  double sum = 0;
  for (const int count : counts) sum += count;
  const double mean = sum / kWindows;
  CHECK(sum == Approx(100'000).margin(4 * std::sqrt(100'000)));
  double squares = 0;
  for (const int count : counts) squares += (count - mean) * (count - mean);
  CHECK(squares / (kWindows - 1) / mean == Approx(1).margin(4 * 0.0141));
}

TEST_CASE("poisson schedule: gaps of a few nanoseconds keep their rate") {
  // 500 million a second, a mean gap of 2 ns: rounding each gap down would lose a quarter.
  PoissonSchedule schedule{Rate{.count = 500'000'000, .per = seconds{1}}, Random{22}};
  constexpr int kCount = 1'000'000;
  Duration last{};
  for (int i = 0; i < kCount; ++i) last = schedule.next();
  // The sum of n exponential gaps has the deviation mean * sqrt(n) = 2000 ns.
  CHECK(static_cast<double>(last.count()) == Approx(2.0 * kCount).margin(4 * 2000));
}

TEST_CASE("poisson schedule: equal streams give equal times, and the far end is never") {
  const Rate rate{.count = 1, .per = hours{24 * 365 * 100}};
  PoissonSchedule a{rate, Random{23}};
  PoissonSchedule b{rate, Random{23}};
  for (int i = 0; i < 50; ++i) CHECK(a.next() == b.next());
  CHECK(a.next() == kNever);  // 292 years fit into the clock
}

TEST_CASE("arrivals: an open loop has a rate that can be set, a closed one has clients") {
  const Rate slow{.count = 1, .per = seconds{1}};
  const Rate fast{.count = 3, .per = seconds{1}};
  const Arrivals constant{ConstantArrivals{.rate = slow}};
  CHECK(constant.rate() == slow);
  CHECK(constant.at_rate(fast).rate() == fast);
  AnySchedule schedule{constant.at_rate(fast), Random{1}};
  CHECK(schedule.next() == Duration{});
  CHECK(schedule.next() == nanoseconds{333'333'333});

  const Arrivals poisson{PoissonArrivals{.rate = slow}};
  AnySchedule any{poisson.at_rate(fast), Random{24}};
  PoissonSchedule same{fast, Random{24}};
  for (int i = 0; i < 10; ++i) CHECK(any.next() == same.next());

  const Arrivals closed{ClosedArrivals{.clients = 64, .think = {}}};
  CHECK(closed.is_closed());
  CHECK_FALSE(closed.rate());
  CHECK(closed.closed()->clients == 64);
  CHECK(poisson.closed() == nullptr);
}

}  // namespace
}  // namespace headgate::arrival
