#include "headgate/arrival/sine.hpp"

#include "headgate/arrival/elementary.hpp"
#include "headgate/arrival/logarithm.hpp"

namespace headgate::arrival {
namespace {

std::unexpected<Error> wrong_sine(std::string field, std::string why) {
  return failed(Errc::kInvalidArgument, std::move(field), std::move(why));
}

}  // namespace

Result<SineArrivals> SineArrivals::make(const SineArrivals& written) {
  if (written.mean.count <= 0) return wrong_sine("mean", "must be above 0");
  if (per_ns(written.amplitude) > per_ns(written.mean)) {
    return wrong_sine("amplitude", "must not be above the mean");
  }
  if (per_ns(written.mean) + per_ns(written.amplitude) > 1) {
    return wrong_sine("mean", "and amplitude must together be at most 1G/s");
  }
  if (written.period <= Duration{}) return wrong_sine("period", "must be above 0");
  return written;
}

SineArrivals SineArrivals::at_rate(Rate rate) const noexcept {
  const double factor = per_ns(rate) / per_ns(mean);
  return {
      .mean = rate, .amplitude = nearest_rate(amplitude.per_second() * factor), .period = period};
}

SineSchedule::SineSchedule(const SineArrivals& arrivals, Random random) noexcept
    : gap_(1 / (per_ns(arrivals.mean) + per_ns(arrivals.amplitude))),
      mean_share_(per_ns(arrivals.mean) * gap_),
      period_(arrivals.period.count()),
      random_(random) {}

Duration SineSchedule::next() noexcept {
  while (true) {
    const Duration at = odometer_.advance(unit_exponential(random_) * gap_);
    if (at == kNever) return at;
    const double turn = static_cast<double>(at.count() % period_) / static_cast<double>(period_);
    const double share = mean_share_ + (1 - mean_share_) * sine_of_turn(turn);
    if (random_.uniform() < share) return at;
  }
}

}  // namespace headgate::arrival
