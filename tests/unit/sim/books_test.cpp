// Whatever is put together, the books balance: replicate() asserts that every call has exactly one
// outcome, Little's law and the utilisation law as identities, and that nothing is left behind.
// Here plans are drawn at random from everything that the model has, and carried out.
#include <catch2/catch.hpp>
#include <string>

#include "headgate/core/random.hpp"
#include "unit/sim/plans.hpp"

namespace headgate::sim::test {
namespace {

class PlanDraw {
 public:
  explicit PlanDraw(std::uint64_t seed) : random_(seed) {}

  Plan plan() {
    Plan plan = plan_of({.arrivals = arrivals(),
                         .time = time(),
                         .targets = static_cast<std::uint32_t>(1 + random_.below(4)),
                         .station = station(),
                         .balance = chance(2) ? "two_choices" : "round_robin",
                         .jobs = 400});
    service(plan);
    clients(plan);
    surroundings(plan);
    for (std::uint64_t i = random_.below(4); i > 0; --i) plan.faults.push_back(fault(plan));
    changes(plan);
    return plan;
  }

 private:
  bool chance(std::uint64_t of) { return random_.below(of) == 0; }
  Duration some(std::uint64_t units) {
    return Duration{static_cast<std::int64_t>(1 + random_.below(units * 1'000'000))};
  }

  arrival::Arrivals arrivals() {
    if (chance(4)) return {arrival::ClosedArrivals{.clients = 5, .think = exponential()}};
    return poisson(0.3 + static_cast<double>(random_.below(30)) / 10);
  }
  arrival::Distribution time() {
    return chance(3) ? arrival::Distribution::constant(random_.below(2) * kUnit).value()
                     : exponential();
  }
  Station::Options station() {
    Station::Options options{.servers = static_cast<std::uint32_t>(1 + random_.below(3))};
    options.discipline = static_cast<Discipline>(random_.below(4));
    if (chance(2)) options.queue_max = random_.below(6);
    return options;
  }

  void service(Plan& plan) {
    ServicePlan& service = plan.services[0];
    const bool shared = service.targets[0].station.discipline == Discipline::kProcessorSharing;
    if (!shared && chance(3)) service.patience = exponential();
    if (!shared && chance(3)) {
      service.codel = resilience::Codel::Config{.target = kUnit, .interval = 5 * kUnit};
    }
    if (chance(3))
      service.pauses = config::PauseConfig{.every = exponential(), .length = exponential()};
    if (chance(4)) service.cache = config::CacheConfig{.hits = Share{0.5}, .time = time()};
    if (chance(3)) service.fan_out = static_cast<std::uint32_t>(1 + random_.below(5));
    if (chance(2)) service.response_timeout = some(5);
    if (chance(3)) {
      service.unhealthy_after = some(3);
      service.healthy_after = some(3);
    }
    if (chance(2)) {
      service.guard.retry = resilience::RetryPolicy::Config{.attempts = 2, .on = faults()};
    }
    if (chance(4)) service.guard.breaker = resilience::Breaker::Config{};
    if (chance(4)) service.guard.outlier = resilience::Outlier::Config{};
    if (chance(4)) service.guard.concurrency = resilience::FixedLimit{4};
  }

  void clients(Plan& plan) {
    plan.clients.timeout = some(8);  // so that what gets lost is given up
    if (chance(3)) plan.clients.deadline = some(8);
    if (chance(2)) {
      plan.clients.retry = resilience::RetryPolicy::Config{
          .attempts = 3, .on = faults(), .backoff = {.base = kUnit, .max = 4 * kUnit}};
    }
    if (chance(3)) {
      plan.clients.hedge = resilience::Hedge::Config{
          .delay = some(3), .budget = {.share = Share{0.5}, .min_per_second = 1000}};
    }
    if (chance(2)) {
      plan.kinds = {{.share_up_to = 0.4, .route = 0, .level = 2, .name = "a"},
                    {.share_up_to = 1, .route = 0, .repeatable = false, .time = exponential()}};
    }
  }

  void surroundings(Plan& plan) {
    plan.gateways.count = static_cast<std::uint32_t>(1 + random_.below(3));
    if (chance(2)) plan.gateways.time = exponential();
    if (chance(2)) plan.network.latency = exponential();
    if (chance(2)) plan.network.connect = exponential();
    if (chance(3)) plan.network.loss = Share{0.1};
    if (chance(2)) return;
    add_limiter(plan, token_bucket(rate(1), 3));
    for (LimiterPlan& limiter : plan.limiters) limiter.callers.resize(plan.kinds.size(), {"all"});
  }

  FaultPlan fault(const Plan& plan) {
    FaultPlan fault{.kind = static_cast<FaultPlan::Kind>(random_.below(5)),
                    .at = TimePoint{some(200)},
                    .amount = 0.5};
    fault.end = fault.at + some(100);
    fault.target = static_cast<std::uint32_t>(random_.below(plan.services[0].targets.size()));
    return fault;
  }

  void changes(Plan& plan) {
    std::vector<Plan> changes;
    TimePoint since{};
    for (std::uint64_t i = random_.below(4); i > 0; --i) {
      Plan next = plan;
      since += some(150);
      next.since = since;
      next.limiters.clear();
      next.routes[0].filters.clear();
      ServicePlan& service = next.services[0];
      service.guard = {};
      service.balance.policy = chance(2) ? "least_requests" : "random";
      if (chance(2)) service.guard.retry = resilience::RetryPolicy::Config{.on = faults()};
      if (chance(2)) service.guard.concurrency = resilience::FixedLimit{3};
      if (chance(3)) next.kinds[0].route = RequestKind::kNoRoute;
      if (chance(2)) add_limiter(next, places(5));
      for (LimiterPlan& limiter : next.limiters) limiter.callers.resize(next.kinds.size(), {"all"});
      changes.push_back(std::move(next));
    }
    plan.changes = std::move(changes);
  }

  static ratelimit::Spec places(std::int64_t limit) {
    ratelimit::Spec spec;
    spec.algorithm = "concurrency";
    spec.limit = Tokens{limit};
    return spec;
  }

  static resilience::FaultSet faults() {
    resilience::FaultSet set;
    for (const char* word : {"connect_failure", "reset", "timeout", "5xx", "429"}) {
      REQUIRE(set.add(word).has_value());
    }
    return set;
  }

  Random random_;
};

TEST_CASE("books: they balance whatever is put together, and a run repeats itself") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    const Plan plan = PlanDraw{seed}.plan();
    const Outcome outcome = run(plan, seed);
    CHECK(outcome.totals.scheduled == 400);
    const Outcome again = run(plan, seed);
    CHECK(again.response_time == outcome.response_time);
    CHECK(again.totals.ok == outcome.totals.ok);
  }
}

}  // namespace
}  // namespace headgate::sim::test
