// The production queue on virtual time, against closed forms and counts worked by hand.
#include "headgate/sim/queue_model.hpp"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <utility>

#include "headgate/sim/recording.hpp"
#include "plans.hpp"

namespace headgate::sim {
namespace {

using namespace test;

/// Everything that arrives goes to one queue, `q`.
Plan queue_plan(QueuePlan queue, arrival::Arrivals arrivals, std::uint64_t jobs) {
  Plan plan;
  queue.name = "q";
  plan.arrivals = std::move(arrivals);
  plan.kinds.push_back({.share_up_to = 1, .route = 0});
  plan.routes.push_back({.name = "all", .filters = {}, .queue = 0});
  plan.queues.push_back(std::move(queue));
  plan.horizon = {.duration = {}, .jobs = jobs, .warmup_jobs = jobs / 10};
  return plan;
}

TEST_CASE("a queue with one consumer is M/M/1, with four M/M/4") {
  // Mean time from publish to acknowledged in means of a service: 1 / (1 - rho); and with four at
  // 80 % of their 4, by Erlang's C formula, 1.7455.
  const auto mean = [](std::uint32_t consumers, double load) {
    const Plan plan =
        queue_plan({.name = {}, .consumers = {.consumers = consumers, .process = exponential()}},
                   poisson(load * consumers), 20'000);
    return Sample{plan, 4}["queues.q.age.mean"].value / kUnitNs;
  };
  CHECK(mean(1, 0.5) == Approx(2).epsilon(0.03));
  CHECK(mean(4, 0.8) == Approx(1.7455).epsilon(0.03));
}

TEST_CASE("who is asked to put a message into a queue is answered at once") {
  const Plan plan =
      queue_plan({.name = {}, .consumers = {.process = exponential()}}, poisson(2), 500);
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.totals.ok == outcome.totals.scheduled);
  CHECK(outcome.response_time.max() == 0ns);
  CHECK(outcome.bus.queues[0].age.count() == outcome.totals.scheduled);
}

TEST_CASE("a message that fails often enough is given up") {
  // Half of the deliveries fail: (1/2)^3 of the messages fail three times, and there are 1/2 + 1/4
  // deliveries more than messages.
  const Plan plan = queue_plan(
      {.name = {},
       .consumers = {.consumers = 4, .process = constant(), .fails = {0.5}, .retry_delay = 1s},
       .max_deliveries = 3,
       .dead_letter = "q.dead"},
      poisson(0.1), 20'000);
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.bus.queues[0].dead == Approx(20'000 / 8).epsilon(0.05));
  CHECK(outcome.bus.queues[0].redelivered == Approx(20'000 * 0.75).epsilon(0.03));
  CHECK(outcome.bus.queues[0].age.count() + outcome.bus.queues[0].dead ==
        Approx(20'000).epsilon(0.01));  // but for those at the edges of the window
  // One delivery, or two and a delay, or three and two: by 4, 2 and 1 of 7.
  CHECK(outcome.bus.queues[0].age.mean_ns() / 1e9 == Approx((2 + 2.0) / 7).epsilon(0.03));
}

TEST_CASE("what a consumer crashed over comes back when its lease ends") {
  const Plan plan =
      queue_plan({.name = {},
                  .consumers = {.consumers = 4, .process = constant(), .crashes = {0.1}},
                  .lease = 5s},
                 poisson(0.1), 20'000);
  // A geometric number of leases: 0.1 / 0.9 of 5 s on average, and the 1 ms of the last delivery.
  const Sample sample{plan, 4};
  CHECK(sample["queues.q.age.mean"].value / 1e9 == Approx(5.0 / 9).epsilon(0.04));
  CHECK(sample["queues.q.dead"].value == Approx(20'000 * std::pow(0.1, 5)).margin(2));
}

TEST_CASE("work that takes longer than its lease is done in vain") {
  const Plan plan = queue_plan(
      {.name = {},
       .consumers = {.consumers = 8, .process = arrival::Distribution::constant(2s).value()},
       .lease = 1s,
       .max_deliveries = 3},
      {arrival::ConstantArrivals{make_rate(1, 10s)}}, 100);
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.bus.queues[0].age.count() == 0);
  CHECK(outcome.bus.queues[0].dead == Approx(100).margin(1));
  CHECK(outcome.bus.queues[0].redelivered == Approx(200).margin(2));
}

TEST_CASE("what is recorded of a queue over time is the sum of its messages' ages") {
  // Paced at twice what one consumer can do: message k of 110 is done 1 + k / 2 units after it
  // came.
  const Plan plan = queue_plan({.name = {}, .consumers = {.process = constant()}}, paced(2), 100);
  Recording recording(plan, {});
  const std::atomic<bool> never{false};
  static_cast<void>(replicate(plan, 1, never, &recording));
  const Series series = recording.series();
  REQUIRE(series.depth.size() == 1);
  double message_ns = 0;
  for (std::size_t i = 0; i < series.bins; ++i) {
    const Duration start = series.width * static_cast<std::int64_t>(i);
    const Duration covered = std::min(series.width, series.length - start);
    message_ns += series.depth[0][i] * static_cast<double>(covered.count());
  }
  CHECK(message_ns / kUnitNs == Approx(110 + 109 * 110 / 4.0).epsilon(1e-9));
}

TEST_CASE("a queue that cannot be is an error at its place, and no broken run") {
  const auto error_of = [](const std::string& queues, const std::string& simulated) {
    const auto loaded = config::load_scenario_text(
        "arrivals: {poisson: 1/s}\n"
        "gateway:\n"
        "  listeners: [{name: http, bind: '127.0.0.1:0'}]\n"
        "  stores: {main: {memory: {}}}\n"
        "  queues: " +
            queues +
            "\n"
            "  routes: [{name: in, match: {path: {exact: /in}, methods: [POST]}, queue: work}]\n"
            "broker: {queues: " +
            simulated + "}\n",
        "test");
    REQUIRE(loaded.ok());
    const auto plan = make_plan(loaded.value.base());
    return plan ? std::string{} : plan.error().where + " " + plan.error().why;
  };
  CHECK(error_of("{work: {store: main, dead_letter: dead}}", "{work: {}}").empty());
  CHECK(error_of("{work: {store: main, dead_letter: work}}", "{work: {}}")
            .starts_with("gateway.queues.work.dead_letter must be another topic"));
  CHECK(error_of("{work: {store: main}}", "{work: {}, other: {}}")
            .starts_with("broker.queues.other the gateway has no queue"));
  const std::string both = "{work: {store: main, dead_letter: dead}, dead: {store: main}}";
  CHECK(error_of(both, "{work: {}}").empty());
  CHECK(error_of(both, "{work: {}, dead: {}}")
            .starts_with("broker.queues.dead takes the dead letters of 'work'"));
}

TEST_CASE("a queue may have the name that a subscriber's events are kept under") {
  Plan plan = queue_plan({.name = {}, .consumers = {.process = constant()}}, paced(0.5), 100);
  plan.queues[0].name = "subscriber.all";
  plan.subscribers.push_back({.config = {.name = "all", .to = ">", .process = constant()},
                              .pattern = bus::Pattern::compile(">").value()});
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.bus.queues[0].done == outcome.bus.subscribers[0].done);
}

// ---- Subscribers ----

TEST_CASE("a subscriber handles the events that its pattern means, one at a time") {
  Plan plan = plan_of({.arrivals = poisson(0.5), .time = constant(), .jobs = 20'000});
  plan.topics = {"orders.created", "payments.done"};
  for (const std::uint32_t topic : {0U, 1U}) {
    plan.routes[0].filters.push_back({.kind = FilterPlan::Kind::kPublish, .index = topic});
  }
  const auto listen = [&](const std::string& name, const std::string& to) {
    plan.subscribers.push_back({.config = {.name = name, .to = to, .process = exponential()},
                                .pattern = bus::Pattern::compile(to).value()});
  };
  listen("orders", "orders.*");
  listen("nobody", "invoices.>");
  const Sample sample{plan, 4};
  // Half a unit of work per unit. Events come as an M/D/1 queue answers, more evenly than Poisson's
  // and less than paced: between D/M/1's 1.2550 and M/M/1's 2 units.
  CHECK(sample["subscribers.orders.throughput"].value == Approx(500).epsilon(0.02));
  CHECK(sample["subscribers.orders.age.mean"].value / kUnitNs < 2);
  CHECK(sample["subscribers.orders.age.mean"].value / kUnitNs > 1.255);
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.bus.subscribers[1].done == 0);
  CHECK(outcome.bus.subscribers[0].age.count() == outcome.totals.scheduled);
}

TEST_CASE("events that are published in pairs are handled as in a queue with arrivals in pairs") {
  Plan plan = queue_plan({.name = {}, .consumers = {}}, poisson(0.4), 40'000);
  plan.topics = {"orders"};
  plan.routes[0].filters.push_back({.kind = FilterPlan::Kind::kPublish, .index = 0});
  plan.subscribers.push_back({.config = {.name = "all", .to = ">", .process = exponential()},
                              .pattern = bus::Pattern::compile(">").value()});
  // The queue's own events are on the bus as well, which makes pairs: M^[2]/M/1 at 0.8, where an
  // event takes (1 + 1/2) / (1 - 0.8).
  CHECK(Sample(plan, 8)["subscribers.all.age.mean"].value / kUnitNs == Approx(7.5).epsilon(0.05));
}

}  // namespace
}  // namespace headgate::sim
