// The formulas against printed tables. Most figures were computed apart from this code, with sixty
// digits where a series alternates; those of a paper say which.
#include <catch2/catch.hpp>
#include <cmath>
#include <cstddef>
#include <vector>

#include "headgate/sim/theory/formulas.hpp"

namespace headgate::sim::theory {
namespace {

// As many digits as the table prints.
Approx digits(double value, int decimals) {
  return Approx(value).epsilon(0).margin(0.51 * std::pow(10, -decimals));
}

TEST_CASE("formulas: Erlang B is that of the table") {
  CHECK(erlang_b({1, 0.5}) == Approx(1.0 / 3));
  CHECK(erlang_b({5, 4}) == digits(.199067, 6));
  CHECK(erlang_b({10, 10}) == digits(.214582, 6));
  CHECK(erlang_b({50, 45}) == digits(.054104, 6));
  CHECK(erlang_b({100, 120}) == digits(.196270, 6));
  CHECK(erlang_b({1000, 1000}) == digits(.024812, 6));
}

TEST_CASE("formulas: Erlang C, its wait and its quantiles are those of the table") {
  CHECK(erlang_c({2, 1.6}) == digits(.71111, 5));
  CHECK(mmc_wait({2, 1.6}) == digits(1.77778, 5));
  CHECK(erlang_c({100, 95}) == digits(.50646, 5));
  CHECK(mmc_wait({100, 95}) == digits(.10129, 5));
  const Tail ten = mmc_response_tail({10, 9});  // wait and service decay alike here
  CHECK(quantile(ten, 0.5) == digits(1.3291, 4));
  CHECK(quantile(ten, 0.95) == digits(4.3609, 4));
  CHECK(quantile(ten, 0.999) == digits(8.8411, 4));
  const Tail two = mmc_response_tail({2, 1.6});
  CHECK(quantile(two, 0.5) == digits(2.0400, 4));
  CHECK(quantile(two, 0.99) == digits(11.9374, 4));
  const Tail one = mmc_response_tail({1, 0.9});
  CHECK(quantile(one, 0.99) == digits(46.0517, 4));
}

TEST_CASE("formulas: a quantile below the jump at zero is zero, and means up to a limit add up") {
  CHECK(quantile([](double t) { return 0.4 * std::exp(-t); }, 0.5) == 0);
  CHECK(mean_up_to([](double t) { return std::exp(-t); }, 2) == Approx(1 - std::exp(-2)));
}

TEST_CASE("formulas: M/M/c/K refuses and holds as in the table") {
  const Finite one = mmck({1, 1.2}, 10);
  CHECK(one.refused == digits(.192586, 6));
  CHECK(one.number == digits(6.7107, 4));
  CHECK(one.response == digits(6.9261, 4));
  const Finite long_one = mmck({1, 1.2}, 100);
  CHECK(long_one.refused == digits(.166667, 6));
  CHECK(long_one.number == digits(95.0000, 4));
  const Finite ten = mmck({10, 10}, 20);
  CHECK(ten.refused == digits(.068212, 6));
  CHECK(ten.response == digits(1.4026, 4));
  CHECK(mmck({5, 4}, 5).refused == Approx(erlang_b({5, 4})));
}

TEST_CASE("formulas: Erlang A loses and waits as in the table") {
  const Impatient ten = erlang_a({10, 9}, 2);
  CHECK(ten.gone == digits(.067012, 6));
  CHECK(ten.waited == digits(.468942, 6));
  CHECK(ten.wait == digits(.134023, 6));
  const Impatient over = erlang_a({10, 12}, 2);
  CHECK(over.gone == digits(.195656, 6));
  CHECK(over.waited == digits(.850385, 6));
  const Impatient hundred = erlang_a({100, 100}, 5);
  CHECK(hundred.gone == digits(.024647, 6));
  CHECK(hundred.wait == digits(.123235, 6));
}

TEST_CASE("formulas: the closed loop is that of the mean value analysis") {
  CHECK(closed_loop(1, 1, 9).throughput == digits(.1, 5));
  CHECK(closed_loop(10, 1, 9).throughput == digits(.83204, 5));
  CHECK(closed_loop(10, 1, 9).response == digits(3.01870, 5));
  CHECK(closed_loop(20, 1, 9).response == digits(11.01235, 5));
  CHECK(closed_loop(50, 1, 9).response == digits(41.0, 5));
  // Two clients and two servers never wait: the cycle is 9 + 1.
  CHECK(closed_loop(2, 2, 9).throughput == Approx(0.2));
  CHECK(closed_loop(2, 2, 9).busy == Approx(0.1));
}

TEST_CASE("formulas: Pollaczek and Khinchine") {
  CHECK(mg1_wait(.5, 0) == Approx(.5));
  CHECK(mg1_wait(.9, 4) == Approx(22.5));
}

TEST_CASE("formulas: the waits of M/D/1 are those that sixty digits give") {
  const Tail half = md1_wait_tail(.5);
  CHECK(half(0) == Approx(.5));
  CHECK(quantile(half, .5) == 0);
  CHECK(quantile(half, .9) == digits(1.5157, 4));
  CHECK(quantile(half, .999) == digits(5.1684, 4));
  const Tail high = md1_wait_tail(.95);
  CHECK(quantile(high, .5) == digits(6.4807, 4));
  CHECK(quantile(high, .99) == digits(44.9378, 4));
  CHECK(quantile(high, .999) == digits(67.5733, 4));
  CHECK(mean_up_to(half, 40) == Approx(mg1_wait(.5, 0)).epsilon(1e-4));
}

TEST_CASE("formulas: M/D/1/K loses as a token bucket refuses") {
  CHECK(md1k(.5, 1).refused == digits(.333333, 6));
  CHECK(md1k(.8, 2).refused == digits(.199570, 6));
  CHECK(md1k(1, 5).refused == digits(.103449, 6));
  CHECK(md1k(.9, 10).refused == digits(.016632, 6));
  CHECK(md1k(1, 100).refused == digits(.005008, 6));
  CHECK(md1k(2, 2).refused == digits(.531689, 6));
  CHECK(md1k(1.5, 50).refused == digits(.333333, 6));
  // One place: who is admitted is served at once.
  CHECK(md1k(.7, 1).response == Approx(1));
  // Many places: as without a bound.
  CHECK(md1k(.5, 60).response == Approx(1 + mg1_wait(.5, 0)));
}

TEST_CASE("formulas: M/H2/1 with balanced means has the shape and the waits of the table") {
  const HyperExponential four = balanced_means(4);
  CHECK(four.share[0] == digits(.887298, 6));
  CHECK(four.rate[0] == digits(1.774597, 6));
  CHECK(four.rate[1] == digits(.225403, 6));
  const Tail waits = mh21_wait_tail(four, .8);
  CHECK(waits(0) == Approx(.8));
  CHECK(quantile(waits, .5) == digits(4.8089, 4));
  CHECK(quantile(waits, .99) == digits(60.0126, 4));
  CHECK(quantile(mh21_wait_tail(balanced_means(10), .9), .999) == digits(400.425, 3));
  CHECK(mean_up_to(mh21_wait_tail(four, .5), 200) == Approx(mg1_wait(.5, 4)).epsilon(1e-6));
}

TEST_CASE("formulas: round robin and paced arrivals are those of the G/M/1 table") {
  const auto response = [](double sigma) { return 1 / (1 - sigma); };
  CHECK(response(erlang_arrivals_sigma(.9, 1)) == Approx(10));
  CHECK(response(erlang_arrivals_sigma(.5, 2)) == digits(1.61803, 5));  // the golden ratio
  CHECK(response(erlang_arrivals_sigma(.9, 10)) == digits(5.66028, 5));
  CHECK(response(erlang_arrivals_sigma(.95, 100)) == digits(10.2707, 4));
  CHECK(response(paced_sigma(.8)) == digits(2.69273, 5));
  CHECK(response(paced_sigma(.95)) == digits(10.1724, 4));
  // Equal rates in both branches are Poisson arrivals.
  CHECK(response(hyperexponential_arrivals_sigma(.8, {{.5, .5}, {1, 1}})) == Approx(5));
}

TEST_CASE("formulas: choices among infinitely many servers are those of the mean field table") {
  CHECK(mean_field_response(.9, 2) == digits(2.61406, 5));
  CHECK(mean_field_response(.7, 3) == digits(1.35684, 5));
  CHECK(mean_field_response(.99, 5) == digits(2.90168, 5));
  CHECK(mean_field_response(.5, 10) == digits(1.00098, 5));
  const Tail two = mean_field_response_tail(.9, 2);
  CHECK(quantile(two, .5) == digits(2.2019, 4));
  CHECK(quantile(two, .95) == digits(6.4033, 4));
  CHECK(quantile(two, .999) == digits(11.9316, 4));
}

// Mean response time when two servers' queues are joined where they are shorter, by stepping the
// chain of the two queues through small parts of time until it rests.
double shorter_of_two(double load, int longest) {
  const int side = longest + 1;
  const auto at = [side](int i, int j) { return static_cast<std::size_t>(i * side + j); };
  std::vector<double> now(at(longest, longest) + 1);
  now[0] = 1;
  double mean = 0;
  for (int step = 0; step < 4000; ++step) {
    std::vector<double> next(now.size());
    mean = 0;
    for (int i = 0; i < side; ++i) {
      for (int j = 0; j < side; ++j) {
        const double part = now[at(i, j)] / 4;  // a quarter of a service time
        const double joins_i = 2 * load * (i < j ? 1 : i == j ? 0.5 : 0);
        const double joins_j = 2 * load - joins_i;
        next[at(i > 0 ? i - 1 : i, j)] += part;
        next[at(i, j > 0 ? j - 1 : j)] += part;
        next[at(i < longest ? i + 1 : i, j)] += part * joins_i;
        next[at(i, j < longest ? j + 1 : j)] += part * joins_j;
        next[at(i, j)] += part * (2 - 2 * load);
        mean += 4 * part * (i + j);
      }
    }
    now = next;
  }
  return mean / (2 * load);
}

TEST_CASE("formulas: the chain of sorted queues") {
  // One choice is a random split: M/M/1.
  CHECK(shortest_of_response(2, 1, .5, 40) == Approx(2).epsilon(1e-8));
  CHECK(shortest_of_response(3, 1, .3, 20) == Approx(1 / .7).epsilon(1e-7));
  // Two queues, the shorter one: between the bounds of any such policy, one queue for both and a
  // random split, and as the chain of the queues as they stand has it.
  const double shorter = shortest_of_response(2, 2, .5, 24);
  CHECK(shorter > 1 + mmc_wait({2, 1}));
  CHECK(shorter < 2);
  CHECK(shorter == Approx(shorter_of_two(.5, 24)).epsilon(1e-7));
  // More choices are better.
  CHECK(shortest_of_response(3, 3, .5, 25) < shortest_of_response(3, 2, .5, 25));
}

TEST_CASE("formulas: a counting window refuses as in the table") {
  CHECK(fixed_window_refused(10, 8) == digits(.053233, 6));
  CHECK(fixed_window_refused(10, 10) == digits(.125110, 6));
  CHECK(fixed_window_refused(100, 90) == digits(.008332, 6));
  CHECK(fixed_window_refused(100, 120) == digits(.167693, 6));
  CHECK(fixed_window_refused(1000, 1000) == digits(.012615, 6));
}

TEST_CASE("formulas: attempts grow geometrically, and are all there are when all fail") {
  CHECK(repeated(1, 3).per_request == 4);
  CHECK(repeated(1, 3).failed == 1);
  CHECK(repeated(.5, 1).per_request == Approx(1.5));
  CHECK(repeated(.5, 1).failed == Approx(.25));
}

TEST_CASE("formulas: a hedge at the 95th percentile of an exponential time") {
  const double delay = std::log(20);
  const Tail hedged = hedged_tail(delay);
  CHECK(quantile(hedged, .99) == digits(3.8005, 4));
  CHECK(quantile(hedged, .999) == digits(4.9517, 4));
  CHECK(mean_up_to(hedged, delay) + mean_up_to([&](double t) { return hedged(delay + t); }, 30) ==
        digits(.975, 6));
}

TEST_CASE("formulas: the last of several legs") {
  CHECK(harmonic(2) == 1.5);
  CHECK(harmonic(16) == digits(3.3807, 4));
  CHECK(harmonic(100) == digits(5.1874, 4));
  CHECK(mean_up_to(last_of_tail(4), 40) == Approx(harmonic(4)).epsilon(1e-6));
  CHECK(last_of_tail(100)(quantile([](double t) { return std::exp(-t); }, .99)) ==
        digits(.63397, 5));  // The Tail at Scale
  CHECK(fork_join_pair(.5) == Approx(2.875));
  CHECK(fork_join_pair(.9) == Approx(13.875));
}

TEST_CASE("formulas: batches of a producer are those of the table") {
  CHECK(batching(5, 16).size == digits(5.9999, 4));
  CHECK(batching(5, 16).wait * 5 == digits(2.916, 3));
  CHECK(batching(100, 100).size == digits(96.5006, 4));
  CHECK(batching(100, 100).wait * 10 == digits(4.790, 3));
  CHECK(batching(.5, 100).size == digits(1.5, 4));
  CHECK(batching(.5, 100).wait * 5 == digits(4.167, 3));
}

TEST_CASE("formulas: two queues in a row") {
  const Tail both = tandem_tail(.5, .25);
  CHECK(both(0) == Approx(1));
  CHECK(mean_up_to(both, 200) == Approx(2.0 + 4.0).epsilon(1e-6));
}

TEST_CASE("formulas: priorities and batches are those of the tables") {
  const double loads[] = {.4, .4};
  CHECK(priority_wait(loads, 0) == digits(1.3333, 4));
  CHECK(priority_wait(loads, 1) == digits(6.6667, 4));
  CHECK(batch_response(.8, 1) == Approx(5));
  CHECK(batch_response(.8, 10) == Approx(27.5));
}

}  // namespace
}  // namespace headgate::sim::theory
