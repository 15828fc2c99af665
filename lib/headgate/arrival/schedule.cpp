#include "headgate/arrival/schedule.hpp"

#include <cmath>
#include <limits>

#include "headgate/core/check.hpp"
#include "headgate/core/wide.hpp"

namespace headgate::arrival {
namespace {

constexpr std::int64_t kNeverNs = kNever.count();

}  // namespace

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

Duration PoissonSchedule::next() noexcept {
  if (gap_mean_ == 0 || at_ == kNeverNs) return kNever;
  const double gap = -std::log1p(-random_.uniform()) * gap_mean_ + carry_;
  const double whole = std::floor(gap);
  if (whole >= static_cast<double>(kNeverNs - at_)) {
    at_ = kNeverNs;
    return kNever;
  }
  carry_ = gap - whole;
  at_ += static_cast<std::int64_t>(whole);
  return Duration{at_};
}

std::optional<Rate> Arrivals::rate() const noexcept {
  if (const auto* poisson = std::get_if<PoissonArrivals>(&shape)) return poisson->rate;
  if (const auto* constant = std::get_if<ConstantArrivals>(&shape)) return constant->rate;
  return std::nullopt;
}

Arrivals Arrivals::at_rate(Rate rate) const noexcept {
  HG_ASSERT(!is_closed());
  if (std::holds_alternative<PoissonArrivals>(shape)) return {PoissonArrivals{.rate = rate}};
  return {ConstantArrivals{.rate = rate}};
}

AnySchedule::AnySchedule(const Arrivals& arrivals, Random random) noexcept
    : schedule_(ConstantSchedule{Rate{}}) {
  HG_ASSERT(!arrivals.is_closed());
  const Rate rate = arrivals.rate().value_or(Rate{});
  if (std::holds_alternative<PoissonArrivals>(arrivals.shape)) {
    schedule_ = PoissonSchedule{rate, random};
  } else {
    schedule_ = ConstantSchedule{rate};
  }
}

Duration AnySchedule::next() noexcept {
  return std::visit([](auto& schedule) { return schedule.next(); }, schedule_);
}

}  // namespace headgate::arrival
