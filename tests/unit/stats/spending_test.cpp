#include "headgate/stats/spending.hpp"

#include <catch2/catch.hpp>
#include <vector>

#include "headgate/stats/signed_rank.hpp"

namespace headgate::stats {
namespace {

TEST_CASE("spending: both functions as Lan and DeMets tabulate them for five looks") {
  // For 0.025 at 0.2, 0.4, 0.6, 0.8, 1; scipy's 2 norm.sf(norm.isf(alpha / 2) / sqrt(t)) and
  // alpha log(1 + (e - 1) t) give the digits.
  const std::vector<double> times{0.2, 0.4, 0.6, 0.8, 1.0};
  const std::vector<double> fleming{0.000001, 0.000394, 0.003808, 0.012212, 0.025};
  const std::vector<double> pocock{0.007385, 0.013078, 0.017713, 0.021621, 0.025};
  for (std::size_t i = 0; i < times.size(); ++i) {
    CAPTURE(times[i]);
    CHECK(spent(Spending::kObrienFleming, 0.025, times[i]) == Approx(fleming[i]).margin(6e-7));
    CHECK(spent(Spending::kPocock, 0.025, times[i]) == Approx(pocock[i]).margin(6e-7));
  }
}

TEST_CASE("spending: nothing at the start, all at the end and never more") {
  for (const Spending spending : {Spending::kPocock, Spending::kObrienFleming}) {
    CHECK(spent(spending, 0.01, 0) == 0);
    CHECK(spent(spending, 0.01, 1) == 0.01);
    CHECK(spent(spending, 0.01, 1.5) == 0.01);
  }
}

TEST_CASE("looks: the first comes when a decision is possible, the last at the end of the plan") {
  // Pocock at 10 of 45: 0.01 log(1 + 1.71828 / 4.5) = 0.003232 against 2^-10 for one metric,
  // enough; for four, 4 / 1024 = 0.0039 is too much, 4 / 2048 at eleven is not.
  CHECK(looks({.least = 10, .most = 45, .tests = 1}) ==
        std::vector<std::size_t>{10, 15, 21, 31, 45});
  CHECK(looks({.least = 10, .most = 45, .tests = 4}) ==
        std::vector<std::size_t>{11, 16, 22, 32, 45});
  CHECK(looks({.least = 10, .most = 10}) == std::vector<std::size_t>{10});
  CHECK(looks({.least = 10, .most = 4}) == std::vector<std::size_t>{4});
}

TEST_CASE("looks: O'Brien and Fleming's first look is late") {
  const auto plan =
      looks({.least = 10, .most = 45, .tests = 4, .spending = Spending::kObrienFleming});
  CHECK(plan.front() >= 15);
  CHECK(spent(Spending::kObrienFleming, 0.01, static_cast<double>(plan.front()) / 45) >=
        4 * least_p(plan.front()));
}

}  // namespace
}  // namespace headgate::stats
