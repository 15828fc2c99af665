#include "gate/naive.hpp"

#include <cmath>
#include <map>

namespace headgate::study {
namespace {

struct Counts {
  double a = 0;
  double b = 0;
};
using Values = std::map<double, Counts>;

double p_of(const Values& values) {
  double a = 0;
  double b = 0;
  double wins = 0;  // pairs in which b is greater, ties by half
  double ties = 0;
  for (const auto& [value, count] : values) {
    wins += count.b * (a + count.a / 2);
    a += count.a;
    b += count.b;
    const double tied = count.a + count.b;
    ties += tied * tied * tied - tied;
  }
  const double n = a + b;
  if (a == 0 || b == 0) return 1;
  const double variance = a * b / 12 * (n + 1 - ties / (n * (n - 1)));
  if (variance <= 0) return 1;
  return std::erfc((wins - a * b / 2 - 0.5) / std::sqrt(2 * variance)) / 2;
}

}  // namespace

double mann_whitney_p(std::span<const double> a, std::span<const double> b) {
  Values values;
  for (const double value : a) ++values[value].a;
  for (const double value : b) ++values[value].b;
  return p_of(values);
}

double mann_whitney_p(const stats::Histogram& a, const stats::Histogram& b) {
  Values values;
  for (const auto& bucket : a.buckets()) {
    values[static_cast<double>(bucket.low.count())].a += static_cast<double>(bucket.count);
  }
  for (const auto& bucket : b.buckets()) {
    values[static_cast<double>(bucket.low.count())].b += static_cast<double>(bucket.count);
  }
  return p_of(values);
}

}  // namespace headgate::study
