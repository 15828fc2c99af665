#include "headgate/balance/fixed_point.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <limits>

#include "headgate/core/random.hpp"

namespace headgate::balance {
namespace {

using namespace std::chrono_literals;

double real(std::uint64_t q32) { return static_cast<double>(q32) / 4294967296.0; }

TEST_CASE("exp2: whole powers of a half are exact, down to nothing") {
  for (std::uint64_t n = 0; n <= 32; ++n) {
    CHECK(exp2_of_minus(n << 32) == std::uint64_t{1} << (32 - n));
  }
  for (const std::uint64_t n : {33U, 63U, 64U, 65U, 96U, 128U, 1'000'000U}) {
    CHECK(exp2_of_minus(n << 32) == 0);
  }
  CHECK(exp2_of_minus(std::numeric_limits<std::uint64_t>::max()) == 0);
}

TEST_CASE("exp2: values between are those of the table of powers of two") {
  // 2^-0.5, 2^-0.25, 2^-0.1, 2^-1.75 from any table, in 2^-32 to within 1e-6 of themselves.
  CHECK(real(exp2_of_minus(std::uint64_t{1} << 31)) == Approx(0.7071067812).epsilon(1e-6));
  CHECK(real(exp2_of_minus(std::uint64_t{1} << 30)) == Approx(0.8408964153).epsilon(1e-6));
  CHECK(real(exp2_of_minus(429'496'730)) == Approx(0.9330329915).epsilon(1e-6));
  CHECK(real(exp2_of_minus(std::uint64_t{7} << 30)) == Approx(0.2973017788).epsilon(1e-6));
}

TEST_CASE("exp2: it never rises, and stays within a millionth of the C library's") {
  std::uint64_t before = kOneQ32;
  for (std::uint64_t x = 0; x < std::uint64_t{9} << 32; x += 99'991) {
    const std::uint64_t now = exp2_of_minus(x);
    const double truth = std::exp2(-static_cast<double>(x) / 4294967296.0);
    if (now > before || std::abs(real(now) - truth) > 1e-6 * truth + 0x1p-32) {
      CAPTURE(x, now, before, truth);
      FAIL("not monotone or not near");
    }
    before = now;
  }
  // Step by step across the seam of two entries of the table, and at the start.
  for (const std::uint64_t seam : {std::uint64_t{0}, std::uint64_t{1} << 24, kOneQ32}) {
    before = exp2_of_minus(seam < 2000 ? 0 : seam - 2000);
    for (std::uint64_t x = seam < 2000 ? 0 : seam - 2000; x < seam + 2000; ++x) {
      REQUIRE(exp2_of_minus(x) <= before);
      before = exp2_of_minus(x);
    }
  }
}

TEST_CASE("log2: powers of two are exact, the rest is the C library's") {
  for (std::uint64_t n = 0; n < 64; ++n) CHECK(log2_of(std::uint64_t{1} << n) == n << 32);
  // floor(2^32 log2(n)), with sixty digits.
  CHECK(log2_of(3) == 6'807'362'105);
  CHECK(log2_of(5) == 9'972'605'231);
  CHECK(log2_of(10) == 14'267'572'527);
  CHECK(log2_of(1023) == 42'943'618'901);
  for (const std::uint64_t n : {3U, 5U, 10U, 1000U, 1023U, 1'000'000U}) {
    CHECK(real(log2_of(n)) == Approx(std::log2(static_cast<double>(n))).margin(0x1p-30));
  }
  CHECK(real(log2_of(std::numeric_limits<std::uint64_t>::max())) == Approx(64).margin(0x1p-30));
}

TEST_CASE("log2: at most so much, and that is never far off") {
  Random random{5};
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t n = std::max<std::uint64_t>(random.bits() >> random.below(64), 1);
    const std::uint64_t most = log2_at_most(n);
    REQUIRE(most >= log2_of(n));
    REQUIRE(real(most) < real(log2_of(n)) + 0.0861);
  }
  // Where the logarithm is highest above the line: at 1 / ln 2, and it is met to eight digits.
  const auto worst = static_cast<std::uint64_t>(std::ldexp(1 / std::log(2.0), 62));
  CHECK(real(log2_at_most(worst)) - std::log2(static_cast<double>(worst)) < 1e-8);
}

TEST_CASE("decay: the weights of the exponential's table, for short and long time constants") {
  for (const Duration tau : {Duration{1ms}, Duration{10s}, Duration{1h}, Duration{12'345'678ns}}) {
    const Decay decay{tau};
    CHECK(decay.weight(0ns) == kOneQ32);
    CHECK(real(decay.weight(tau / 100)) == Approx(0.9900498337).epsilon(2e-6));
    CHECK(real(decay.weight(tau / 2)) == Approx(0.6065306597).epsilon(2e-6));
    CHECK(real(decay.weight(tau)) == Approx(0.3678794412).epsilon(2e-6));
    CHECK(real(decay.weight(tau * 2)) == Approx(0.1353352832).epsilon(2e-6));
    CHECK(real(decay.weight(tau * 5)) == Approx(0.0067379470).epsilon(3e-6));
    CHECK(real(decay.weight(tau * 10)) == Approx(4.539993e-5).epsilon(1e-5));
  }
}

TEST_CASE("decay: time that stands still or goes back forgets nothing, a century everything") {
  const Decay decay{10s};
  CHECK(decay.weight(-1ns) == kOneQ32);
  CHECK(decay.weight(Duration::min()) == kOneQ32);
  CHECK(decay.weight(100 * 365 * 24h) == 0);
  CHECK(decay.weight(Duration::max()) == 0);
  CHECK(decay.weight(320s) == 0);
  CHECK(decay.weight(220s) == 1);  // e^-22 is 1.2 units of 2^-32
}

TEST_CASE("decay: an exponent of more than 64 bits is not taken for a small one") {
  // After 2^32 ln 2 time constants the exponent is 2^32, which has 2^64 for its Q32.
  CHECK(Decay{1ms}.weight(2'977'044'472ms) == 0);
  CHECK(Decay{1ms}.weight(5'954'088'944ms) == 0);
}

TEST_CASE("decay: the longest time constant does not overflow") {
  const Decay decay{Duration{std::int64_t{1} << 61}};
  CHECK(real(decay.weight(Duration{std::int64_t{1} << 61})) == Approx(0.3678794412).epsilon(2e-6));
  CHECK(Decay{1ns}.weight(1ns) == Approx(0.3678794412 * 4294967296.0).epsilon(2e-6));
}

}  // namespace
}  // namespace headgate::balance
