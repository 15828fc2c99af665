#include "headgate/sim/replication.hpp"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/sim/draws.hpp"
#include "headgate/sim/engine.hpp"
#include "headgate/sim/gateway_model.hpp"
#include "headgate/sim/service_model.hpp"

namespace headgate::sim {
namespace {

enum class Kind : std::uint8_t {
  kArrival,          // the open schedule sends its next request
  kClient,           // client `index` of a closed loop sends
  kHoldOver,         // a leaky_queue lets request `index` go on
  kFinish,           // the service of request `index` ends
  kClientTimeout,    // the client of request `index` gives up
  kResponseTimeout,  // the gateway gives request `index` up: 504
  kWarm,             // the measured stretch begins
  kHorizon,          // arrivals end
};

struct Event {
  Kind kind;
  std::uint32_t index;
};
using Timer = Engine<Event>::Handle;

enum class Answer : std::uint8_t { kOk, kRefused, kFailed, kTimedOut };

// A request from its sending until both its client and its server are done with it.
struct Request {
  std::uint64_t id = 0;
  TimePoint sent;
  TimePoint reached;  // its target
  Duration work{};    // its service time
  Timer client_timer;
  Timer response_timer;
  std::uint32_t client = 0;  // of a closed loop; else 0
  std::uint32_t kind = 0;
  std::uint32_t service = 0;
  std::uint32_t target = 0;
  bool measured = false;
  bool held = false;      // by a leaky_queue; it has no target yet
  bool settled = false;   // the client has its outcome
  bool released = false;  // the balancer counts it no more
};

// Sums over the whole run that Little's law must find equal.
struct Ledger {
  Int128 in_system_ns = 0;  // integral of the number of unsettled requests
  Int128 responses_ns = 0;  // sum of all response times
  TimePoint latest{};
  std::uint64_t in_system = 0;

  void advance(TimePoint now) noexcept {
    in_system_ns += static_cast<Int128>((now - latest).count()) * static_cast<Int128>(in_system);
    latest = now;
  }
};

class Replication {
 public:
  Replication(const Plan& plan, std::uint64_t seed, const std::atomic<bool>& stop);
  Outcome run();

 private:
  [[nodiscard]] TimePoint now() const noexcept { return engine_.now(); }

  void start_arrivals();
  void handle(const Event& event);
  void on_arrival();
  void on_client(std::uint32_t client);
  void on_hold_over(std::uint32_t index);
  void on_finish(std::uint32_t index);
  void send(std::uint64_t id, std::uint32_t client);
  void enter_service(std::uint32_t index, std::uint32_t service);
  void start_work(std::uint32_t index);
  void settle(std::uint32_t index, Answer answer);
  void release(Request& request, Answer answer);
  void think(std::uint32_t client);

  [[nodiscard]] std::uint32_t kind_of(std::uint64_t id) const noexcept;
  [[nodiscard]] bool admit_arrival();
  void count(Answer answer, Duration response);
  void open_window();
  void close_window();
  void snapshot(int sign);
  void check_books();

  std::uint32_t take_request();

  const Plan& plan_;
  const std::atomic<bool>& stop_;
  Engine<Event> engine_;
  GatewayModel gateway_;
  std::vector<ServiceModel> services_;
  std::optional<arrival::AnySchedule> schedule_;  // of an open loop
  Draws kind_draws_;
  Draws think_draws_;
  std::vector<std::uint64_t> client_requests_;  // of a closed loop: sent by each client

