#include "headgate/stats/signed_rank.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

namespace headgate::stats {
namespace {

const std::vector<double> kTen{1.3, -0.4, 2.2, 0.9, 3.1, -1.1, 0.2, 1.8, 2.7, 0.6};
constexpr double kEndless = std::numeric_limits<double>::infinity();

TEST_CASE("signed ranks: critical values are those of Wilcoxon's table") {
  // One-sided, as in every printed table (R. Lowry; Hollander and Wolfe, table A.4): the greatest
  // sum of the lesser ranks that is significant. n(n+1)/2 less it is the critical T+.
  struct Row {
    std::size_t pairs;
    double level;
    std::size_t least;
  };
  for (const Row& row :
       {Row{5, 0.05, 0}, Row{8, 0.05, 5}, Row{10, 0.05, 10}, Row{10, 0.025, 8}, Row{10, 0.005, 3},
        Row{15, 0.01, 19}, Row{20, 0.05, 60}, Row{20, 0.01, 43}}) {
    CAPTURE(row.pairs, row.level);
    const SignedRankDistribution distribution{row.pairs};
    CHECK(distribution.critical(row.level) == distribution.most() - row.least);
  }
  CHECK(SignedRankDistribution{4}.critical(0.05) == 11);  // four pairs cannot: 1/16
}

TEST_CASE("signed ranks: three pairs by hand") {
  // Of the eight sets of {1, 2, 3} the sums are 0 1 2 3 3 4 5 6.
  const SignedRankDistribution distribution{3};
  CHECK(distribution.at_least(0) == 1);
  CHECK(distribution.at_least(3) == 5.0 / 8);
  CHECK(distribution.at_least(6) == 1.0 / 8);
  CHECK(distribution.at_least(7) == 0);
}

TEST_CASE("signed ranks: beyond the exact ones the normal distribution takes over smoothly") {
  const SignedRankDistribution exact{SignedRankDistribution::kExactMax};
  const SignedRankDistribution normal{SignedRankDistribution::kExactMax + 1};
  // At the same distance from the middle, in deviations of each.
  const auto at = [](const SignedRankDistribution& of, double n, double z) {
    const double deviation = std::sqrt(n * (n + 1) * (2 * n + 1) / 24);
    return of.at_least(static_cast<std::size_t>(n * (n + 1) / 4 + z * deviation));
  };
  for (const double z : {0.0, 1.0, 2.0, 3.0}) {
    CHECK(at(exact, 256, z) == Approx(at(normal, 257, z)).margin(1e-3));
  }
}

TEST_CASE("signed ranks: p, estimate and interval of a worked example") {
  // scipy 1.17.1, stats.wilcoxon(d - shift, method='exact'); the bounds are the averages of rank 11
  // and 2 of 55 from either end, by the critical values 10 and 5 of the table.
  const PairedDifferences differences{kTen};
  CHECK(differences.estimate() == Approx(1.15));
  CHECK(differences.p_above(0) == Approx(0.0185546875));
  CHECK(differences.p_above(0.5) == Approx(0.0966796875));
  CHECK(differences.p_below(0.5) == Approx(0.919921875));
  CHECK(differences.p_above(0.24) == Approx(0.0419921875));
  CHECK(differences.p_above(0.26) == Approx(0.052734375));
  CHECK(differences.lower(0.05) == Approx(0.25));
  CHECK(differences.upper(0.05) == Approx(2.0));
  CHECK(differences.lower(0.005) == Approx(-0.4));
  CHECK(differences.upper(0.005) == Approx(2.65));
}

TEST_CASE("signed ranks: a bound is just where the test turns") {
  const PairedDifferences differences{kTen};
  for (const double level : {0.2, 0.05, 0.01, 0.002}) {
    const double bound = differences.lower(level);
    CHECK(differences.p_above(bound - 1e-9) <= level);
    CHECK(differences.p_above(bound) > level);
    CHECK(differences.p_below(differences.upper(level)) > level);
  }
}

TEST_CASE("signed ranks: too few pairs bound nothing, equal ones bound all") {
  CHECK(PairedDifferences{std::vector<double>{1, 2, 3}}.lower(0.05) == -kEndless);
  CHECK(PairedDifferences{std::vector<double>{1, 2, 3}}.upper(0.05) == kEndless);
  CHECK(PairedDifferences{std::vector<double>{}}.p_above(0) == 1);
  const PairedDifferences zeros{std::vector<double>(10, 0.0)};
  CHECK(zeros.lower(0.01) == 0);
  CHECK(zeros.upper(0.01) == 0);
  CHECK(zeros.p_above(0) == 1);
  CHECK(zeros.p_below(0) == 1);
  CHECK(zeros.p_below(0.001) == least_p(10));
}

TEST_CASE("sign flips: the interval of all 1024 flips of ten pairs") {
  // By numpy over itertools.product, where p at 0 is 0.017578125 as scipy's permutation_test says.
  Random random{1};
  const FlipInterval interval = sign_flip_interval(kTen, 0.05, random);
  CHECK(interval.low == Approx(0.35).margin(1e-6));
  CHECK(interval.high == Approx(1.925).margin(1e-6));
}

TEST_CASE("sign flips: drawn ones agree with signed ranks on plain noise") {
  Random random{7};
  std::vector<double> d;
  for (int i = 0; i < 40; ++i) d.push_back(random.uniform() + random.uniform() - 0.5);
  const PairedDifferences ranks{d};
  const FlipInterval interval = sign_flip_interval(d, 0.01, random);
  CHECK(interval.low == Approx(ranks.lower(0.01)).margin(0.05));
  CHECK(interval.high == Approx(ranks.upper(0.01)).margin(0.05));
}

}  // namespace
}  // namespace headgate::stats
