// When requests are meant to be sent: pure iterators of intended times, shared by the load
// generator (real sockets) and the simulator (virtual time).
//
// A schedule knows nothing of what happened to the requests before: that is what makes the loop
// open, and a response time measured from the intended time honest. The closed loop, where each
// client waits for its answer and then thinks, is described here but driven by whoever has the
// answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

#include "headgate/arrival/batch.hpp"
#include "headgate/arrival/distribution.hpp"
#include "headgate/arrival/mmpp.hpp"
#include "headgate/arrival/process.hpp"
#include "headgate/arrival/sine.hpp"
#include "headgate/arrival/stages.hpp"
#include "headgate/arrival/trace.hpp"

namespace headgate::arrival {

/// `clients` clients, each: think, send, wait for the answer, and again.
struct ClosedArrivals {
  std::int64_t clients = 1;
  Distribution think;
};

/// What a document says about arrivals.
struct Arrivals {
  std::variant<PoissonArrivals, ConstantArrivals, ClosedArrivals, MmppArrivals, SineArrivals,
               StagesArrivals, BatchArrivals, TraceArrivals>
      shape;

  [[nodiscard]] bool is_closed() const noexcept {
    return std::holds_alternative<ClosedArrivals>(shape);
  }
  /// The closed loop, or null if the loop is open.
  [[nodiscard]] const ClosedArrivals* closed() const noexcept {
    return std::get_if<ClosedArrivals>(&shape);
  }
  /// What a document calls the shape; a trace and an access log are both `trace`.
  [[nodiscard]] std::string_view name() const noexcept;
  /// The long-run rate; nothing for a closed loop, whose rate is what the answers make of it.
  [[nodiscard]] std::optional<Rate> rate() const noexcept;
  /// The same shape at another long-run rate. Requires: an open loop, rate above 0.
  [[nodiscard]] Arrivals at_rate(Rate rate) const;
};

/// Any open schedule, chosen at run time. next() neither allocates nor calls virtually.
class AnySchedule {
 public:
  /// The schedule of `arrivals`; `random` is its own stream. Requires: an open loop.
  AnySchedule(const Arrivals& arrivals, Random random);
  [[nodiscard]] Duration next() noexcept {
    if (auto* poisson = std::get_if<PoissonSchedule>(&schedule_)) return poisson->next();
    return next_other();
  }

 private:
  [[nodiscard]] Duration next_other() noexcept;

  std::variant<PoissonSchedule, ConstantSchedule, MmppSchedule, SineSchedule, StagesSchedule,
               BatchSchedule, TraceSchedule>
      schedule_;
};

static_assert(Schedule<ConstantSchedule> && Schedule<PoissonSchedule> && Schedule<MmppSchedule> &&
              Schedule<SineSchedule> && Schedule<StagesSchedule> && Schedule<BatchSchedule> &&
              Schedule<TraceSchedule> && Schedule<AnySchedule>);

}  // namespace headgate::arrival