  std::vector<Request> requests_;
  std::vector<std::uint32_t> free_requests_;
  Ledger ledger_;
  std::uint64_t sent_ = 0;
  bool arriving_ = true;    // until the horizon
  bool measuring_ = false;  // between the warm-up and the horizon
  TimePoint window_start_{};
  Outcome outcome_;
};

Replication::Replication(const Plan& plan, std::uint64_t seed, const std::atomic<bool>& stop)
    : plan_(plan),
      stop_(stop),
      gateway_(plan, seed),
      kind_draws_(seed, "clients", "request"),
      think_draws_(seed, "clients", "think") {
  for (const ServicePlan& service : plan.services) services_.emplace_back(service, seed);
  if (const arrival::ClosedArrivals* closed = plan.arrivals.closed()) {
    client_requests_.resize(static_cast<std::size_t>(closed->clients));
  } else {
    schedule_.emplace(plan.arrivals, Random::stream(seed, "clients", 0, "arrival"));
  }
  for (const ServicePlan& service : plan.services) {
    outcome_.services.emplace_back(service.targets.size());
  }
}

Outcome Replication::run() {
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
  return std::move(outcome_);
}

void Replication::handle(const Event& event) {
  switch (event.kind) {
    case Kind::kArrival:
      return on_arrival();
    case Kind::kClient:
      return on_client(event.index);
    case Kind::kHoldOver:
      return on_hold_over(event.index);
    case Kind::kFinish:
      return on_finish(event.index);
    case Kind::kClientTimeout:
      release(requests_[event.index], Answer::kTimedOut);
      return settle(event.index, Answer::kTimedOut);
    case Kind::kResponseTimeout:
      release(requests_[event.index], Answer::kFailed);
      return settle(event.index, Answer::kFailed);
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
  const Horizon& horizon = plan_.horizon;
  if (!horizon.jobs) return true;
  if (!measuring_ && sent_ >= horizon.warmup_jobs && now() >= TimePoint{horizon.warmup}) {
    open_window();
  }
  if (outcome_.totals.scheduled < *horizon.jobs) return true;
  close_window();
  return false;
}

std::uint32_t Replication::kind_of(std::uint64_t id) const noexcept {
  if (plan_.kinds.size() == 1) return 0;
  const double share = kind_draws_.of(id).uniform();
  std::uint32_t kind = 0;
  while (share >= plan_.kinds[kind].share_up_to && kind + 1 < plan_.kinds.size()) ++kind;
  return kind;
}

std::uint32_t Replication::take_request() {
  if (free_requests_.empty()) {
    requests_.emplace_back();
    return static_cast<std::uint32_t>(requests_.size() - 1);
  }
  const std::uint32_t index = free_requests_.back();
  free_requests_.pop_back();
  requests_[index] = Request{};
  return index;
}

// ---- The way of a request ----

void Replication::send(std::uint64_t id, std::uint32_t client) {
  ++sent_;
  ledger_.advance(now());
  ++ledger_.in_system;
  const std::uint32_t index = take_request();
  Request& request = requests_[index];
  request.id = id;
  request.sent = now();
  request.client = client;
  request.kind = kind_of(id);
  request.measured = measuring_;
  ++(measuring_ ? outcome_.totals.scheduled : outcome_.warmup_requests);

  const GatewayModel::Passage passage = gateway_.admit(request.kind, now());
  if (passage.verdict == GatewayModel::Verdict::kAdmitted) {
    if (plan_.client_timeout != kNever) {
      request.client_timer =
          engine_.schedule(now() + plan_.client_timeout, {Kind::kClientTimeout, index});
    }
    if (passage.delay == Duration::zero()) return enter_service(index, passage.service);
    request.held = true;
    request.service = passage.service;
    engine_.schedule(now() + passage.delay, {Kind::kHoldOver, index});
    return;
  }
  const bool refused = passage.verdict == GatewayModel::Verdict::kRefused;
  settle(index, refused ? Answer::kRefused : Answer::kFailed);
  free_requests_.push_back(index);
}

void Replication::on_hold_over(std::uint32_t index) {
  Request& request = requests_[index];
  request.held = false;
  if (!request.settled) return enter_service(index, request.service);
  // Its client has given up meanwhile: the gateway sees that, and sends it nowhere.
  gateway_.release(request.kind);
  free_requests_.push_back(index);
}

void Replication::enter_service(std::uint32_t index, std::uint32_t service) {
  Request& request = requests_[index];
  ServiceModel& model = services_[service];
  request.service = service;
  request.target = model.pick(
      request.id, plan_.kinds[request.kind].balance_key.value_or(mix64(request.id)), now());
  request.reached = now();
  request.work = model.work_of(request.id, request.target);
  if (request.measured) ++outcome_.services[service][request.target].picked;
  switch (model.arrive(request.target, now(), index)) {
    case Station::Arrival::kRefused:
      release(request, Answer::kRefused);
      settle(index, Answer::kRefused);
      free_requests_.push_back(index);
      return;
    case Station::Arrival::kStarts:
      start_work(index);
      break;
    case Station::Arrival::kWaits:
      break;
  }
  const Duration limit = plan_.services[service].response_timeout;
  if (limit != kNever) {
    request.response_timer = engine_.schedule(now() + limit, {Kind::kResponseTimeout, index});
  }
}

void Replication::start_work(std::uint32_t index) {
  const Request& request = requests_[index];
  const Duration waited = now() - request.reached;
  services_[request.service].book(request.target, waited, request.work);
  if (request.measured) outcome_.queue_time.record(waited);
  engine_.schedule(now() + request.work, {Kind::kFinish, index});
}

void Replication::on_finish(std::uint32_t index) {
  Request& request = requests_[index];
  const auto next = services_[request.service].finish(request.target, now());
  if (next) start_work(*next);
  release(request, Answer::kOk);
  if (!request.settled) settle(index, Answer::kOk);
  free_requests_.push_back(index);
}

// The gateway is done with the request, whatever its server does. Of a client that gives up it
// learns nothing about the server.
void Replication::release(Request& request, Answer answer) {
  if (request.released || request.held) return;
  request.released = true;
  gateway_.release(request.kind);
  ServiceModel& service = services_[request.service];
  if (answer == Answer::kTimedOut) {
    service.release(request.target);
  } else {
    service.done(request.target,
                 {.latency = now() - request.reached, .failed = answer != Answer::kOk}, now());
  }
  engine_.cancel(request.response_timer);
}

// The client has its outcome: the one place where it is counted.
void Replication::settle(std::uint32_t index, Answer answer) {
  Request& request = requests_[index];
  HG_ASSERT(!request.settled);
  request.settled = true;
  engine_.cancel(request.client_timer);
  ledger_.advance(now());
  --ledger_.in_system;
  const Duration response = now() - request.sent;
  ledger_.responses_ns += response.count();
  if (answer != Answer::kTimedOut) gateway_.answered(request.kind);
  if (measuring_) {
    if (answer != Answer::kTimedOut) ++outcome_.answered_in_time;
    if (answer == Answer::kOk) ++outcome_.ok_in_time;
  }
  if (request.measured) count(answer, response);
  if (!schedule_ && arriving_) think(request.client);
}

// ---- What is measured ----

// As in loadgen: a refusal that comes back at once must not make the service look fast, so it is
// not timed; a request that was given up took at least this long, and leaving it out would.
void Replication::count(Answer answer, Duration response) {
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
  snapshot(-1);
}

void Replication::close_window() {
  arriving_ = false;
  if (!measuring_) return;
  measuring_ = false;
  outcome_.length = now() - window_start_;
  snapshot(+1);
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
  outcome_.totals.check();
  HG_ASSERT(outcome_.totals.scheduled + outcome_.warmup_requests == sent_);
  HG_ASSERT(ledger_.in_system == 0);
  HG_ASSERT(ledger_.in_system_ns == ledger_.responses_ns);  // Little's law
  HG_ASSERT(free_requests_.size() == requests_.size());
  for (ServiceModel& service : services_) service.check_books(now());
}

}  // namespace

Outcome replicate(const Plan& plan, std::uint64_t seed, const std::atomic<bool>& stop) {
  return Replication{plan, seed, stop}.run();
}

}  // namespace headgate::sim
