// Arrivals beyond Poisson: counts, dispersion and instants against closed forms and by hand.
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>
#include <vector>

#include "headgate/arrival/schedule.hpp"
#include "sampling.hpp"

namespace headgate::arrival {
namespace {

using namespace std::chrono_literals;

Rate per_second(std::int64_t count) { return make_rate(count, 1s); }

/// Requests of each window of `window`, over `windows` of them.
template <Schedule S>
std::vector<double> window_counts(S schedule, Duration window, std::size_t windows) {
  std::vector<double> counts(windows);
  Duration before{};
  bool ordered = true;
  for (Duration at = schedule.next(); at != kNever; at = schedule.next()) {
    ordered = ordered && at >= before;
    const auto index = static_cast<std::size_t>(at / window);
    if (index >= windows) break;
    ++counts[index];
    before = at;
  }
  REQUIRE(ordered);
  return counts;
}

struct Spread {
  double mean = 0;
  double dispersion = 0;  // variance over mean
};

Spread spread_of(const std::vector<double>& counts) {
  const auto n = static_cast<double>(counts.size());
  double sum = 0;
  for (const double count : counts) sum += count;
  const double mean = sum / n;
  double squares = 0;
  for (const double count : counts) squares += (count - mean) * (count - mean);
  return {.mean = mean, .dispersion = squares / (n - 1) / mean};
}

// ---- MMPP ----

MmppArrivals burst() {
  return MmppArrivals::make(std::vector{per_second(100), per_second(900)},
                            std::vector<Duration>{90ms, 10ms})
      .value();
}

/// The index of dispersion of the counts of a two-state MMPP over windows of t. Source: W. Fischer,
/// K. Meier-Hellstern, "The Markov-modulated Poisson process (MMPP) cookbook", Performance
/// Evaluation 18, 1993, section 2.
double dispersion_of_burst(double t) {
  const double r1 = 1 / 0.09;
  const double r2 = 1 / 0.01;
  const double r = r1 + r2;
  const double factor = 2 * 800 * 800 * r1 * r2 / (r * r * (100 * r2 + 900 * r1));
  return 1 + factor * (1 - (1 - std::exp(-r * t)) / (r * t));
}

TEST_CASE("mmpp: the counts have the mean and the dispersion of the closed form") {
  CHECK(burst().rate() == per_second(180));
  for (const Duration window : {Duration{5ms}, Duration{100ms}}) {
    const auto t = static_cast<double>(window.count()) / 1e9;
    CAPTURE(t);
    // Windows far apart against the 9 ms after which a state is forgotten would be independent; the
    // margins leave for what neighbours share.
    constexpr std::size_t kWindows = 20'000;
    const auto [mean, dispersion] =
        spread_of(window_counts(MmppSchedule{burst(), Random{51}}, window, kWindows));
    const double expected = dispersion_of_burst(t);
    const double long_run = dispersion_of_burst(1e3);
    CHECK(mean == Approx(180 * t).margin(4 * std::sqrt(180 * t * long_run / kWindows)));
    // Counts this skewed have a variance that itself scatters by about 3 sqrt(2 / n).
    CHECK(dispersion == Approx(expected).epsilon(4 * 3 * std::sqrt(2.0 / kWindows)));
  }
  CHECK(dispersion_of_burst(5e-3) > 2);  // far from the 1 of a Poisson process
}

TEST_CASE("mmpp: it is stationary from its first nanosecond") {
  // Over many seeds the first millisecond has the long-run mean too: 0.18 requests.
  double sum = 0;
  constexpr int kSeeds = 20'000;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    MmppSchedule schedule{burst(), Random{seed}};
    while (schedule.next() < 1ms) ++sum;
  }
  // Variance per seed: 0.18 times a dispersion of at most 1.32.
  CHECK(sum / kSeeds == Approx(0.18).margin(4 * std::sqrt(0.18 * 1.32 / kSeeds)));
}

TEST_CASE("mmpp: in a state without a rate nothing comes, and another rate moves no burst") {
  const std::vector<Duration> stays = {50ms, 50ms};
  const auto on_off =
      MmppArrivals::make(std::vector{per_second(0), per_second(100'000)}, stays).value();
  MmppSchedule slow{on_off, Random{52}};
  MmppSchedule fast{on_off.at_rate(per_second(100'000)), Random{52}};
  CHECK(on_off.at_rate(per_second(100'000)).rate() == per_second(100'000));
  // A gap of over 2 ms is 200 mean gaps: a pause. Its start is known to a gap or two.
  const auto pauses = [](MmppSchedule& schedule) {
    std::vector<Duration> starts;
    Duration before{};
    while (before < 5s) {
      const Duration at = schedule.next();
      if (at - before > 2ms) starts.push_back(before);
      before = at;
    }
    return starts;
  };
  const auto slow_pauses = pauses(slow);
  const auto fast_pauses = pauses(fast);
  REQUIRE(slow_pauses.size() > 30);
  REQUIRE(slow_pauses.size() == fast_pauses.size());
  for (std::size_t i = 0; i < slow_pauses.size(); ++i) {
    CHECK(std::abs((slow_pauses[i] - fast_pauses[i]).count()) < 1'000'000);
  }
}

TEST_CASE("mmpp: a wrong option is named") {
  const auto make = [](std::vector<Rate> rates, std::vector<Duration> stays) {
    return MmppArrivals::make(rates, stays);
  };
  CHECK(field_of(make({per_second(1)}, {1s})) == "rates");
  CHECK(field_of(make({per_second(1), per_second(2)}, {1s})) == "stay");
  CHECK(field_of(make({per_second(1), per_second(2)}, {1s, 0s})) == "stay");
  CHECK(field_of(make({per_second(0), per_second(0)}, {1s, 1s})) == "rates");
  CHECK(field_of(make({per_second(2'000'000'000), per_second(0)}, {1s, 1s})) == "rates");
  CHECK(field_of(make({make_rate(1, 24h), per_second(0)}, {1ns, 1ns})) == "stay");
}

// ---- Sine ----

SineArrivals swing() {
  return {.mean = per_second(300), .amplitude = per_second(200), .period = 60s};
}

TEST_CASE("sine: each part of the period has the integral of the rate") {
  // Twelfths of a period over 100 periods: 60/12 = 5 s, of which the integral is
  // 1500 - 200 * 60 / (2 pi) * (cos(2 pi (i+1)/12) - cos(2 pi i/12)).
  std::vector<double> sums(12);
  const auto counts = window_counts(SineSchedule{swing(), Random{53}}, 5s, 1200);
  for (std::size_t i = 0; i < counts.size(); ++i) sums[i % 12] += counts[i];
  for (std::size_t i = 0; i < 12; ++i) {
    const double turn = 2 * std::numbers::pi / 12;
    const auto at = static_cast<double>(i);
    const double mean = 100 * (1500 - 200 * 60 / (2 * std::numbers::pi) *
                                          (std::cos(turn * (at + 1)) - std::cos(turn * at)));
    CAPTURE(i);
    CHECK(sums[i] == Approx(mean).margin(4 * std::sqrt(mean)));
  }
}

TEST_CASE("sine: without a swing it is a Poisson process, and full swing stops at the bottom") {
  const SineArrivals flat{.mean = per_second(1000), .amplitude = Rate{}, .period = 1s};
  const auto [mean, dispersion] =
      spread_of(window_counts(SineSchedule{flat, Random{54}}, 10ms, 10'000));
  CHECK(mean == Approx(10).margin(4 * std::sqrt(10.0 / 10'000)));
  CHECK(dispersion == Approx(1).margin(4 * 0.0141));
  const SineArrivals full{.mean = per_second(1000), .amplitude = per_second(1000), .period = 1s};
  const auto counts = window_counts(SineSchedule{full, Random{55}}, 10ms, 10'000);
  double at_bottom = 0;  // 740 ms to 760 ms: 20 - 1000 / pi * sin(pi / 50) = 0.0131 in the mean
  for (std::size_t second = 0; second < 100; ++second) {
    at_bottom += counts[second * 100 + 74] + counts[second * 100 + 75];
  }
  CHECK(at_bottom < 10);  // 1.31 expected
}

TEST_CASE("sine: at another rate mean and amplitude are scaled; a wrong option is named") {
  const SineArrivals twice = swing().at_rate(per_second(600));
  CHECK(twice.mean == per_second(600));
  CHECK(twice.amplitude == per_second(400));
  CHECK(twice.period == 60s);
  const auto make = [](Rate mean, Rate amplitude, Duration period) {
    return SineArrivals::make({.mean = mean, .amplitude = amplitude, .period = period});
  };
  CHECK(make(per_second(3), per_second(3), 1s));
  CHECK(field_of(make(per_second(0), per_second(0), 1s)) == "mean");
  CHECK(field_of(make(per_second(3), per_second(4), 1s)) == "amplitude");
  CHECK(field_of(make(per_second(3), per_second(3), 0s)) == "period");
  CHECK(field_of(make(per_second(600'000'000), per_second(600'000'000), 1s)) == "mean");
}

// ---- Stages ----

using Stage = StagesArrivals::Stage;
using enum Stage::Kind;

TEST_CASE("stages: a ramp has the integral of its rate in every second, and then is over") {
  // From 100/s to 900/s in 8 s: second i has 150, 250 … 850 in the mean; a thousand runs.
  const auto ramp = StagesArrivals::make({{kRamp, per_second(100), per_second(900), 8s}}).value();
  CHECK(ramp.rate() == per_second(500));
  std::vector<double> sums(10);
  constexpr int kRuns = 1000;
  for (std::uint64_t seed = 0; seed < kRuns; ++seed) {
    const auto counts = window_counts(StagesSchedule{ramp, Random{seed}}, 1s, 10);
    for (std::size_t i = 0; i < counts.size(); ++i) sums[i] += counts[i];
  }
  for (std::size_t i = 0; i < 8; ++i) {
    const double mean = kRuns * (150 + 100 * static_cast<double>(i));
    CHECK(sums[i] == Approx(mean).margin(4 * std::sqrt(mean)));
  }
  CHECK(sums[8] == 0);
  CHECK(sums[9] == 0);
}

TEST_CASE("stages: ramps to and from nothing") {
  const auto hill = StagesArrivals::make({{kRamp, Rate{}, per_second(1000), 1s},
                                          {kRamp, per_second(1000), Rate{}, 1s},
                                          {kRamp, Rate{}, Rate{}, 1s}})
                        .value();
  double up = 0;
  double down = 0;
  constexpr int kRuns = 200;
  for (std::uint64_t seed = 0; seed < kRuns; ++seed) {
    const auto counts = window_counts(StagesSchedule{hill, Random{seed}}, 1s, 3);
    up += counts[0];
    down += counts[1];
    REQUIRE(counts[2] == 0);
  }
  CHECK(up == Approx(500 * kRuns).margin(4 * std::sqrt(500.0 * kRuns)));
  CHECK(down == Approx(500 * kRuns).margin(4 * std::sqrt(500.0 * kRuns)));
}

TEST_CASE("stages: each begins at its first nanosecond; a spike is one of them") {
  const auto spike = StagesArrivals::make({{kConstant, per_second(2), per_second(2), 1s},
                                           {kConstant, Rate{}, Rate{}, 1s},
                                           {kConstant, per_second(4), per_second(4), 500ms},
                                           {kPoisson, per_second(1000), per_second(1000), 10s}})
                         .value();
  StagesSchedule schedule{spike, Random{56}};
  CHECK(schedule.next() == 0s);
  CHECK(schedule.next() == 500ms);
  CHECK(schedule.next() == 2000ms);
  CHECK(schedule.next() == 2250ms);
  double rest = 0;
  for (Duration at = schedule.next(); at != kNever; at = schedule.next()) {
    REQUIRE(at >= 2500ms);
    REQUIRE(at < 12'500ms);
    ++rest;
  }
  CHECK(rest == Approx(10'000).margin(400));
  CHECK(schedule.next() == kNever);
  const auto twice = spike.at_rate(make_rate(2 * spike.rate().count, spike.rate().per));
  CHECK(twice.stages[0].from == per_second(4));
  CHECK(twice.stages[3].length == 10s);
}

TEST_CASE("stages: a wrong list is refused") {
  const auto why = [](std::vector<Stage> stages) {
    const auto made = StagesArrivals::make(std::move(stages));
    CHECK(field_of(made) == "stages");
    return made.error().why;
  };
  const Rate rate = per_second(1);
  CHECK(why({}) == "must be 1 to 10000");
  CHECK(why({{kPoisson, rate, rate, 0s}}) == "must each last longer than 0s");
  CHECK(why({{kPoisson, Rate{}, Rate{}, 1s}}) == "must not all have the rate 0");
  const Duration long_time = std::chrono::hours{24 * 365 * 20};
  CHECK(why({{kPoisson, rate, rate, long_time}, {kPoisson, rate, rate, long_time}}) ==
        "must end within 30 years");
}

// ---- Batches ----

TEST_CASE("batch: groups of the size, at the gaps of the distribution") {
  const auto batch = BatchArrivals::make(Distribution::constant(1s).value(), 3).value();
  CHECK(batch.rate() == per_second(3));
  BatchSchedule schedule{batch, Random{57}};
  for (const Duration at : {1s, 1s, 1s, 2s, 2s, 2s, 3s}) CHECK(schedule.next() == at);

  const auto random = BatchArrivals::make(Distribution::exponential(10ms).value(), 50).value();
  // Groups are a Poisson process of 100/s: counts in windows of 1 s have the mean 5000 and fifty
  // times the dispersion.
  const auto [mean, dispersion] =
      spread_of(window_counts(BatchSchedule{random, Random{58}}, 1s, 1000));
  CHECK(mean == Approx(5000).margin(4 * std::sqrt(5000.0 * 50 / 1000)));
  CHECK(dispersion == Approx(50).epsilon(4 * std::sqrt(2.0 / 1000)));
}

TEST_CASE("batch: at another rate the groups stay and the gaps shrink") {
  const auto batch = BatchArrivals::make(Distribution::constant(1s).value(), 3).value();
  const auto faster = batch.at_rate(per_second(12));
  CHECK(faster.rate() == per_second(12));
  BatchSchedule schedule{faster, Random{59}};
  for (const Duration at : {250ms, 250ms, 250ms, 500ms}) CHECK(schedule.next() == at);
  CHECK(field_of(BatchArrivals::make(Distribution{}, 3)) == "every");
  CHECK(field_of(BatchArrivals::make(Distribution::constant(1s).value(), 0)) == "size");
  CHECK(field_of(BatchArrivals::make(Distribution::constant(1us).value(), 1001)) == "every");
}

// ---- All ----

TEST_CASE("arrivals: at another rate every open shape has it, and equal streams give equal times") {
  const std::vector<Arrivals> all = {
      {burst()},
      {swing()},
      {StagesArrivals::make({{kRamp, per_second(100), per_second(900), 8s}}).value()},
      {BatchArrivals::make(Distribution::exponential(1s).value(), 50).value()},
      {TraceArrivals::make({0s, 1s, 4s}).value()}};
  for (const Arrivals& arrivals : all) {
    CAPTURE(arrivals.name());
    const Arrivals scaled = arrivals.at_rate(per_second(720));
    CHECK(scaled.rate().value().per_second() == Approx(720).epsilon(1e-6));
    CHECK(scaled.name() == arrivals.name());
    AnySchedule a{scaled, Random{60}};
    AnySchedule b{scaled, Random{60}};
    Duration before{};
    for (int i = 0; i < 100; ++i) {
      const Duration at = a.next();
      REQUIRE(at == b.next());
      REQUIRE(at >= before);
      before = at;
    }
  }
}

TEST_CASE("nearest rate: six digits at least, from one in a century to one per nanosecond") {
  for (const double wanted : {1e9, 123'456.789, 1.0, 0.999, 1.0 / 3, 1e-6, 3.2e-10}) {
    CAPTURE(wanted);
    CHECK(nearest_rate(wanted).per_second() == Approx(wanted).epsilon(1e-6));
  }
  CHECK(nearest_rate(180) == per_second(180));
  CHECK(nearest_rate(0).count == 0);
  CHECK(nearest_rate(1e-12).count == 0);  // not once in the 292 years of the clock
}

}  // namespace
}  // namespace headgate::arrival
