#include "headgate/arrival/stages.hpp"

#include <cmath>
#include <utility>

#include "headgate/arrival/distribution.hpp"

namespace headgate::arrival {
namespace {

using Stage = StagesArrivals::Stage;

constexpr std::size_t kStagesListMax = 10'000;

double length_ns(const StagesArrivals& arrivals) noexcept {
  double sum = 0;
  for (const Stage& stage : arrivals.stages) sum += static_cast<double>(stage.length.count());
  return sum;
}

double requests_in(const StagesArrivals& arrivals) noexcept {
  double sum = 0;
  for (const Stage& stage : arrivals.stages) {
    sum += (per_ns(stage.from) + per_ns(stage.to)) / 2 * static_cast<double>(stage.length.count());
  }
  return sum;
}

std::unexpected<Error> wrong_stages(std::string why) {
  return failed(Errc::kInvalidArgument, "stages", std::move(why));
}

}  // namespace

Result<StagesArrivals> StagesArrivals::make(std::vector<Stage> stages) {
  if (stages.empty() || stages.size() > kStagesListMax) return wrong_stages("must be 1 to 10000");
  Duration total{};
  for (const Stage& stage : stages) {
    if (per_ns(stage.from) > 1 || per_ns(stage.to) > 1) {
      return wrong_stages("must have rates of at most 1G/s");
    }
    if (stage.length <= Duration{}) return wrong_stages("must each last longer than 0s");
    if (stage.length > Distribution::kLongest - total) {
      return wrong_stages("must end within 30 years");
    }
    total += stage.length;
  }
  StagesArrivals arrivals{.stages = std::move(stages)};
  if (requests_in(arrivals) == 0) return wrong_stages("must not all have the rate 0");
  return arrivals;
}

Rate StagesArrivals::rate() const noexcept {
  return nearest_rate(requests_in(*this) / length_ns(*this) * 1e9);
}

StagesArrivals StagesArrivals::at_rate(Rate rate) const {
  const double factor = per_ns(rate) * length_ns(*this) / requests_in(*this);
  StagesArrivals scaled = *this;
  for (Stage& stage : scaled.stages) {
    stage.from = nearest_rate(stage.from.per_second() * factor);
    stage.to = nearest_rate(stage.to.per_second() * factor);
  }
  return scaled;
}

RampSchedule::RampSchedule(const Stage& stage, Random random) noexcept
    : rate_(per_ns(stage.from)),
      growth_((per_ns(stage.to) - per_ns(stage.from)) / static_cast<double>(stage.length.count())),
      random_(random) {}

Duration RampSchedule::next() noexcept {
  work_ += unit_exponential(random_);
  const double radicand = rate_ * rate_ + 2 * growth_ * work_;
  if (radicand < 0) return kNever;  // the rate has fallen to 0 before so much was due
  const double offset = 2 * work_ / (rate_ + std::sqrt(radicand));
  // Also the 0 / 0 of a ramp from nothing to nothing.
  if (!(offset < static_cast<double>(Distribution::kLongest.count()))) return kNever;
  return Duration{static_cast<std::int64_t>(offset)};
}

StagesSchedule::StagesSchedule(const StagesArrivals& arrivals, Random random)
    : stages_(arrivals.stages), random_(random), inner_(inner_of(stages_.front())) {}

StagesSchedule::Inner StagesSchedule::inner_of(const Stage& stage) noexcept {
  const Random own{random_.bits()};
  if (stage.kind == Stage::Kind::kConstant) return ConstantSchedule{stage.from};
  if (stage.kind == Stage::Kind::kPoisson) return PoissonSchedule{stage.from, own};
  return RampSchedule{stage, own};
}

Duration StagesSchedule::next() noexcept {
  while (index_ < stages_.size()) {
    const Duration offset = std::visit([](auto& schedule) { return schedule.next(); }, inner_);
    if (offset < stages_[index_].length) return start_ + offset;
    start_ += stages_[index_].length;
    if (++index_ < stages_.size()) inner_ = inner_of(stages_[index_]);
  }
  return kNever;
}

}  // namespace headgate::arrival
