#include "headgate/arrival/schedule.hpp"

#include "headgate/core/check.hpp"

namespace headgate::arrival {
namespace {

/// One visitor out of one lambda per arrivals.
template <class... Functions>
struct Each : Functions... {
  using Functions::operator()...;
};

}  // namespace

std::string_view Arrivals::name() const noexcept {
  return std::visit(
      Each{[](const PoissonArrivals&) { return "poisson"; },
           [](const ConstantArrivals&) { return "constant"; },
           [](const ClosedArrivals&) { return "closed"; },
           [](const MmppArrivals&) { return "mmpp"; }, [](const SineArrivals&) { return "sine"; },
           [](const StagesArrivals&) { return "stages"; },
           [](const BatchArrivals&) { return "batch"; },
           [](const TraceArrivals&) { return "trace"; }},
      shape);
}

std::optional<Rate> Arrivals::rate() const noexcept {
  using Maybe = std::optional<Rate>;
  return std::visit(Each{[](const PoissonArrivals& poisson) { return Maybe{poisson.rate}; },
                         [](const ConstantArrivals& constant) { return Maybe{constant.rate}; },
                         [](const ClosedArrivals&) { return Maybe{}; },
                         [](const auto& other) { return Maybe{other.rate()}; }},
                    shape);
}

Arrivals Arrivals::at_rate(Rate rate) const {
  HG_ASSERT(!is_closed());
  return std::visit(Each{[&](const PoissonArrivals&) { return Arrivals{PoissonArrivals{rate}}; },
                         [&](const ConstantArrivals&) { return Arrivals{ConstantArrivals{rate}}; },
                         [&](const ClosedArrivals& closed) { return Arrivals{closed}; },
                         [&](const auto& other) { return Arrivals{other.at_rate(rate)}; }},
                    shape);
}

AnySchedule::AnySchedule(const Arrivals& arrivals, Random random)
    : schedule_(ConstantSchedule{Rate{}}) {
  HG_ASSERT(!arrivals.is_closed());
  std::visit(
      Each{[&](const PoissonArrivals& poisson) {
             schedule_.emplace<PoissonSchedule>(poisson.rate, random);
           },
           [&](const ConstantArrivals& constant) {
             schedule_.emplace<ConstantSchedule>(constant.rate);
           },
           [](const ClosedArrivals&) {},
           [&](const MmppArrivals& mmpp) { schedule_.emplace<MmppSchedule>(mmpp, random); },
           [&](const SineArrivals& sine) { schedule_.emplace<SineSchedule>(sine, random); },
           [&](const StagesArrivals& stages) { schedule_.emplace<StagesSchedule>(stages, random); },
           [&](const BatchArrivals& batch) { schedule_.emplace<BatchSchedule>(batch, random); },
           [&](const TraceArrivals& trace) { schedule_.emplace<TraceSchedule>(trace); }},
      arrivals.shape);
}

Duration AnySchedule::next_other() noexcept {
  return std::visit([](auto& schedule) { return schedule.next(); }, schedule_);
}

}  // namespace headgate::arrival
