// What targets suffer: the faults of the scenario, random pauses, and what the gateways' health
// checks see of it.
#include <algorithm>

#include "headgate/sim/run.hpp"

namespace headgate::sim {

void Run::start_ailments() {
  for (std::uint32_t i = 0; i < plan_.faults.size(); ++i) {
    engine_.schedule(plan_.faults[i].at, {Kind::kFaultBegin, i});
    if (plan_.faults[i].end != TimePoint::max()) {
      engine_.schedule(plan_.faults[i].end, {Kind::kFaultEnd, i});
    }
  }
  for (std::uint32_t i = 0; i < plan_.changes.size(); ++i) {
    engine_.schedule(plan_.changes[i].since, {Kind::kChange, i});
  }
  for (std::uint32_t s = 0; s < services_.size(); ++s) {
    if (!services_[s].plan().pauses) continue;
    for (std::uint32_t t = 0; t < services_[s].size(); ++t) {
      after(services_[s].pause_after(t), Kind::kPauseBegin, number_of(s, t));
    }
  }
}

Run::Where Run::where_is(std::uint32_t target_number) const noexcept {
  const auto next = std::ranges::upper_bound(first_target_, target_number);
  const auto service = static_cast<std::uint32_t>(next - first_target_.begin() - 1);
  return {.service = service, .target = target_number - first_target_[service]};
}

void Run::begin_fault(const FaultPlan& fault) {
  TargetModel& target = services_[fault.service].target(fault.target);
  switch (fault.kind) {
    case FaultPlan::Kind::kSlow:
      target.slow *= fault.amount;
      break;
    case FaultPlan::Kind::kLossy:
      target.loss = fault.amount;
      break;
    case FaultPlan::Kind::kPartition:
      ++target.cut_off;
      break;
    case FaultPlan::Kind::kPause:
      pause(fault.service, fault.target);
      break;
    case FaultPlan::Kind::kDown:
      take_down(fault.service, fault.target);
      break;
  }
}

void Run::end_fault(const FaultPlan& fault) {
  TargetModel& target = services_[fault.service].target(fault.target);
  switch (fault.kind) {
    case FaultPlan::Kind::kSlow:
      target.slow /= fault.amount;
      break;
    case FaultPlan::Kind::kLossy:
      target.loss = 0;
      break;
    case FaultPlan::Kind::kPartition:
      --target.cut_off;
      break;
    case FaultPlan::Kind::kPause:
      resume(fault.service, fault.target);
      break;
    case FaultPlan::Kind::kDown:
      --target.down;
      start_checks(number_of(fault.service, fault.target), true);
      break;
  }
}

// A process that dies: what it had is lost, who asks is refused.
void Run::take_down(std::uint32_t service, std::uint32_t index) {
  TargetModel& target = services_[service].target(index);
  ++target.down;
  target.idle = 0;
  start_checks(number_of(service, index), false);
  if (auto* shared = std::get_if<SharedStation>(&target.station)) {
    engine_.cancel(target.shared_timer);
    for (const SharedStation::Left& left : shared->clear(now())) {
      target.busy_ns -= left.work.count();
      ++target.shared_ends;
      answer(left.request, Answer::kFailed, {.kind = resilience::Fault::Kind::kReset});
    }
    return;
  }
  // Attempts that start meanwhile find it down, so what is there now is all.
  const auto count = static_cast<std::uint32_t>(attempts_.size());
  for (std::uint32_t number = 0; number < count; ++number) {
    const Attempt& attempt = attempts_[number];
    if (attempt.service == service && attempt.target == index) break_off(number);
  }
}

void Run::break_off(std::uint32_t number) {
  Attempt& attempt = attempts_[number];
  TargetModel& target = target_of(attempt);
  Station& station = *std::get_if<Station>(&target.station);
  if (attempt.stage == Attempt::Stage::kServed) {
    engine_.cancel(attempt.finish_timer);
    const Duration left = target.paused > 0 ? attempt.work : attempt.ends - now();
    target.busy_ns -= left.count();
    station.finish(now());
  } else if (attempt.stage == Attempt::Stage::kWaits) {
    engine_.cancel(attempt.patience_timer);
    target.waiting_ns += (now() - attempt.arrived).count();
    station.leave(now(), number);
  } else {
    return;
  }
  answer(number, Answer::kFailed, {.kind = resilience::Fault::Kind::kReset});
}

// A target has gone, or has come back: the gateways of each config will see it in their own time.
void Run::start_checks(std::uint32_t target_number, bool healthy) {
  for (std::uint32_t first = 0; first < gateways_.size(); first += plan_.gateways.count) {
    start_check(first, target_number, healthy);
  }
}

// A check is known by the first gateway of its config and the target.
void Run::start_check(std::uint32_t first_gateway, std::uint32_t target_number, bool healthy) {
  const ServicePlan& service =
      gateways_[first_gateway].plan->services[where_is(target_number).service];
  if (!service.unhealthy_after) return;
  after(healthy ? service.healthy_after : *service.unhealthy_after,
        healthy ? Kind::kHealthy : Kind::kUnhealthy,
        first_gateway * target_count() + target_number);
}

void Run::on_health(std::uint32_t check, bool healthy) {
  const auto [service, target] = where_is(check % target_count());
  const bool down = services_[service].target(target).down > 0;
  if (down == healthy) return;  // it has changed again
  const std::uint32_t first = check / target_count();
  for (std::uint32_t i = first; i < first + plan_.gateways.count; ++i) {
    gateways_[i].services[service].set_healthy(target, healthy, now());
  }
}

// ---- Pauses ----

void Run::pause(std::uint32_t service, std::uint32_t index) {
  TargetModel& target = services_[service].target(index);
  if (++target.paused > 1) return;
  if (auto* shared = std::get_if<SharedStation>(&target.station)) {
    shared->pause(now());
    return schedule_shared(service, index);
  }
  std::get_if<Station>(&target.station)->pause(now());
  for (std::uint32_t number = 0; number < attempts_.size(); ++number) {
    Attempt& attempt = attempts_[number];
    if (attempt.service != service || attempt.target != index ||
        attempt.stage != Attempt::Stage::kServed) {
      continue;
    }
    engine_.cancel(attempt.finish_timer);
    attempt.work = attempt.ends - now();
  }
}

void Run::resume(std::uint32_t service, std::uint32_t index) {
  TargetModel& target = services_[service].target(index);
  if (--target.paused > 0) return;
  if (auto* shared = std::get_if<SharedStation>(&target.station)) {
    shared->resume(now());
    return schedule_shared(service, index);
  }
  std::get_if<Station>(&target.station)->resume(now());
  for (std::uint32_t number = 0; number < attempts_.size(); ++number) {
    Attempt& attempt = attempts_[number];
    if (attempt.service != service || attempt.target != index ||
        attempt.stage != Attempt::Stage::kServed) {
      continue;
    }
    attempt.ends = now() + attempt.work;
    attempt.finish_timer = engine_.schedule(attempt.ends, {Kind::kFinish, number});
  }
  serve_next(service, index);
}

void Run::on_pause(std::uint32_t target_number, bool begins) {
  const auto [service, target] = where_is(target_number);
  if (begins) {
    if (!arriving_) return;  // the run is being closed
    pause(service, target);
    after(services_[service].pause_length(target), Kind::kPauseEnd, target_number);
    return;
  }
  resume(service, target);
  ++services_[service].target(target).pauses;
  if (arriving_) after(services_[service].pause_after(target), Kind::kPauseBegin, target_number);
}

}  // namespace headgate::sim
