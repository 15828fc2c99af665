#include "headgate/sim/replication.hpp"

#include <cstddef>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/sim/recording.hpp"
#include "headgate/sim/run.hpp"

namespace headgate::sim {

Run::Run(const Plan& plan, std::uint64_t seed, const std::atomic<bool>& stop,
         std::uint32_t sections, Recording* recording)
    : plan_(plan),
      stop_(stop),
      recording_(recording),
      seed_(seed),
      broker_(plan.broker, seed, engine_),
      kind_draws_(seed, "clients", "request"),
      think_draws_(seed, "clients", "think"),
      cpu_draws_(seed, "gateways", "time"),
      way_draws_(seed, "network", "latency"),
      client_random_(Random::stream(seed, "clients", 0, "retry")),
      sections_(sections) {
  for (const ServicePlan& service : plan.services) {
    first_target_.push_back(services_.empty() ? 0 : first_target_.back() + services_.back().size());
    services_.emplace_back(service, seed, links_);
  }
  start_gateways(plan);
  for (std::uint32_t i = 0; plan.gateways.time && i < plan.gateways.count; ++i) {
    cores_.emplace_back(Station::Options{.servers = plan.gateways.cores}, core_links_);
  }
  if (const arrival::ClosedArrivals* closed = plan.arrivals.closed()) {
    client_requests_.resize(static_cast<std::size_t>(closed->clients));
  } else {
    schedule_.emplace(plan.arrivals, Random::stream(seed, "clients", 0, "arrival"));
  }
  client_timeout_ = lane_of(plan.clients.timeout);
  deadline_ = lane_of(plan.clients.deadline);
  if (plan.clients.retry) retry_ = resilience::RetryPolicy::make(*plan.clients.retry).value();
  if (plan.clients.hedge) hedge_ = resilience::Hedge::make(*plan.clients.hedge).value();
  if (!plan.queues.empty() || !plan.subscribers.empty()) bus_.emplace(plan, seed, engine_);
  start_outcome();
}

std::optional<Engine<Event>::Lane> Run::lane_of(Duration timeout) {
  if (timeout == kNever) return std::nullopt;
  return engine_.lane(timeout);
}

std::vector<Outcome> Run::outcomes() {
  // The horizon is scheduled first: an arrival at its very nanosecond is one too late.
  if (plan_.horizon.duration) {
    engine_.schedule(TimePoint{*plan_.horizon.duration}, {Kind::kHorizon, 0});
    engine_.schedule(TimePoint{plan_.horizon.warmup}, {Kind::kWarm, 0});
  }
  start_ailments();
  broker_.start();
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
  outcome_.published.resize(plan_.topics.size());
  for (const Gateway& gateway : gateways_) {
    for (std::size_t i = 0; i < outcome_.published.size(); ++i) {
      outcome_.published[i] += gateway.filters.published()[i];
    }
  }
  for (std::uint32_t i = 0; i < plan_.broker.size(); ++i) {
    outcome_.published[i] = broker_.published(i);
  }
  end_outcome();
  return std::move(past_);
}

void Run::handle(const Event& event) {
  switch (event.kind) {
    case Kind::kArrival:
      return on_arrival();
    case Kind::kClient:
      return on_client(event.index);
    case Kind::kSend:
      return on_send(event.index);
    case Kind::kHedge:
      return on_hedge(event.index);
    case Kind::kDeadline:
      return settle(event.index, Answer::kTimedOut);
    case Kind::kClientTimeout:
      return on_client_timeout(event.index);
    case Kind::kGateway:
      return on_gateway(event.index);
    case Kind::kCached:
      return leave(event.index, Answer::kOk, {});
    case Kind::kAttempt:
      return reach_service(event.index);
    case Kind::kArrive:
      return on_arrive(event.index);
    case Kind::kFinish:
      return on_finish(event.index);
    case Kind::kSharedEnd:
      return on_shared_end(event.index);
    case Kind::kPatience:
      return on_patience(event.index);
    case Kind::kAnswer:
      return on_answer(event.index);
    case Kind::kResponseTimeout:
      return fail(event.index, {.kind = resilience::Fault::Kind::kTimeout}, Answer::kFailed);
    case Kind::kFaultBegin:
      return begin_fault(plan_.faults[event.index]);
    case Kind::kFaultEnd:
      return end_fault(plan_.faults[event.index]);
    case Kind::kChange:
      return on_change(plan_.changes[event.index]);
    case Kind::kUnhealthy:
      return on_health(event.index, false);
    case Kind::kHealthy:
      return on_health(event.index, true);
    case Kind::kPauseBegin:
      return on_pause(event.index, true);
    case Kind::kPauseEnd:
      return on_pause(event.index, false);
    case Kind::kWarm:
      return open_window();
    case Kind::kHorizon:
      return close_window();
    case Kind::kBroker:
      return on_broker(event.index);
    case Kind::kBus:
      return on_bus(event.index);
  }
}

// As in loadgen: a refusal that comes back at once must not make the service look fast, so it is
// not timed; a call that was given up took at least this long, and leaving it out would.
void Run::count(const Call& call, Answer answer, Duration response) {
  if (outcome_.course) {
    const bool is_timed = answer == Answer::kOk || answer == Answer::kTimedOut;
    outcome_.course->add(is_timed ? std::optional{response} : std::nullopt);
  }
  stats::Totals& totals = outcome_.totals;
  switch (answer) {
    case Answer::kOk:
      ++totals.ok;
      break;
    case Answer::kTimedOut:
      ++totals.timed_out;
      break;
    case Answer::kRefused:
      ++totals.refused;
      return;
    case Answer::kFailed:
      ++totals.failed;
      return;
  }
  outcome_.response_time.record(response);
  if (!plan_.kinds[call.kind].name.empty()) {
    std::optional<stats::Histogram>& of_class = outcome_.classes[call.kind];
    if (!of_class) of_class.emplace();
    of_class->record(response);
  }
}

void Run::open_window() {
  if (measuring_ || !arriving_) return;
  measuring_ = true;
  window_start_ = now();
  if (recording_ != nullptr) recording_->window(now(), true);
  snapshot(-1);
}

void Run::close_window() {
  arriving_ = false;
  if (!measuring_) return;
  measuring_ = false;
  if (recording_ != nullptr) recording_->window(now(), false);
  close_section();
}

void Run::close_section() {
  outcome_.length = now() - window_start_;
  snapshot(+1);
}

// Sections are looked at when a request is sent, the only moment at which it matters.
bool Run::section_ends() const noexcept {
  const std::size_t number = past_.size() + 1;
  if (!measuring_ || number >= sections_) return false;
  const Horizon& horizon = plan_.horizon;
  if (horizon.jobs) {
    return static_cast<Int128>(measured_) * sections_ >=
           static_cast<Int128>(*horizon.jobs) * number;
  }
  HG_ASSERT(horizon.duration.has_value());  // one of the two is set
  const Duration whole = *horizon.duration - horizon.warmup;
  const Duration passed = now() - TimePoint{horizon.warmup};
  return static_cast<Int128>(passed.count()) * sections_ >=
         static_cast<Int128>(whole.count()) * number;
}

void Run::next_section() {
  close_section();
  end_outcome();
  start_outcome();
  window_start_ = now();
  snapshot(-1);
}

void Run::end_outcome() {
  outcome_.topics = broker_.take_outcomes();
  if (bus_) outcome_.bus = bus_->take_outcomes();
  past_.push_back(std::move(outcome_));
}

void Run::start_outcome() {
  outcome_ = {};
  if (plan_.horizon.course) outcome_.course.emplace();
  for (const ServicePlan& service : plan_.services) {
    outcome_.services.emplace_back(service.targets.size());
  }
  outcome_.uses.resize(plan_.services.size());
  outcome_.classes.resize(plan_.kinds.size());
}

// Adds the integrals of every station to the outcome, or takes them off: their difference between
// the two ends of the window is what was measured.
void Run::snapshot(int sign) {
  broker_.measure(sign < 0);
  if (bus_) bus_->measure(sign < 0);
  for (std::size_t s = 0; s < services_.size(); ++s) {
    for (std::uint32_t t = 0; t < outcome_.services[s].size(); ++t) {
      const Station::Integrals sums = services_[s].integrals(t, now());
      outcome_.services[s][t].busy_ns += sign * sums.busy;
      outcome_.services[s][t].waiting_ns += sign * sums.waiting;
    }
  }
}

void Run::check_books() {
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
  HG_ASSERT(calls_.in_use() == 0 && requests_.in_use() == 0 && attempts_.in_use() == 0);
  HG_ASSERT(waiters_.in_use() == 0);
  broker_.check_books();
  if (bus_) bus_->check_books();
  for (ServiceModel& service : services_) service.check_books(now());
  for (const Gateway& gateway : gateways_) {
    for (const ServiceView& view : gateway.services) view.check_empty();
  }
}

Outcome replicate(const Plan& plan, std::uint64_t seed, const std::atomic<bool>& stop,
                  Recording* recording) {
  return std::move(Run{plan, seed, stop, 1, recording}.outcomes().front());
}

std::vector<Outcome> replicate_sections(const Plan& plan, std::uint64_t seed,
                                        const std::atomic<bool>& stop, std::uint32_t sections) {
  HG_ASSERT(sections >= 1);
  return Run{plan, seed, stop, sections, nullptr}.outcomes();
}

}  // namespace headgate::sim
