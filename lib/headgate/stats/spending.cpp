#include "headgate/stats/spending.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

#include "headgate/core/check.hpp"
#include "headgate/stats/signed_rank.hpp"

namespace headgate::stats {
namespace {

/// P(|Z| > z) of a standard normal Z.
double two_sided(double z) { return std::erfc(z / std::numbers::sqrt2); }

double two_sided_quantile(double p) {
  double low = 0;
  double high = 40;
  for (int step = 0; step < 80; ++step) {
    const double middle = (low + high) / 2;
    (two_sided(middle) > p ? low : high) = middle;
  }
  return low;
}

constexpr double kLookFactor = 1.4;

}  // namespace

double spent(Spending spending, double alpha, double information) noexcept {
  HG_ASSERT(alpha > 0 && alpha < 1 && information >= 0);
  if (information >= 1) return alpha;
  if (information == 0) return 0;
  if (spending == Spending::kPocock) {
    return alpha * std::log1p((std::numbers::e - 1) * information);
  }
  return two_sided(two_sided_quantile(alpha) / std::sqrt(information));
}

std::vector<std::size_t> looks(const LookPlan& plan) {
  HG_ASSERT(plan.least >= 1 && plan.most >= 1 && plan.tests >= 1);
  const auto decides = [&plan](std::size_t pairs) {
    const double share = static_cast<double>(pairs) / static_cast<double>(plan.most);
    return least_p(pairs) * static_cast<double>(plan.tests) <=
           spent(plan.spending, plan.alpha, share);
  };
  std::size_t next = plan.least;
  while (next < plan.most && !decides(next)) ++next;
  // Evenly on the scale of logarithms, so that no two looks are near each other.
  const double growth = static_cast<double>(plan.most) / static_cast<double>(next);
  const double steps = std::max(1.0, std::round(std::log(growth) / std::log(kLookFactor)));
  std::vector<std::size_t> all;
  for (double step = 0; step < steps && next < plan.most; ++step) {
    const double pairs = static_cast<double>(next) * std::pow(growth, step / steps);
    all.push_back(static_cast<std::size_t>(std::llround(pairs)));
  }
  all.push_back(plan.most);
  return all;
}

}  // namespace headgate::stats
