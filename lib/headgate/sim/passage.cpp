// The way of a request through its gateway: cores, filters, cache, and to the targets of a service.
#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/sim/recording.hpp"
#include "headgate/sim/run.hpp"

namespace headgate::sim {

void Run::enter(std::uint32_t index) {
  Request& request = requests_[index];
  const std::uint32_t count = plan_.gateways.count;
  const auto number = count > 1 ? static_cast<std::uint32_t>(mix64(request.id) % count) : 0;
  request.gateway = first_gateway_ + number;
  if (cores_.empty()) return pass_filters(index);
  request.held = true;
  if (cores_[number].arrive(now(), index) == Station::Arrival::kStarts) work_on(index);
}

// A core of the gateway takes the request.
void Run::work_on(std::uint32_t index) {
  HG_ASSERT(plan_.gateways.time.has_value());
  Random random = cpu_draws_.of(requests_[index].id);
  after(plan_.gateways.time->sample(random), Kind::kGateway, index);
}

void Run::on_gateway(std::uint32_t index) {
  Station& cores = cores_[requests_[index].gateway % plan_.gateways.count];
  cores.finish(now());
  if (const auto next = cores.start_next(now())) work_on(*next);
  requests_[index].held = false;
  if (requests_[index].gone) return requests_.free(index);
  pass_filters(index);
}

void Run::pass_filters(std::uint32_t index) {
  Request& request = requests_[index];
  const GatewayModel::Passage passage =
      gateways_[request.gateway].filters.admit(request.kind, now());
  switch (passage.verdict) {
    case GatewayModel::Verdict::kRefused:
      return refuse(index, Answer::kRefused, 429);
    case GatewayModel::Verdict::kNoRoute:
      return refuse(index, Answer::kFailed, 404);
    case GatewayModel::Verdict::kAdmitted:
      break;
  }
  request.service = passage.service;
  if (request.measured && request.service != RoutePlan::kNoService) {
    ++outcome_.uses[request.service].requests;
  }
  if (passage.delay == Duration::zero()) return reach_service(index);
  request.attempt_timer = after(passage.delay, Kind::kAttempt, index);
}

void Run::reach_service(std::uint32_t index) {
  Request& request = requests_[index];
  if (request.service == RoutePlan::kNoService) return publish(index);
  if (request.attempts > 0 || request.parent != kNobody) return attempt(index);
  const ServiceModel& service = services_[request.service];
  if (const auto time = service.cached(request.id)) {
    request.attempt_timer = after(*time, Kind::kCached, index);
    return;
  }
  if (service.plan().fan_out > 0) return fan_out(index);
  attempt(index);
}

// All legs at once; the request is answered when each of them is.
void Run::fan_out(std::uint32_t index) {
  const std::uint32_t legs = services_[requests_[index].service].plan().fan_out;
  requests_[index].legs = legs;
  for (std::uint32_t i = 0; i < legs; ++i) {
    const Request& request = requests_[index];
    const std::uint32_t next = request.first_leg;
    const std::uint32_t leg = requests_.take({.id = combine64(request.id, i),
                                              .sent = now(),
                                              .next_live = next,
                                              .parent = index,
                                              .leg = i,
                                              .kind = request.kind,
                                              .gateway = request.gateway,
                                              .service = request.service,
                                              .measured = request.measured});
    if (next != kNobody) requests_[next].previous_live = leg;
    requests_[index].first_leg = leg;
    attempt(leg);
  }
}

void Run::leg_done(std::uint32_t index, Answer answer, const resilience::Fault& fault) {
  const Request leg = requests_[index];
  requests_.free(index);
  Request& request = requests_[leg.parent];
  (leg.previous_live == kNobody ? request.first_leg : requests_[leg.previous_live].next_live) =
      leg.next_live;
  if (leg.next_live != kNobody) requests_[leg.next_live].previous_live = leg.previous_live;
  if (answer != Answer::kOk) {
    request.worst = answer;
    request.fault = fault;
  }
  if (--request.legs == 0) leave(leg.parent, request.worst, request.fault);
}

// The gateway answers at its door: what it refuses holds no place in its limits.
void Run::refuse(std::uint32_t index, Answer answer, int status) {
  const Request& request = requests_[index];
  answered(request);
  returned(index, answer, {.kind = resilience::Fault::Kind::kStatus, .status = status});
}

// Its events go to their topics.
void Run::answered(const Request& request) {
  gateways_[request.gateway].filters.answered(request.kind);
  publish_events(request);
  if (recording_ == nullptr) return;
  const Plan& config = config_of(request);
  const std::uint32_t route = config.kinds[request.kind].route;
  if (route == RequestKind::kNoRoute) return;
  for (const FilterPlan& filter : config.routes[route].filters) {
    if (filter.kind == FilterPlan::Kind::kPublish) recording_->published(now(), filter.index);
  }
}

// The gateway is done with a request that it has admitted.
void Run::leave(std::uint32_t index, Answer answer, const resilience::Fault& fault) {
  const Request& request = requests_[index];
  if (request.parent != kNobody) return leg_done(index, answer, fault);
  gateways_[request.gateway].filters.release(request.kind);
  if (answer != Answer::kTimedOut) answered(request);
  returned(index, answer, fault);
}

// Nobody waits for the request any more, and the gateway breaks off what it does for it. Of a
// client that gives up it learns nothing about the target.
void Run::abandon(std::uint32_t index) {
  const Request& request = requests_[index];
  if (request.held) return;  // it has not come to the filters yet
  if (request.waiter != kNobody) waiters_[request.waiter] = kNobody;
  break_off_attempts(index);
  for (std::uint32_t leg = request.first_leg; leg != kNobody;) {
    const std::uint32_t next = requests_[leg].next_live;
    break_off_attempts(leg);
    requests_.free(leg);
    leg = next;
  }
  gateways_[request.gateway].filters.release(request.kind);
}

void Run::break_off_attempts(std::uint32_t index) {
  engine_.cancel(requests_[index].attempt_timer);
  if (requests_[index].attempt != kNobody) give_up(requests_[index].attempt);
}

void Run::free_request(std::uint32_t index) {
  if (requests_[index].held) {
    requests_[index].gone = true;
  } else {
    requests_.free(index);
  }
}

}  // namespace headgate::sim
