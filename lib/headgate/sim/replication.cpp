#include "headgate/sim/replication.hpp"

#include <algorithm>
#include <cstddef>
#include <expected>
#include <optional>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/sim/draws.hpp"
#include "headgate/sim/gateway_model.hpp"
#include "headgate/sim/journey.hpp"
#include "headgate/sim/recording.hpp"
#include "headgate/sim/service_model.hpp"
#include "headgate/sim/slab.hpp"

namespace headgate::sim {
namespace {

class Replication {
 public:
  Replication(const Plan& plan, std::uint64_t seed, const std::atomic<bool>& stop,
              std::uint32_t sections, Recording* recording);
  std::vector<Outcome> run();

 private:
  [[nodiscard]] TimePoint now() const noexcept { return engine_.now(); }

  void start_arrivals();
  void handle(const Event& event);
  void on_arrival();
  void on_client(std::uint32_t client);
  void on_finish(std::uint32_t number);
  void on_client_timeout(std::uint32_t index);
  void send(std::uint64_t id, std::uint32_t client);
  void attempt(std::uint32_t index);
  void start_work(std::uint32_t number);
  void conclude(std::uint32_t number, bool failed);
  void fail(std::uint32_t number, const resilience::Fault& fault, Answer answer);
  void leave(std::uint32_t index, Answer answer);
  void settle(std::uint32_t index, Answer answer);
  void think(std::uint32_t client);
  void note_end(std::uint32_t number);
  void note_settled(std::uint32_t index, std::uint32_t kind, Answer answer);

  [[nodiscard]] std::uint32_t kind_of(std::uint64_t id) const noexcept;
  [[nodiscard]] bool admit_arrival();
  void count(Answer answer, Duration response);
  void open_window();
  void close_window();
  [[nodiscard]] bool section_ends() const noexcept;
  void next_section();
  void close_section();
  void start_outcome();
  void snapshot(int sign);
  void check_books();

  const Plan& plan_;
  const std::atomic<bool>& stop_;
  Recording* const recording_;  // or null
  Engine<Event> engine_;
  GatewayModel gateway_;
  std::vector<ServiceModel> services_;
  std::optional<arrival::AnySchedule> schedule_;  // of an open loop
  Draws kind_draws_;
  Draws think_draws_;
  std::vector<std::uint64_t> client_requests_;  // of a closed loop: sent by each client

