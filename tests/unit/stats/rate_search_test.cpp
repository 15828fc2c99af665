#include "headgate/stats/rate_search.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "headgate/core/random.hpp"

namespace headgate::stats {
namespace {

/// A slice of an M/M/1 queue that starts empty, by Lindley's recursion: the share of sojourns over
/// `limit`, or their mean.
class Queue {
 public:
  Queue(double service_rate, std::uint64_t seed) : service_rate_{service_rate}, random_{seed} {}

  RateSlice slice(double rate, double seconds, double limit) {
    double at = 0;
    double work = 0;  // that stands before who arrives
    double over = 0;
    double sum = 0;
    double requests = 0;
    for (;;) {
      const double gap = exponential(rate);
      at += gap;
      if (at > seconds) break;
      work = std::max(0.0, work - gap) + exponential(service_rate_);
      over += work > limit ? 1 : 0;
      sum += work;
      ++requests;
    }
    requests = std::max(requests, 1.0);
    return {
        .rate = rate, .requests = requests, .value = limit > 0 ? over / requests : sum / requests};
  }

 private:
  double exponential(double rate) { return -std::log1p(-random_.uniform()) / rate; }

  double service_rate_;
  Random random_;
};

struct Found {
  Estimate estimate;
  double seconds = 0;
};

/// Searches as the command does: slices of one second, then of two, for `time` seconds.
Found search(Queue& queue, const RateSearchOptions& options, double limit, double time) {
  RateSearch search{options};
  double spent = 0;
  while (!search.holds_always() && !search.holds_never()) {
    const double seconds = search.is_near() ? 2 : 1;
    if (spent + seconds > time) break;
    spent += seconds;
    search.add(queue.slice(search.next(), seconds, limit));
  }
  return {search.answer(), spent};
}

TEST_CASE("rate search: 40 searches for M/M/1's p99 of 20 ms are within 3 %, 38 at least") {
  // Sojourns are exponential with the rate mu - lambda: p99 = ln 100 / (mu - lambda).
  const double truth = 2000 - std::log(100) / 0.02;
  REQUIRE(truth == Approx(1769.7).margin(0.1));
  int within = 0;
  int covered = 0;
  double bias = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Queue queue{2000, seed};
    const Found found = search(queue, {.start = 100}, 0.02, 80);
    within += std::abs(found.estimate.value / truth - 1) < 0.03 ? 1 : 0;
    covered += found.estimate.low <= truth && truth <= found.estimate.high ? 1 : 0;
    bias += (found.estimate.value / truth - 1) / 40;
  }
  CAPTURE(bias, covered);
  CHECK(within >= 38);
  CHECK(covered >= 30);
  CHECK(std::abs(bias) < 0.01);
}

TEST_CASE("rate search: the mean of M/M/1 is 1 / (mu - lambda)") {
  // 5 ms at mu = 1000: lambda = 800.
  int within = 0;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Queue queue{1000, seed};
    const Found found = search(queue, {.start = 100, .bound = 0.005, .is_share = false}, 0, 80);
    within += std::abs(found.estimate.value / 800 - 1) < 0.05 ? 1 : 0;
  }
  CHECK(within >= 9);
}

TEST_CASE("rate search: it finds a cliff, from above and from below") {
  for (const double start : {1.0, 50.0, 700.0, 90'000.0}) {
    RateSearch search{{.start = start}};
    for (int i = 0; i < 60; ++i) {
      const double rate = search.next();
      search.add({.rate = rate, .requests = 1000, .value = rate > 777 ? 1.0 : 0.0});
    }
    CAPTURE(start);
    CHECK(search.answer().value == Approx(777).epsilon(0.02));
  }
}

TEST_CASE("rate search: one lucky slice does not lead it astray") {
  // The first slice over the limit seems to hold.
  RateSearch search{{.start = 100}};
  bool lucky = true;
  for (int i = 0; i < 60; ++i) {
    const double rate = search.next();
    double share = std::min(1.0, 0.01 * std::exp((rate / 780 - 1) * 35));
    if (rate > 780 && lucky) {
      share = 0;
      lucky = false;
    }
    search.add({.rate = rate, .requests = 1000, .value = share});
  }
  CHECK(search.answer().value == Approx(780).epsilon(0.02));
}

TEST_CASE("rate search: a limit that turns up on the way is the end of it") {
  RateSearch search{{.start = 100}};
  search.add({.rate = 100, .requests = 100, .value = 0});
  search.add({.rate = 200, .requests = 100, .value = 0});
  search.limit(300);
  CHECK(search.next() == 300);
  search.add({.rate = 300, .requests = 100, .value = 0});
  CHECK(search.holds_always());
  CHECK(search.answer().value == 300);
}

TEST_CASE("rate search: a promise that always holds, or never, ends it") {
  const auto ended = [](double value) {
    RateSearch search{{.start = 100, .least = 10, .most = 1000}};
    int slices = 0;
    while (!search.holds_always() && !search.holds_never()) {
      search.add({.rate = search.next(), .requests = 100, .value = value});
      REQUIRE(++slices < 20);
    }
    return search;
  };
  CHECK(ended(0).holds_always());
  CHECK(ended(0).answer().value == 1000);
  CHECK(ended(1).holds_never());
  CHECK(ended(1).answer().value == 0);
  CHECK(ended(1).answer().confidence == 0);
}

}  // namespace
}  // namespace headgate::stats
