// The targets of a service on virtual time: a station for each, what ails it, and the work that
// requests bring.
//
// The work of a request is drawn by request and service, not by target, so that it is the same
// whichever target a policy picks (and a slower target stretches it).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "headgate/core/time.hpp"
#include "headgate/core/wide.hpp"
#include "headgate/resilience/codel.hpp"
#include "headgate/sim/draws.hpp"
#include "headgate/sim/engine.hpp"
#include "headgate/sim/journey.hpp"
#include "headgate/sim/plan.hpp"
#include "headgate/sim/service_view.hpp"
#include "headgate/sim/shared_station.hpp"
#include "headgate/sim/station.hpp"

namespace headgate::sim {

/// One target: its station and its state of health.
struct TargetModel {
  std::variant<Station, SharedStation> station;
  std::optional<resilience::Codel> codel = {};
  Timer shared_timer{};       // of the next end at a SharedStation
  double slow = 1;            // work that starts now takes so many times as long
  double loss = 0;            // share of requests that get lost on their way
  std::uint32_t down = 0;     // faults under way that make it refuse
  std::uint32_t cut_off = 0;  // faults under way through which nothing passes
  std::uint32_t paused = 0;   // pauses under way
  std::uint32_t idle = 0;     // connections that wait for a request
  std::uint64_t pauses = 0;   // so far, of the random ones
  // Sums over the requests, against the station's integrals over time.
  Int128 busy_ns = 0;
  Int128 waiting_ns = 0;
  std::uint64_t shared_ends = 0;  // each may have been rounded up by a nanosecond a change
};

class ServiceModel {
 public:
  /// `plan` and `links` outlive the model.
  ServiceModel(const ServicePlan& plan, std::uint64_t seed, Links& links);

  [[nodiscard]] const ServicePlan& plan() const noexcept { return *plan_; }
  [[nodiscard]] TargetModel& target(std::uint32_t index) noexcept { return targets_[index]; }
  [[nodiscard]] std::uint32_t size() const noexcept {
    return static_cast<std::uint32_t>(targets_.size());
  }

  /// The service time of attempt `attempt` of `request`, of a kind with a time of its own or not,
  /// at `target`.
  [[nodiscard]] Duration work_of(std::uint64_t request, std::uint32_t attempt, std::uint32_t target,
                                 const RequestKind& kind) const noexcept {
    Random random = work_draws_.of(draw_of(request, attempt));
    return (kind.time ? *kind.time : plan_->targets[target].time).sample(random);
  }
  /// How long `request` waits in the queue before it leaves. Requires: the plan has a patience.
  [[nodiscard]] Duration patience_of(std::uint64_t request) const noexcept;
  /// The answer's time if the cache holds `request`, else nothing.
  [[nodiscard]] std::optional<Duration> cached(std::uint64_t request) const noexcept;
  /// Whether `request` gets lost on its way to `target`, besides what the network loses.
  [[nodiscard]] bool loses(std::uint64_t request, std::uint32_t attempt,
                           double share) const noexcept;
  /// From now to the start of the next pause of `target`, or the length of it.
  [[nodiscard]] Duration pause_after(std::uint32_t target) const noexcept;
  [[nodiscard]] Duration pause_length(std::uint32_t target) const noexcept;

  [[nodiscard]] Station::Integrals integrals(std::uint32_t target, TimePoint now) noexcept;

  /// Asserts that the run ended empty and that the integrals of each station are the sums of what
  /// its requests waited and worked: Little's law and the utilisation law, exactly.
  void check_books(TimePoint now) noexcept;

 private:
  const ServicePlan* plan_;
  Draws work_draws_;
  Draws patience_draws_;
  Draws cache_draws_;
  Draws loss_draws_;
  Draws pause_draws_;
  std::vector<TargetModel> targets_;
};

}  // namespace headgate::sim
