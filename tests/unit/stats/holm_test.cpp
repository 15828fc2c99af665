#include "headgate/stats/holm.hpp"

#include <catch2/catch.hpp>
#include <vector>

namespace headgate::stats {
namespace {

std::vector<bool> rejected(const std::vector<double>& p, double alpha) {
  std::vector<bool> all;
  for (const HolmStep& step : holm(p, alpha)) all.push_back(step.rejected);
  return all;
}

TEST_CASE("holm: rejects what statsmodels' multipletests rejects") {
  // statsmodels.stats.multitest.multipletests(p, alpha=0.05, method='holm').
  CHECK(rejected({0.01, 0.04, 0.03, 0.005}, 0.05) == std::vector<bool>{true, false, false, true});
  CHECK(rejected({0.001, 0.012, 0.02, 0.9, 0.0125}, 0.05) ==
        std::vector<bool>{true, true, true, false, true});
}

TEST_CASE("holm: levels are alpha over the hypotheses that are left") {
  // 0.005 against 0.05/4, 0.01 against 0.05/3, 0.03 against 0.05/2 stops it.
  const auto steps = holm(std::vector<double>{0.01, 0.04, 0.03, 0.005}, 0.05);
  CHECK(steps[3].level == 0.05 / 4);
  CHECK(steps[0].level == 0.05 / 3);
  CHECK(steps[2].level == 0.05 / 2);
  CHECK(steps[1].level == 0.05 / 2);
}

TEST_CASE("holm: after one that stays, none is rejected, however small its p seems") {
  CHECK(rejected({0.02, 0.024, 0.9}, 0.05) == std::vector<bool>{false, false, false});
  CHECK(rejected({0.05}, 0.05) == std::vector<bool>{true});
  CHECK(rejected({}, 0.05).empty());
}

}  // namespace
}  // namespace headgate::stats
