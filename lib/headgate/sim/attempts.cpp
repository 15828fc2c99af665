// An attempt at a target: there, in its queue, served, and back.
//
// A target does not notice that its caller has gone: what was given up keeps its place in the queue
// and its service time, as the sockets of real servers do; it is what makes retry storms. Only a
// deadline travels with a request, so that a target can drop what is past it.
#include <cmath>
#include <expected>

#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/sim/recording.hpp"
#include "headgate/sim/run.hpp"

namespace headgate::sim {
namespace {

constexpr resilience::Fault kUnavailable{.kind = resilience::Fault::Kind::kStatus, .status = 503};

}  // namespace

void Run::attempt(std::uint32_t index) {
  Request& request = requests_[index];
  ServiceModel& model = services_[request.service];
  Gateway& gateway = gateways_[request.gateway];
  const RequestKind& kind = gateway.plan->kinds[request.kind];
  balance::Call call{.now = now(), .key = kind.balance_key.value_or(mix64(request.id))};
  const bool one_each = model.plan().fan_out == model.size() && request.parent != kNobody;
  if (one_each) call.sticky = balance::id_of(model.plan().targets[request.leg].name);
  ServiceView& view = gateway.services[request.service];
  std::expected<ServiceView::Place, ServiceView::NoPlace> place =
      request.attempts == 0 ? view.pick(request.id, call)
                            : view.pick_again(request.id, request.attempts, call, request.target);
  if (!place) {
    if (request.measured && place.error().shed) ++outcome_.uses[request.service].shed;
    return leave(index, place.error().shed ? Answer::kRefused : Answer::kFailed, kUnavailable);
  }
  const std::uint32_t target = place->target;
  const std::uint32_t number =
      attempts_.take({.work = model.work_of(request.id, request.attempts, target, kind),
                      .picked = now(),
                      .request = index,
                      .service = request.service,
                      .target = target,
                      .gateway = request.gateway,
                      .draw = draw_of(request.id, request.attempts),
                      .level = kind.level,
                      .measured = request.measured,
                      .pass = std::move(place->pass)});
  request.attempt = number;
  request.target = target;
  ++request.attempts;
  if (request.measured) ++outcome_.services[request.service][target].picked;
  const Request& whole = request.parent == kNobody ? request : requests_[request.parent];
  if (recording_ != nullptr && !whole.gone) {
    attempts_[number].noted = true;
    const bool again = request.attempts > 1 || calls_[whole.call].requests > 1;
    recording_->picked(now(), whole.call, number, request.service, target, again);
  }
  if (const auto lane = gateway.response_timeouts[request.service]) {
    attempts_[number].response_timer = after(*lane, Kind::kResponseTimeout, number);
  }
  const Duration way = way_to(attempts_[number]);
  if (way == Duration::zero()) return on_arrive(number);
  after(way, Kind::kArrive, number);
}

// ---- Between gateway and target ----

Duration Run::way_to(const Attempt& attempt) {
  Duration way{};
  const config::NetworkConfig& network = plan_.network;
  if (network.latency) {
    Random random = way_draws_.of(draw_of(attempt.draw, 1));
    way += network.latency->sample(random);
  }
  if (!network.connect) return way;
  TargetModel& target = target_of(attempt);
  if (target.idle > 0 && is_current(attempt.gateway)) {
    --target.idle;
  } else {
    Random random = way_draws_.of(draw_of(attempt.draw, 2));
    way += network.connect->sample(random);
  }
  return way;
}

Duration Run::way_back(const Attempt& attempt) {
  if (plan_.network.connect && is_current(attempt.gateway)) ++target_of(attempt).idle;
  if (!plan_.network.latency) return Duration::zero();
  Random random = way_draws_.of(draw_of(attempt.draw, 3));
  return plan_.network.latency->sample(random);
}

void Run::answer(std::uint32_t number, Answer answer, const resilience::Fault& fault) {
  Attempt& attempt = attempts_[number];
  if (target_of(attempt).cut_off > 0) return lose(number);
  note_finished(number);
  attempt.stage = Attempt::Stage::kReturning;
  attempt.answer = answer;
  attempt.fault = fault;
  const Duration way = way_back(attempt);
  if (way == Duration::zero()) return on_answer(number);
  after(way, Kind::kAnswer, number);
}

void Run::on_answer(std::uint32_t number) {
  Attempt& attempt = attempts_[number];
  attempt.stage = Attempt::Stage::kAway;
  if (attempt.over) return free_attempt(number);
  if (attempt.answer != Answer::kOk) return fail(number, attempt.fault, attempt.answer);
  const std::uint32_t index = attempt.request;
  conclude(number, false);
  free_attempt(number);
  leave(index, Answer::kOk, {});
}

// No answer will come: only a timeout ends the wait for it.
void Run::lose(std::uint32_t number) {
  note_finished(number);
  attempts_[number].stage = Attempt::Stage::kAway;
  if (attempts_[number].over) free_attempt(number);
}

// The target is done with it, whether it worked on it or not.
void Run::note_finished(std::uint32_t number) {
  if (attempts_[number].noted) recording_->finished(now(), number);
}

void Run::free_attempt(std::uint32_t number) {
  HG_ASSERT(attempts_[number].over && attempts_[number].stage == Attempt::Stage::kAway);
  attempts_.free(number);
}

// ---- At the target ----

void Run::on_arrive(std::uint32_t number) {
  Attempt& attempt = attempts_[number];
  attempt.arrived = now();
  if (attempt.noted) recording_->arrived(now(), number);
  ServiceModel& service = services_[attempt.service];
  TargetModel& target = target_of(attempt);
  const double loss = plan_.network.loss ? plan_.network.loss->of_one : 0;
  if (target.cut_off > 0 || service.loses(attempt.draw, 0, loss) ||
      service.loses(attempt.draw, 1, target.loss)) {
    return lose(number);
  }
  if (target.down > 0) {
    return answer(number, Answer::kFailed, {.kind = resilience::Fault::Kind::kConnectFailure});
  }
  if (auto* shared = std::get_if<SharedStation>(&target.station)) {
    attempt.stage = Attempt::Stage::kServed;
    attempt.work = Duration{std::llround(static_cast<double>(attempt.work.count()) * target.slow)};
    target.busy_ns += attempt.work.count();
    if (attempt.measured) outcome_.queue_time.record(Duration::zero());
    if (attempt.noted) recording_->started(now(), number);
    shared->arrive(now(), number, attempt.work);
    return schedule_shared(attempt.service, attempt.target);
  }
  switch (std::get_if<Station>(&target.station)->arrive(now(), number, attempt.level)) {
    case Station::Arrival::kRefused:
      return answer(number, Answer::kRefused, kUnavailable);
    case Station::Arrival::kStarts:
      return serve(number);
    case Station::Arrival::kWaits:
      break;
  }
  attempt.stage = Attempt::Stage::kWaits;
  if (!service.plan().patience) return;
  attempt.patience_timer = after(service.patience_of(attempt.draw), Kind::kPatience, number);
}

void Run::serve(std::uint32_t number) {
  Attempt& attempt = attempts_[number];
  TargetModel& target = target_of(attempt);
  const Duration waited = now() - attempt.arrived;
  if (target.slow != 1) {
    attempt.work = Duration{std::llround(static_cast<double>(attempt.work.count()) * target.slow)};
  }
  target.waiting_ns += waited.count();
  target.busy_ns += attempt.work.count();
  if (attempt.measured) outcome_.queue_time.record(waited);
  if (attempt.stage == Attempt::Stage::kWaits) engine_.cancel(attempt.patience_timer);
  if (attempt.noted) recording_->started(now(), number);
  attempt.stage = Attempt::Stage::kServed;
  attempt.ends = now() + attempt.work;
  attempt.finish_timer = engine_.schedule(attempt.ends, {Kind::kFinish, number});
}

// Servers are free: those who wait are served, but for those who are shed.
void Run::serve_next(std::uint32_t service, std::uint32_t target) {
  Station& station = *std::get_if<Station>(&services_[service].target(target).station);
  while (const std::optional<std::uint32_t> next = station.start_next(now())) {
    if (drops(*next, station.waiting() == 0)) {
      station.finish(now());
      services_[service].target(target).waiting_ns += (now() - attempts_[*next].arrived).count();
      engine_.cancel(attempts_[*next].patience_timer);
      answer(*next, Answer::kRefused, kUnavailable);
    } else {
      serve(*next);
    }
  }
}

// Whether an attempt that comes out of the queue is not worth serving.
bool Run::drops(std::uint32_t number, bool last) {
  const Attempt& attempt = attempts_[number];
  std::optional<resilience::Codel>& codel = target_of(attempt).codel;
  if (codel && codel->dequeue(now() - attempt.arrived, last, now())) return true;
  return deadline_ && attempt.over;
}

void Run::on_finish(std::uint32_t number) {
  const Attempt& attempt = attempts_[number];
  std::get_if<Station>(&target_of(attempt).station)->finish(now());
  serve_next(attempt.service, attempt.target);
  answer(number, Answer::kOk);
}

void Run::schedule_shared(std::uint32_t service, std::uint32_t index) {
  TargetModel& target = services_[service].target(index);
  engine_.cancel(target.shared_timer);
  const TimePoint end = std::get_if<SharedStation>(&target.station)->next_end();
  if (end == TimePoint{kNever}) return;
  target.shared_timer = engine_.schedule(end, {Kind::kSharedEnd, number_of(service, index)});
}

void Run::on_shared_end(std::uint32_t target_number) {
  const auto [service, index] = where_is(target_number);
  TargetModel& target = services_[service].target(index);
  const std::uint32_t number = std::get_if<SharedStation>(&target.station)->finish(now());
  ++target.shared_ends;
  schedule_shared(service, index);
  answer(number, Answer::kOk);
}

// The caller has waited long enough, and leaves the queue.
void Run::on_patience(std::uint32_t number) {
  Attempt& attempt = attempts_[number];
  TargetModel& target = target_of(attempt);
  const bool left = std::get_if<Station>(&target.station)->leave(now(), number);
  HG_ASSERT(left);
  target.waiting_ns += (now() - attempt.arrived).count();
  note_finished(number);
  attempt.stage = Attempt::Stage::kAway;
  if (attempt.over) return free_attempt(number);
  const std::uint32_t index = attempt.request;
  requests_[index].attempt = kNobody;
  give_up(number);
  leave(index, Answer::kTimedOut, {.kind = resilience::Fault::Kind::kTimeout});
}

// ---- For the gateway ----

// It waits no longer, and has learned nothing; the target may still be at it.
void Run::give_up(std::uint32_t number) {
  Attempt& attempt = attempts_[number];
  attempt.over = true;
  if (attempt.noted) recording_->concluded(now(), number);
  engine_.cancel(attempt.response_timer);
  view_of(attempt).release(attempt.target, std::move(attempt.pass));
  if (attempt.stage == Attempt::Stage::kAway) free_attempt(number);
}

// It has its answer, or waits no longer; the target may still be at it.
void Run::conclude(std::uint32_t number, bool failed) {
  Attempt& attempt = attempts_[number];
  attempt.over = true;
  if (attempt.noted) recording_->concluded(now(), number);
  engine_.cancel(attempt.response_timer);
  requests_[attempt.request].attempt = kNobody;
  view_of(attempt).done(attempt.target, std::move(attempt.pass),
                        {.latency = now() - attempt.picked, .failed = failed, .refused = failed},
                        now());
}

// An attempt has failed: once more, if the service's retry policy says so, else `answer`.
void Run::fail(std::uint32_t number, const resilience::Fault& fault, Answer answer) {
  Attempt& attempt = attempts_[number];
  const std::uint32_t index = attempt.request;
  conclude(number, true);
  ServiceView& view = view_of(attempt);
  if (attempt.stage == Attempt::Stage::kAway) free_attempt(number);
  Request& request = requests_[index];
  const std::optional<Duration> wait =
      view.retry(fault, plan_.kinds[request.kind].repeatable, request.retry, now());
  if (!wait) return leave(index, answer, fault);
  request.attempt_timer = after(*wait, Kind::kAttempt, index);
}

}  // namespace headgate::sim
