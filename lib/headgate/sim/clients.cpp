// Clients: when they call, how often they try, when they give up.
#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/sim/recording.hpp"
#include "headgate/sim/run.hpp"

namespace headgate::sim {

void Run::start_arrivals() {
  if (!schedule_) {
    for (std::uint32_t client = 0; client < client_requests_.size(); ++client) think(client);
    return;
  }
  const Duration first = schedule_->next();
  if (first != kNever) engine_.schedule(TimePoint{first}, {Kind::kArrival, 0});
}

void Run::on_arrival() {
  if (!admit_arrival()) return;
  // The successor goes first: it takes the place at the heap's root that this event has left.
  HG_ASSERT(schedule_.has_value());
  const Duration next = schedule_->next();
  if (next != kNever) engine_.schedule(TimePoint{next}, {Kind::kArrival, 0});
  start_call(sent_, 0);
}

namespace {

// Calls of a closed loop are numbered per client, so that a client's n-th call draws the same under
// every policy.
constexpr std::uint64_t client_call(std::uint32_t client, std::uint64_t number) noexcept {
  return (static_cast<std::uint64_t>(client) << 40) + number;
}

}  // namespace

void Run::think(std::uint32_t client) {
  Random random = think_draws_.of(client_call(client, client_requests_[client]));
  after(plan_.arrivals.closed()->think.sample(random), Kind::kClient, client);
}

void Run::on_client(std::uint32_t client) {
  if (!admit_arrival()) return;
  start_call(client_call(client, client_requests_[client]++), client);
}

// Whether one more call may be made; opens and closes a window that is counted in calls.
bool Run::admit_arrival() {
  if (!arriving_) return false;
  if (section_ends()) next_section();
  const Horizon& horizon = plan_.horizon;
  if (!horizon.jobs) return true;
  if (!measuring_ && sent_ >= horizon.warmup_jobs && now() >= TimePoint{horizon.warmup}) {
    open_window();
  }
  if (measured_ < *horizon.jobs) return true;
  close_window();
  return false;
}

std::uint32_t Run::kind_of(std::uint64_t id) const noexcept {
  if (plan_.kinds.size() == 1) return 0;
  const double share = kind_draws_.of(id).uniform();
  std::uint32_t kind = 0;
  while (share >= plan_.kinds[kind].share_up_to && kind + 1 < plan_.kinds.size()) ++kind;
  return kind;
}

void Run::start_call(std::uint64_t id, std::uint32_t client) {
  ++sent_;
  ledger_.advance(now());
  ++ledger_.in_system;
  if (measuring_) ++measured_;
  ++(measuring_ ? outcome_.totals.scheduled : outcome_.warmup_requests);
  const std::uint32_t index = calls_.take(
      {.id = id, .sent = now(), .client = client, .kind = kind_of(id), .measured = measuring_});
  if (recording_ != nullptr) recording_->sent(now(), index, calls_[index].kind, measuring_);
  if (deadline_) calls_[index].deadline_timer = after(*deadline_, Kind::kDeadline, index);
  if (retry_) retry_->on_call(now());
  if (hedge_) {
    Call& call = calls_[index];
    call.hedge = hedge_->start(now());
    const TimePoint due = call.hedge.next_timeout();
    if (due != TimePoint::max()) call.hedge_timer = engine_.schedule(due, {Kind::kHedge, index});
  }
  send(index);
}

void Run::send(std::uint32_t index) {
  Call& call = calls_[index];
  const std::uint64_t id = draw_of(call.id, call.requests++);
  if (call.measured) ++outcome_.requests;
  const std::uint32_t request = requests_.take({.id = id,
                                                .sent = now(),
                                                .call = index,
                                                .next_live = call.first_live,
                                                .kind = call.kind,
                                                .measured = call.measured});
  call.first_live = request;
  if (client_timeout_) {
    requests_[request].client_timer = after(*client_timeout_, Kind::kClientTimeout, request);
  }
  enter(request);
}

void Run::on_send(std::uint32_t index) {
  calls_[index].waits = false;
  send(index);
}

void Run::on_hedge(std::uint32_t index) {
  HG_ASSERT(hedge_.has_value());
  Call& call = calls_[index];
  if (!hedge_->on_timeout(call.hedge, now())) return;
  if (call.measured) ++outcome_.hedges;
  send(index);
}

void Run::on_client_timeout(std::uint32_t index) {
  abandon(index);
  returned(index, Answer::kTimedOut, {.kind = resilience::Fault::Kind::kTimeout});
}

// A request of a call is over for the client; `index` is free afterwards, unless a core still has
// it.
void Run::returned(std::uint32_t index, Answer answer, const resilience::Fault& fault) {
  Request& request = requests_[index];
  const std::uint32_t number = request.call;
  Call& call = calls_[number];
  engine_.cancel(request.client_timer);
  std::uint32_t* link = &call.first_live;
  while (*link != index) link = &requests_[*link].next_live;
  *link = request.next_live;
  const bool first_try = request.sent == call.sent;
  free_request(index);
  if (hedge_ && answer == Answer::kOk && first_try) hedge_->done(now() - call.sent, now());
  if (answer == Answer::kOk) {
    if (retry_) retry_->on_success();
    return settle(number, answer);
  }
  if (retry_ && !call.waits) {  // a hedge that fails too asks for no second next try
    const std::optional<Duration> wait = retry_->on_fault(fault, plan_.kinds[call.kind].repeatable,
                                                          call.retry, {}, now(), client_random_);
    if (wait) {
      call.waits = true;
      call.timer = after(*wait, Kind::kSend, number);
      return;
    }
  }
  // Another of its tries may still be answered.
  if (call.first_live == kNobody && !call.waits) settle(number, answer);
}

// The client has its outcome: the one place where it is counted.
void Run::settle(std::uint32_t index, Answer answer) {
  while (calls_[index].first_live != kNobody) {
    const std::uint32_t live = calls_[index].first_live;
    calls_[index].first_live = requests_[live].next_live;
    engine_.cancel(requests_[live].client_timer);
    abandon(live);
    free_request(live);
  }
  const Call call = calls_[index];
  calls_.free(index);
  engine_.cancel(call.timer);
  engine_.cancel(call.hedge_timer);
  engine_.cancel(call.deadline_timer);
  ledger_.advance(now());
  --ledger_.in_system;
  const Duration response = now() - call.sent;
  ledger_.responses_ns += response.count();
  if (recording_ != nullptr) recording_->settled(now(), index, answer);
  if (measuring_) {
    if (answer != Answer::kTimedOut) ++outcome_.answered_in_time;
    if (answer == Answer::kOk) ++outcome_.ok_in_time;
  }
  if (call.measured) count(call, answer, response);
  if (!schedule_ && arriving_) think(call.client);
}

}  // namespace headgate::sim
