#include "headgate/arrival/mmpp.hpp"

#include <algorithm>
#include <utility>

#include "headgate/arrival/distribution.hpp"

namespace headgate::arrival {
namespace {

constexpr std::size_t kStatesMax = 64;
constexpr double kChangesMax = 1e6;  // of state, between two requests

double cycle_ns(const MmppArrivals& mmpp) noexcept {
  double sum = 0;
  for (const MmppArrivals::State& state : mmpp.states) {
    sum += static_cast<double>(state.stay.count());
  }
  return sum;
}

double requests_per_cycle(const MmppArrivals& mmpp) noexcept {
  double sum = 0;
  for (const MmppArrivals::State& state : mmpp.states) {
    sum += per_ns(state.rate) * static_cast<double>(state.stay.count());
  }
  return sum;
}

std::unexpected<Error> wrong_mmpp(std::string field, std::string why) {
  return failed(Errc::kInvalidArgument, std::move(field), std::move(why));
}

}  // namespace

Result<MmppArrivals> MmppArrivals::make(std::span<const Rate> rates,
                                        std::span<const Duration> stays) {
  if (rates.size() < 2 || rates.size() > kStatesMax) {
    return wrong_mmpp("rates", "must be 2 to 64");
  }
  if (stays.size() != rates.size()) return wrong_mmpp("stay", "must be as many as the rates");
  MmppArrivals mmpp;
  for (std::size_t i = 0; i < rates.size(); ++i) {
    if (per_ns(rates[i]) > 1) return wrong_mmpp("rates", "must be at most 1G/s");
    if (stays[i] <= Duration{} || stays[i] > Distribution::kLongest) {
      return wrong_mmpp("stay", "must be above 0 and at most 30 years");
    }
    mmpp.states.push_back({.rate = rates[i], .stay = stays[i]});
  }
  const double requests = requests_per_cycle(mmpp);
  if (requests == 0) return wrong_mmpp("rates", "must not all be 0");
  if (static_cast<double>(rates.size()) > kChangesMax * requests) {
    return wrong_mmpp("stay", "is too short: a million changes of state between two requests");
  }
  return mmpp;
}

Rate MmppArrivals::rate() const noexcept {
  return nearest_rate(requests_per_cycle(*this) / cycle_ns(*this) * 1e9);
}

MmppArrivals MmppArrivals::at_rate(Rate rate) const {
  const double factor = per_ns(rate) * cycle_ns(*this) / requests_per_cycle(*this);
  MmppArrivals scaled = *this;
  for (State& state : scaled.states) {
    state.rate = nearest_rate(state.rate.per_second() * factor);
  }
  return scaled;
}

MmppSchedule::MmppSchedule(const MmppArrivals& arrivals, Random random)
    : gaps_(Random{random.bits()}), stays_(Random{random.bits()}) {
  for (const MmppArrivals::State& state : arrivals.states) {
    states_.push_back(
        {.rate = per_ns(state.rate), .stay = static_cast<double>(state.stay.count())});
  }
  double rest = stays_.uniform() * cycle_ns(arrivals);
  std::size_t first = 0;
  while (first + 1 < states_.size() && rest >= states_[first].stay) rest -= states_[first++].stay;
  enter(first);
}

void MmppSchedule::enter(std::size_t state) noexcept {
  state_ = state;
  left_ = unit_exponential(stays_) * states_[state].stay;
}

Duration MmppSchedule::next() noexcept {
  double work = unit_exponential(gaps_);
  double gap = 0;
  while (work >= states_[state_].rate * left_) {
    work -= states_[state_].rate * left_;
    gap += left_;
    enter(state_ + 1 == states_.size() ? 0 : state_ + 1);
  }
  const double last = work / states_[state_].rate;
  left_ = std::max(0.0, left_ - last);
  return odometer_.advance(gap + last);
}

}  // namespace headgate::arrival
