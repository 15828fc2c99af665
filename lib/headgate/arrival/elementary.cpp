#include "headgate/arrival/elementary.hpp"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numbers>

#include "headgate/arrival/logarithm.hpp"

namespace headgate::arrival {
namespace {

/// 1 / n! for n = 0, 1, 2 …
constexpr std::array<double, 22> make_inverse_factorials() noexcept {
  std::array<double, 22> values{};
  double factorial = 1;  // exact up to 22!
  for (std::size_t n = 0; n < values.size(); ++n) {
    factorial *= n == 0 ? 1 : static_cast<double>(n);
    values[n] = 1 / factorial;
  }
  return values;
}

constexpr std::array<double, 22> kInverse = make_inverse_factorials();

/// The sum of x^i / (first + step * i)!, i = 0 to last.
template <std::size_t first, std::size_t step, std::size_t last>
double series(double x) noexcept {
  double sum = 0;
  for (std::size_t i = last + 1; i-- > 0;) sum = sum * x + kInverse[first + step * i];
  return sum;
}

}  // namespace

double natural_exp(double x) noexcept {
  if (x < -708) return 0;
  if (x > 709) return std::numeric_limits<double>::max();
  // x = k log 2 + r with |r| <= 0.35, where thirteen terms of the series are enough: the even and
  // the odd ones apart, for a processor works on both at once.
  const auto k = static_cast<std::int64_t>(x * std::numbers::log2e + (x < 0 ? -0.5 : 0.5));
  const auto whole = static_cast<double>(k);
  const double r = (x - whole * logarithm::kLog2High) - whole * logarithm::kLog2Low;
  const double r2 = r * r;
  const double beyond_one = r * series<1, 2, 6>(r2) + r2 * series<2, 2, 5>(r2);
  const auto scale = std::bit_cast<double>(static_cast<std::uint64_t>(1023 + k) << 52);
  return (1 + beyond_one) * scale;
}

double growth(double x) noexcept {
  return x < -0.5 || x > 0.5 ? (natural_exp(x) - 1) / x : series<1, 1, 15>(x);
}

double power(double x, double a) noexcept {
  return x < std::numeric_limits<double>::min() ? 0 : natural_exp(a * natural_log(x));
}

double sine_of_turn(double x) noexcept {
  // Folded to a quarter of a turn on either side, where eleven terms of the series are enough.
  if (x >= 0.75) x -= 1;
  if (x > 0.25) x = 0.5 - x;
  const double y = 2 * std::numbers::pi * x;
  return y * series<1, 2, 10>(-y * y);
}

double log_gamma(double x) noexcept {
  // Stirling's series after shifting x above 10, where the first omitted term is below 1e-16.
  double product = 1;
  while (x < 10) product *= x++;
  const double inverse = 1 / (x * x);
  const double rest =
      (1.0 / 12 -
       inverse * (1.0 / 360 -
                  inverse * (1.0 / 1260 -
                             inverse * (1.0 / 1680 -
                                        inverse * (1.0 / 1188 - inverse * (691.0 / 360'360 -
                                                                           inverse / 156)))))) /
      x;
  return (x - 0.5) * natural_log(x) - x + 0.5 * natural_log(2 * std::numbers::pi) + rest -
         natural_log(product);
}

}  // namespace headgate::arrival