  Slab<Request> requests_;
  Slab<Attempt> attempts_;
  Ledger ledger_;
  std::uint64_t sent_ = 0;
  bool arriving_ = true;    // until the horizon
  bool measuring_ = false;  // between the warm-up and the horizon
  TimePoint window_start_{};
  std::uint64_t measured_ = 0;  // sent, of all sections
  const std::uint32_t sections_;
  std::vector<Outcome> past_;  // sections that are over
  Outcome outcome_;            // of the current one
};

Replication::Replication(const Plan& plan, std::uint64_t seed, const std::atomic<bool>& stop,
                         std::uint32_t sections, Recording* recording)
    : plan_(plan),
      stop_(stop),
      recording_(recording),
      gateway_(plan, seed),
      kind_draws_(seed, "clients", "request"),
      think_draws_(seed, "clients", "think"),
      sections_(sections) {
  for (const ServicePlan& service : plan.services) services_.emplace_back(service, seed);
  if (const arrival::ClosedArrivals* closed = plan.arrivals.closed()) {
    client_requests_.resize(static_cast<std::size_t>(closed->clients));
  } else {
    schedule_.emplace(plan.arrivals, Random::stream(seed, "clients", 0, "arrival"));
  }
  start_outcome();
}

std::vector<Outcome> Replication::run() {
  // The horizon is scheduled first: an arrival at its very nanosecond is one too late.
  if (plan_.horizon.duration) {
    engine_.schedule(TimePoint{*plan_.horizon.duration}, {Kind::kHorizon, 0});
    engine_.schedule(TimePoint{plan_.horizon.warmup}, {Kind::kWarm, 0});
  }
  start_arrivals();
  constexpr std::uint64_t kStopInterval = 4096;
  std::uint64_t events = 0;
  while (const std::optional<Event> event = engine_.next()) {
    if (++events % kStopInterval == 0 && arriving_ && stop_.load(std::memory_order_relaxed)) {
      outcome_.interrupted = true;
      close_window();
    }
    handle(*event);
  }
  if (arriving_) close_window();  // the schedule itself came to an end
  check_books();
  outcome_.published.assign(gateway_.published().begin(), gateway_.published().end());
  past_.push_back(std::move(outcome_));
  return std::move(past_);
}

void Replication::handle(const Event& event) {
  switch (event.kind) {
    case Kind::kArrival:
      return on_arrival();
    case Kind::kClient:
      return on_client(event.index);
    case Kind::kAttempt:
      return attempt(event.index);
    case Kind::kFinish:
      return on_finish(event.index);
    case Kind::kClientTimeout:
      return on_client_timeout(event.index);
    case Kind::kResponseTimeout:
      return fail(event.index, {.kind = resilience::Fault::Kind::kTimeout}, Answer::kFailed);
    case Kind::kWarm:
      return open_window();
    case Kind::kHorizon:
      return close_window();
  }
}

// ---- Clients ----

void Replication::start_arrivals() {
  if (!schedule_) {
    for (std::uint32_t client = 0; client < client_requests_.size(); ++client) think(client);
    return;
  }
  const Duration first = schedule_->next();
  if (first != kNever) engine_.schedule(TimePoint{first}, {Kind::kArrival, 0});
}

void Replication::on_arrival() {
  if (!admit_arrival()) return;
  // The successor goes first: it takes the place at the heap's root that this event has left.
  HG_ASSERT(schedule_.has_value());
  const Duration next = schedule_->next();
  if (next != kNever) engine_.schedule(TimePoint{next}, {Kind::kArrival, 0});
  send(sent_, 0);
}

// Requests of a closed loop are numbered per client, so that a client's n-th request draws the same
// under every policy.
constexpr std::uint64_t client_request(std::uint32_t client, std::uint64_t number) noexcept {
  return (static_cast<std::uint64_t>(client) << 40) + number;
}

void Replication::think(std::uint32_t client) {
  Random random = think_draws_.of(client_request(client, client_requests_[client]));
  const Duration pause = plan_.arrivals.closed()->think.sample(random);
  engine_.schedule(now() + pause, {Kind::kClient, client});
}

void Replication::on_client(std::uint32_t client) {
  if (!admit_arrival()) return;
  send(client_request(client, client_requests_[client]++), client);
}

// Whether one more request may be sent; opens and closes a window that is counted in requests.
bool Replication::admit_arrival() {
  if (!arriving_) return false;
  if (section_ends()) next_section();
  const Horizon& horizon = plan_.horizon;
  if (!horizon.jobs) return true;
  if (!measuring_ && sent_ >= horizon.warmup_jobs && now() >= TimePoint{horizon.warmup}) {
    open_window();
  }
  if (measured_ >= *horizon.jobs) {
    close_window();
    return false;
  }
  return true;
}

std::uint32_t Replication::kind_of(std::uint64_t id) const noexcept {
  if (plan_.kinds.size() == 1) return 0;
  const double share = kind_draws_.of(id).uniform();
  std::uint32_t kind = 0;
  while (share >= plan_.kinds[kind].share_up_to && kind + 1 < plan_.kinds.size()) ++kind;
  return kind;
}

// ---- The way of a request ----

void Replication::send(std::uint64_t id, std::uint32_t client) {
  ++sent_;
  ledger_.advance(now());
  ++ledger_.in_system;
  const std::uint32_t index = requests_.take(
      {.id = id, .sent = now(), .client = client, .kind = kind_of(id), .measured = measuring_});
  Request& request = requests_[index];
  if (measuring_) ++measured_;
  ++(measuring_ ? outcome_.totals.scheduled : outcome_.warmup_requests);
  if (recording_ != nullptr) recording_->sent(now(), index, request.kind, measuring_);

  const GatewayModel::Passage passage = gateway_.admit(request.kind, now());
  if (passage.verdict != GatewayModel::Verdict::kAdmitted) {
    const bool refused = passage.verdict == GatewayModel::Verdict::kRefused;
    return settle(index, refused ? Answer::kRefused : Answer::kFailed);
  }
  request.service = passage.service;
  if (request.measured) ++outcome_.uses[request.service].requests;
  if (plan_.client_timeout != kNever) {
    request.client_timer =
        engine_.schedule(now() + plan_.client_timeout, {Kind::kClientTimeout, index});
  }
  if (passage.delay == Duration::zero()) return attempt(index);
  request.attempt_timer = engine_.schedule(now() + passage.delay, {Kind::kAttempt, index});
}

void Replication::attempt(std::uint32_t index) {
  Request& request = requests_[index];
  ServiceModel& model = services_[request.service];
  const balance::Call call{
      .now = now(), .key = plan_.kinds[request.kind].balance_key.value_or(mix64(request.id))};
  std::expected<ServiceModel::Place, ServiceModel::NoPlace> place =
      request.attempts == 0 ? model.pick(request.id, call)
                            : model.pick_again(request.id, request.attempts, call, request.target);
  if (!place) {
    if (request.measured && place.error().shed) ++outcome_.uses[request.service].shed;
    return leave(index, place.error().shed ? Answer::kRefused : Answer::kFailed);
  }
  const std::uint32_t target = place->target;
  const std::uint32_t number =
      attempts_.take({.work = model.work_of(request.id, request.attempts, target),
                      .picked = now(),
                      .request = index,
                      .service = request.service,
                      .target = target,
                      .measured = request.measured,
                      .pass = std::move(place->pass)});
  request.attempt = number;
  request.target = target;
  ++request.attempts;
  if (request.measured) ++outcome_.services[request.service][target].picked;
  if (recording_ != nullptr) recording_->picked(now(), index, number, request.service, target);
  switch (model.arrive(target, now(), number)) {
    case Station::Arrival::kRefused:
      fail(number, {.kind = resilience::Fault::Kind::kStatus, .status = 503}, Answer::kRefused);
      return note_end(number);
    case Station::Arrival::kStarts:
      start_work(number);
      break;
    case Station::Arrival::kWaits:
      break;
  }
  const Duration limit = plan_.services[attempts_[number].service].response_timeout;
  if (limit != kNever) {
    attempts_[number].response_timer =
        engine_.schedule(now() + limit, {Kind::kResponseTimeout, number});
  }
}

void Replication::start_work(std::uint32_t number) {
  const Attempt& attempt = attempts_[number];
  const Duration waited = now() - attempt.picked;
  services_[attempt.service].book(attempt.target, waited, attempt.work);
  if (attempt.measured) outcome_.queue_time.record(waited);
  if (recording_ != nullptr) recording_->started(now(), number);
  engine_.schedule(now() + attempt.work, {Kind::kFinish, number});
}

void Replication::on_finish(std::uint32_t number) {
  const Attempt& attempt = attempts_[number];
  const auto next = services_[attempt.service].finish(attempt.target, now());
  if (next) start_work(*next);
  if (!attempt.over) {
    conclude(number, false);
    leave(attempts_[number].request, Answer::kOk);
  }
  note_end(number);
}

// The target is done with an attempt; its number may be given out again.
void Replication::note_end(std::uint32_t number) {
  if (recording_ != nullptr) recording_->finished(now(), number);
  attempts_.free(number);
}

// The gateway has its answer, or waits no longer; the server may still be at it.
void Replication::conclude(std::uint32_t number, bool failed) {
  Attempt& attempt = attempts_[number];
  attempt.over = true;
  if (recording_ != nullptr) recording_->concluded(now(), number);
  engine_.cancel(attempt.response_timer);
  requests_[attempt.request].attempt = kNoAttempt;
  services_[attempt.service].done(
      attempt.target, std::move(attempt.pass),
      {.latency = now() - attempt.picked, .failed = failed, .refused = failed}, now());
}

// An attempt has failed: once more, if the service's retry policy says so, else `answer`.
void Replication::fail(std::uint32_t number, const resilience::Fault& fault, Answer answer) {
  conclude(number, true);
  const std::uint32_t index = attempts_[number].request;
  Request& request = requests_[index];
  const std::optional<Duration> wait = services_[request.service].retry(
      fault, plan_.kinds[request.kind].repeatable, request.retry, now());
  if (!wait) return leave(index, answer);
  request.attempt_timer = engine_.schedule(now() + *wait, {Kind::kAttempt, index});
}

// Of a client that gives up the gateway learns nothing about the server.
void Replication::on_client_timeout(std::uint32_t index) {
  const Request& request = requests_[index];
  engine_.cancel(request.attempt_timer);
  if (request.attempt != kNoAttempt) {
    Attempt& attempt = attempts_[request.attempt];
    attempt.over = true;
    engine_.cancel(attempt.response_timer);
    services_[attempt.service].release(attempt.target, std::move(attempt.pass));
  }
  leave(index, Answer::kTimedOut);
}

// The gateway is done with a request that it has admitted.
void Replication::leave(std::uint32_t index, Answer answer) {
  gateway_.release(requests_[index].kind);
  settle(index, answer);
}

// The client has its outcome: the one place where it is counted.
void Replication::settle(std::uint32_t index, Answer answer) {
  const Request request = requests_[index];
  requests_.free(index);
  engine_.cancel(request.client_timer);
  ledger_.advance(now());
  --ledger_.in_system;
  const Duration response = now() - request.sent;
  ledger_.responses_ns += response.count();
  if (recording_ != nullptr) note_settled(index, request.kind, answer);
  if (answer != Answer::kTimedOut) gateway_.answered(request.kind);
  if (measuring_) {
    if (answer != Answer::kTimedOut) ++outcome_.answered_in_time;
    if (answer == Answer::kOk) ++outcome_.ok_in_time;
  }
  if (request.measured) count(answer, response);
  if (!schedule_ && arriving_) think(request.client);
}

void Replication::note_settled(std::uint32_t index, std::uint32_t kind, Answer answer) {
  recording_->settled(now(), index, answer);
  const std::uint32_t route = plan_.kinds[kind].route;
  if (answer == Answer::kTimedOut || route == RequestKind::kNoRoute) return;
  for (const FilterPlan& filter : plan_.routes[route].filters) {
    if (filter.kind == FilterPlan::Kind::kPublish) recording_->published(now(), filter.index);
  }
}

// ---- What is measured ----

// As in loadgen: a refusal that comes back at once must not make the service look fast, so it is
// not timed; a request that was given up took at least this long, and leaving it out would.
void Replication::count(Answer answer, Duration response) {
  if (outcome_.course) {
    const bool is_timed = answer == Answer::kOk || answer == Answer::kTimedOut;
    outcome_.course->add(is_timed ? std::optional{response} : std::nullopt);
  }
  stats::Totals& totals = outcome_.totals;
  switch (answer) {
    case Answer::kOk:
      ++totals.ok;
      return outcome_.response_time.record(response);
    case Answer::kTimedOut:
      ++totals.timed_out;
      return outcome_.response_time.record(response);
    case Answer::kRefused:
      ++totals.refused;
      return;
    case Answer::kFailed:
      ++totals.failed;
      return;
  }
}

void Replication::open_window() {
  if (measuring_ || !arriving_) return;
  measuring_ = true;
  window_start_ = now();
  if (recording_ != nullptr) recording_->window(now(), true);
  snapshot(-1);
}

void Replication::close_window() {
  arriving_ = false;
  if (!measuring_) return;
  measuring_ = false;
  if (recording_ != nullptr) recording_->window(now(), false);
  close_section();
}

void Replication::close_section() {
  outcome_.length = now() - window_start_;
  snapshot(+1);
}

// Sections are looked at when a request is sent, the only moment at which it matters.
bool Replication::section_ends() const noexcept {
  const std::size_t number = past_.size() + 1;
  if (!measuring_ || number >= sections_) return false;
  const Horizon& horizon = plan_.horizon;
  if (horizon.jobs) {
    return static_cast<Int128>(measured_) * sections_ >=
           static_cast<Int128>(*horizon.jobs) * number;
  }
  const Duration whole = *horizon.duration - horizon.warmup;
  const Duration passed = now() - TimePoint{horizon.warmup};
  return static_cast<Int128>(passed.count()) * sections_ >=
         static_cast<Int128>(whole.count()) * number;
}

void Replication::next_section() {
  close_section();
  past_.push_back(std::move(outcome_));
  start_outcome();
  window_start_ = now();
  snapshot(-1);
}

void Replication::start_outcome() {
  outcome_ = {};
  if (plan_.horizon.course) outcome_.course.emplace();
  for (const ServicePlan& service : plan_.services) {
    outcome_.services.emplace_back(service.targets.size());
  }
  outcome_.uses.resize(plan_.services.size());
}

// Adds the integrals of every station to the outcome, or takes them off: their difference between
// the two ends of the window is what was measured.
void Replication::snapshot(int sign) {
  for (std::size_t s = 0; s < services_.size(); ++s) {
    for (std::uint32_t t = 0; t < outcome_.services[s].size(); ++t) {
      const Station::Integrals sums = services_[s].integrals(t, now());
      outcome_.services[s][t].busy_ns += sign * sums.busy;
      outcome_.services[s][t].waiting_ns += sign * sums.waiting;
    }
  }
}

void Replication::check_books() {
  HG_ASSERT(!arriving_ && engine_.pending() == 0);
  stats::Totals totals = outcome_.totals;
  std::uint64_t warmup = outcome_.warmup_requests;
  for (const Outcome& section : past_) {
    totals += section.totals;
    warmup += section.warmup_requests;
  }
  totals.check();
  HG_ASSERT(totals.scheduled == measured_ && measured_ + warmup == sent_);
  HG_ASSERT(ledger_.in_system == 0);
  HG_ASSERT(ledger_.in_system_ns == ledger_.responses_ns);  // Little's law
  HG_ASSERT(requests_.in_use() == 0 && attempts_.in_use() == 0);
  for (ServiceModel& service : services_) service.check_books(now());
}

}  // namespace

Outcome replicate(const Plan& plan, std::uint64_t seed, const std::atomic<bool>& stop,
                  Recording* recording) {
  return std::move(Replication{plan, seed, stop, 1, recording}.run().front());
}

std::vector<Outcome> replicate_sections(const Plan& plan, std::uint64_t seed,
                                        const std::atomic<bool>& stop, std::uint32_t sections) {
  HG_ASSERT(sections >= 1);
  return Replication{plan, seed, stop, sections, nullptr}.run();
}

}  // namespace headgate::sim
