#include "headgate/stats/median.hpp"

#include <catch2/catch.hpp>
#include <vector>

namespace headgate::stats {
namespace {

/// 1, 2, …, n in an order that is not sorted.
std::vector<double> numbers(int n) {
  std::vector<double> values;
  for (int i = 0; i < n; ++i) values.push_back((i * 7) % n + 1);
  return values;
}

TEST_CASE("median: the middle value, or the middle of the two in the middle") {
  CHECK(median_interval(std::vector<double>{3, 1, 2}).value == 2);
  CHECK(median_interval(std::vector<double>{4, 1, 3, 2}).value == 2.5);
}

TEST_CASE("median: the ranks of the interval are those of the tables") {
  // Conover's and every other table of the sign test at 95 %: n = 6, 7, 8: extremes; 9 to 11:
  // second; 15: fourth; 20: sixth; 25: eighth. The coverage by hand: 1 - 2 (sum of C(n, i)) / 2^n.
  const auto check = [](int n, int rank, double confidence) {
    CAPTURE(n);
    std::vector<double> values;
    for (int i = n; i >= 1; --i) values.push_back(i);
    const Estimate estimate = median_interval(values);
    CHECK(estimate.low == rank);
    CHECK(estimate.high == n + 1 - rank);
    CHECK(estimate.confidence == Approx(confidence).epsilon(1e-4));
  };
  check(6, 1, 0.96875);
  check(7, 1, 0.984375);
  check(8, 1, 0.9921875);
  check(9, 2, 0.9609375);
  check(11, 2, 0.98828125);
  check(15, 4, 0.9648438);
  check(20, 6, 0.9586105);
  check(25, 8, 0.9567147);
}

TEST_CASE("median: few measurements say how little they say") {
  CHECK(median_interval(std::vector<double>{5}).confidence == 0);
  CHECK(median_interval(std::vector<double>{5}).low == 5);
  const Estimate three = median_interval(numbers(3));
  CHECK(three.low == 1);
  CHECK(three.high == 3);
  CHECK(three.confidence == Approx(0.75));
}

}  // namespace
}  // namespace headgate::stats
