// Elementary functions out of additions, multiplications and divisions of IEEE doubles alone: the
// same bits from every compiler and on every machine, whatever C library it has. See logarithm.hpp.
#pragma once

namespace headgate::arrival {

/// e^x, off by at most 2 units in the last place; 0 below -708, the largest double above 709.
[[nodiscard]] double natural_exp(double x) noexcept;
/// (e^x - 1) / x, which is 1 at 0.
[[nodiscard]] double growth(double x) noexcept;
/// x^a. Requires: 0 <= x, finite; 0 < a.
[[nodiscard]] double power(double x, double a) noexcept;
/// sin(2 pi x), off by at most 1e-15. Requires: 0 <= x < 1.
[[nodiscard]] double sine_of_turn(double x) noexcept;
/// The logarithm of the gamma function. Requires: x > 0.
/// Source: Abramowitz and Stegun 6.1.41.
[[nodiscard]] double log_gamma(double x) noexcept;

}  // namespace headgate::arrival
