#include "headgate/arrival/process.hpp"

#include <cmath>

#include "headgate/core/wide.hpp"

namespace headgate::arrival {
namespace {

constexpr std::int64_t kNeverNs = kNever.count();

}  // namespace

Rate nearest_rate(double per_second) noexcept {
  if (per_second <= 0) return Rate{};
  // From one in a second on, a fixed period of a million seconds gives at least six digits; below,
  // a fixed count does, until the period ends with the clock.
  if (per_second >= 1) {
    return make_rate(std::llround(per_second * 1e6), std::chrono::seconds{1'000'000});
  }
  std::int64_t count = 1'000'000;
  constexpr double kPeriodMax = 9e18;  // ns
  while (count > 1 && static_cast<double>(count) * 1e9 / per_second > kPeriodMax) count /= 10;
  const double period = static_cast<double>(count) * 1e9 / per_second;
  if (period > kPeriodMax) return Rate{};
  return make_rate(count, Duration{std::llround(period)});
}

Duration ConstantSchedule::next() noexcept {
  if (rate_.count == 0) return kNever;
  const Int128 at = static_cast<Int128>(index_) * rate_.per.count() / rate_.count;
  if (at >= kNeverNs) return kNever;
  ++index_;
  return Duration{static_cast<std::int64_t>(at)};
}

PoissonSchedule::PoissonSchedule(Rate rate, Random random) noexcept
    : gap_mean_(rate.count == 0
                    ? 0
                    : static_cast<double>(rate.per.count()) / static_cast<double>(rate.count)),
      random_(random) {}

}  // namespace headgate::arrival
