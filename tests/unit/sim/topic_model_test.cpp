// The model of Kafka's pipeline against closed forms and sums worked by hand.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <utility>

#include "plans.hpp"

namespace headgate::sim {
namespace {

using namespace test;
using config::Acks;
using config::BrokerTopicConfig;

Rate per_second(std::int64_t count) { return make_rate(count, 1s); }
arrival::Distribution always(Duration time) {
  return arrival::Distribution::constant(time).value();
}

/// Everything that arrives is published to one topic, `t`.
Plan topic_plan(BrokerTopicConfig topic, arrival::Arrivals arrivals,
                std::vector<TopicFault> faults = {}) {
  Plan plan;
  topic.name = "t";
  for (TopicFault& fault : faults) fault.topic = "t";
  plan.arrivals = std::move(arrivals);
  plan.kinds.push_back({.share_up_to = 1, .route = 0});
  plan.routes.push_back({.name = "all", .filters = {}, .topic = 0});
  plan.topics = {"t"};
  plan.broker = make_topic_plans({.topics = {std::move(topic)}}, faults).value();
  return plan;
}
Plan for_jobs(Plan plan, std::uint64_t jobs) {
  plan.horizon = {.duration = {}, .jobs = jobs, .warmup_jobs = jobs / 10};
  return plan;
}
Plan for_time(Plan plan, Duration duration) {
  plan.horizon = {.duration = duration, .jobs = {}};
  return plan;
}
arrival::Arrivals poisson_per_s(std::int64_t count) {
  return {arrival::PoissonArrivals{per_second(count)}};
}
arrival::Arrivals paced_per_s(std::int64_t count) {
  return {arrival::ConstantArrivals{per_second(count)}};
}
/// 4 partitions, 4 consumers that can do 200/s each, no delays but those of the test.
BrokerTopicConfig four() {
  return {.partitions = 4, .linger = 0ms, .consumers = 4, .process = always(5ms), .commit = 0s};
}
double figure(const Plan& plan, const std::string& name, std::uint64_t seed = 1) {
  return figures_of(plan, run(plan, seed)).at(FigureNames{plan}.find("topics.t." + name));
}

TEST_CASE("a batch holds what comes within the linger of its first record, up to its cap") {
  // K = 1 + min(Poisson(lambda T), N - 1): the mean size, and the mean wait of a record, by sums
  // over the Poisson distribution.
  struct Case {
    std::int64_t rate;
    std::uint32_t cap;
    Duration linger;
    double size;
    double wait_ms;
  };
  const Case cases[] = {{1000, 16, 5ms, 5.9999, 2.916},   {1000, 100, 5ms, 6.0000, 2.917},
                        {10000, 100, 5ms, 51.000, 2.549}, {10000, 100, 10ms, 96.5006, 4.790},
                        {100, 100, 5ms, 1.5000, 4.167},   {20000, 100, 5ms, 96.5006, 2.395}};
  for (const Case& c : cases) {
    INFO(c.rate << "/s, " << c.cap << ", " << c.linger.count() << " ns");
    const Sample sample{for_jobs(topic_plan({.linger = c.linger, .batch = {.records = c.cap}},
                                            poisson_per_s(c.rate)),
                                 40'000),
                        4};
    CHECK(sample["topics.t.batch.mean"].value == Approx(c.size).epsilon(0.01));
    CHECK(sample["topics.t.produce_time.mean"].value == Approx(c.wait_ms * 1e6).epsilon(0.01));
  }
}

TEST_CASE("a batch is capped by its bytes as well") {
  CHECK(figure(for_jobs(topic_plan({.linger = 1s, .batch = {.bytes = {1000}}, .record = {100}},
                                   paced_per_s(1000)),
                        1000),
               "batch.mean") == Approx(10));
}

TEST_CASE("acks=all waits for the slowest follower in sync, and consumers always do") {
  // The mean of the greater of two Exp(1) is 1.5; a majority would have it after 0.5.
  const auto topic = [](Acks acks, std::uint32_t replicas) {
    return BrokerTopicConfig{.linger = 0ms,
                             .acks = acks,
                             .follower = exponential(),
                             .replicas = replicas,
                             .fetch = {.wait = 500ms}};
  };
  const auto mean = [&](Acks acks, std::uint32_t replicas, const char* name) {
    return Sample{for_jobs(topic_plan(topic(acks, replicas), paced_per_s(10)), 20'000),
                  4}[std::string{"topics.t."} + name + ".mean"]
               .value /
           kUnitNs;
  };
  CHECK(mean(Acks::kAll, 3, "produce_time") == Approx(1.5).epsilon(0.01));
  CHECK(mean(Acks::kAll, 5, "produce_time") == Approx(25.0 / 12).epsilon(0.01));
  CHECK(mean(Acks::kAll, 1, "produce_time") == 0);
  CHECK(mean(Acks::kLeader, 3, "produce_time") == 0);
  CHECK(mean(Acks::kLeader, 3, "age") == Approx(1.5).epsilon(0.01));
}

TEST_CASE("the way to the broker and back is part of the answer, but not for acks=0") {
  BrokerTopicConfig topic{.linger = 0ms, .network = always(2ms), .append = always(3ms)};
  CHECK(figure(for_jobs(topic_plan(topic, paced_per_s(10)), 100), "produce_time.mean") == 7e6);
  topic.acks = Acks::kNone;
  CHECK(figure(for_jobs(topic_plan(topic, paced_per_s(10)), 100), "produce_time.mean") == 0);
  // There, appended, and with the answer to a fetch that waits.
  CHECK(figure(for_jobs(topic_plan(topic, paced_per_s(10)), 100), "age.mean") == 7e6);
}

TEST_CASE("a follower that is down holds commits up for 30 s, then min_insync decides") {
  // 100/s for 100 s; down from 10 s to 70 s, dropped at 40 s. Who comes in 10..40 waits until 40,
  // 15 s on average; with min_insync 3, who comes in 40..70 waits until 70.
  const auto mean_s = [](std::uint32_t min_insync) {
    return figure(for_time(topic_plan({.linger = 0ms, .replicas = 3, .min_insync = min_insync},
                                      paced_per_s(100),
                                      {{.at = 10s,
                                        .length = 60s,
                                        .part = TopicFault::Part::kReplica,
                                        .index = 2}}),
                           100s),
                  "produce_time.mean") /
           1e9;
  };
  CHECK(mean_s(2) == Approx(0.3 * 15).epsilon(0.001));
  CHECK(mean_s(3) == Approx(0.6 * 15).epsilon(0.001));
}

TEST_CASE("a record that is not let in within the message timeout is given up") {
  // The leader is away from 10 s to 30 s: whoever came in the first 10 s of that has 10 s at most.
  const std::vector<TopicFault> away{
      {.at = 10s, .length = 20s, .part = TopicFault::Part::kPartition}};
  const Plan plan =
      for_time(topic_plan({.linger = 0ms, .message_timeout = 10s}, paced_per_s(100), away), 100s);
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.totals.failed == Approx(1000).margin(1));
  CHECK(outcome.topics[0].failed == outcome.totals.failed);
  CHECK(outcome.topics[0].age.count() == outcome.totals.ok);
  CHECK(outcome.topics[0].produce_time.max() == 10s);
}

TEST_CASE("with acks=0 a producer does not learn that nobody was there") {
  const Plan plan =
      for_time(topic_plan({.linger = 0ms, .acks = Acks::kNone}, paced_per_s(100),
                          {{.at = 10s, .length = 10s, .part = TopicFault::Part::kPartition}}),
               100s);
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.totals.ok == outcome.totals.scheduled);
  CHECK(outcome.topics[0].lost == 1000);
  CHECK(outcome.topics[0].age.count() == outcome.totals.scheduled - 1000);
}

TEST_CASE("a client that gives up leaves its record where it is") {
  Plan plan =
      for_time(topic_plan(four(), paced_per_s(100),
                          {{.at = 10s, .length = 10s, .part = TopicFault::Part::kPartition}}),
               100s);
  plan.clients.timeout = 1s;
  const Outcome outcome = run(plan, 1);
  // A fourth of the records of 9 s.
  CHECK(outcome.totals.timed_out == Approx(225).margin(1));
  CHECK(outcome.totals.ok + outcome.totals.timed_out == outcome.totals.scheduled);
  CHECK(outcome.topics[0].age.count() == outcome.totals.scheduled);
}

TEST_CASE("a producer whose buffer is full refuses") {
  BrokerTopicConfig topic{.linger = 10ms, .buffer = 50};
  const Outcome outcome = run(for_time(topic_plan(topic, paced_per_s(10'000)), 1s), 1);
  // 50 are taken in the first 5 of every 10 ms, a hundred times.
  CHECK(outcome.totals.refused == Approx(5000).epsilon(0.02));
  CHECK(outcome.topics[0].refused == outcome.totals.refused);
}

TEST_CASE("requests of a partition are appended one after another") {
  // M/D/1 at 80 %: 0.8 / (2 * 0.2) = 2 services of waiting, and the service.
  CHECK(Sample{for_jobs(topic_plan({.linger = 0ms, .append = always(1ms)}, poisson_per_s(800)),
                        50'000),
               4}["topics.t.produce_time.mean"]
            .value == Approx(3e6).epsilon(0.03));
}

TEST_CASE("with one request under way, batches grow by what comes meanwhile") {
  // 1000/s, and 10 ms to the broker and back.
  const Plan plan = for_jobs(
      topic_plan({.linger = 0ms, .in_flight = 1, .network = always(5ms)}, paced_per_s(1000)), 5000);
  CHECK(figure(plan, "batch.mean") == Approx(10).epsilon(0.01));
}

TEST_CASE("a rebalance costs its time in records, and their draining") {
  // The fifth consumer has no partition: nobody misses it, but when its session ends all stop for
  // 3 s. 400/s * 3 s wait then; 4 * 200/s - 400/s drain them in 3 s: twice 1200 * 3 / 2 record-
  // seconds. And 2 records are at work at any time.
  BrokerTopicConfig topic = four();
  topic.consumers = 5;
  const Plan plan = for_time(topic_plan(topic, paced_per_s(400), {{.at = 5s, .index = 4}}), 100s);
  CHECK(figure(plan, "rebalances") == 1);
  CHECK(figure(plan, "lag.max") == Approx(1200).margin(4));
  CHECK(figure(plan, "lag.mean") == Approx(36 + 2).epsilon(0.01));
  CHECK(figure(plan, "age.max") == Approx(3e9).epsilon(0.01));
}

TEST_CASE("a dead consumer is noticed after its session: its share of 45 s has piled up") {
  const Plan plan = for_time(topic_plan(four(), paced_per_s(400), {{.at = 5s, .index = 0}}), 49s);
  CHECK(figure(plan, "lag.max") == Approx(0.25 * 400 * 44).margin(5));
  // And then 3 s of everybody's.
  const Plan longer = for_time(topic_plan(four(), paced_per_s(400), {{.at = 5s, .index = 0}}), 54s);
  CHECK(figure(longer, "lag.max") == Approx(4500 + 1200).margin(10));
}

TEST_CASE("a consumer that is back before its session ends goes on, without a rebalance") {
  const Plan plan =
      for_time(topic_plan(four(), paced_per_s(400), {{.at = 5s, .length = 20s, .index = 0}}), 100s);
  CHECK(figure(plan, "rebalances") == 0);
  CHECK(figure(plan, "lag.max") == Approx(100 * 20).margin(5));
  CHECK(figure(plan, "age.max") == Approx(20e9).epsilon(0.001));
}

TEST_CASE("what was not committed when a consumer died is processed again") {
  BrokerTopicConfig topic = four();
  topic.commit = 5s;
  // 100/s of its own; it dies at 13 s, the last commit was at 10 s.
  const Plan plan =
      for_time(topic_plan(topic, paced_per_s(400), {{.at = 13s, .length = 5s, .index = 1}}), 60s);
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.topics[0].redelivered == Approx(300).margin(2));
  CHECK(outcome.topics[0].age.count() == outcome.totals.scheduled);
}

TEST_CASE("a slow consumer is slow while it is") {
  const auto p99 = [](double slow) {
    return figure(for_time(topic_plan(four(), paced_per_s(400),
                                      {{.at = 0s, .length = 100s, .index = 2, .slow = slow}}),
                           100s),
                  "age.max");
  };
  CHECK(p99(1.5) == 7.5e6);
  // 15 ms for what comes every 10 ms: after 100 s it is at what came at 66.7 s.
  CHECK(p99(3) == Approx(100e9 / 3).epsilon(0.01));
}

TEST_CASE("what outlives the retention unread is lost, and counted") {
  // Nobody reads until 60 s + 3 s: what is older than 10 s then is gone.
  BrokerTopicConfig topic = four();
  topic.consumers = 1;
  topic.process = {};
  topic.retention.time = 10s;
  const std::vector<TopicFault> away{{.at = 0s, .length = 60s}};
  const Plan by_time = for_time(topic_plan(topic, paced_per_s(100), away), 100s);
  CHECK(figure(by_time, "lost") == Approx(5300).margin(1));
  topic.retention = {.bytes = Bytes{100 * 50}};
  const Plan by_size = for_time(topic_plan(topic, paced_per_s(100), away), 100s);
  // 50 of each partition are left.
  CHECK(figure(by_size, "lost") == Approx(6300 - 200).margin(1));
  CHECK(run(by_size, 1).topics[0].age.count() == Approx(10'000 - 6100).margin(1));
}

TEST_CASE("consumers beyond the partitions do nothing") {
  const auto throughput = [](std::uint32_t consumers) {
    BrokerTopicConfig topic = four();
    topic.consumers = consumers;
    return figure(for_time(topic_plan(topic, paced_per_s(1600)), 50s), "throughput");
  };
  CHECK(throughput(2) == Approx(400).epsilon(0.01));
  CHECK(throughput(4) == Approx(800).epsilon(0.01));
  CHECK(throughput(8) == Approx(800).epsilon(0.01));
}

TEST_CASE("four partitions on three consumers carry what one of two partitions can") {
  BrokerTopicConfig topic = four();
  topic.consumers = 3;
  const Plan plan = topic_plan(topic, paced_per_s(1));
  CHECK(plan.broker[0].capacity_per_s() == Approx(400));
  topic.consumers = 8;
  CHECK(topic_plan(topic, paced_per_s(1)).broker[0].capacity_per_s() == Approx(800));
}

TEST_CASE("the hottest partition's consumer bounds the group") {
  // Zipf(1): the hottest of 12 partitions has h = 16.45 % (partitioner_test). A consumer can do
  // 200/s, so twelve of them 200 / h = 1216/s, half of what they could at even shares.
  BrokerTopicConfig topic = four();
  topic.partitions = 12;
  topic.consumers = 12;
  topic.keys = {.count = 100'000, .zipf = 1};
  CHECK(topic_plan(topic, paced_per_s(1)).broker[0].capacity_per_s() ==
        Approx(1216).epsilon(0.001));
  const auto lag = [&](std::int64_t rate) {
    return figure(for_time(topic_plan(topic, paced_per_s(rate)), 100s), "lag.max");
  };
  CHECK(lag(1050) < 200);
  // 1400 h - 200 = 30.3/s pile up for 100 s, but for which keys are drawn.
  CHECK(lag(1400) == Approx(3030).epsilon(0.12));
}

TEST_CASE("an idle fetch is answered when its time is over, or at once when there is enough") {
  const auto age_ms = [](std::uint64_t min_bytes) {
    BrokerTopicConfig topic{
        .linger = 0ms, .record = {100}, .fetch = {.wait = 100ms, .min_bytes = {min_bytes}}};
    return Sample{for_jobs(topic_plan(topic, poisson_per_s(2)), 20'000), 4}["topics.t.age.mean"]
               .value /
           1e6;
  };
  CHECK(age_ms(1) == 0);
  // Poisson arrivals see the fetch at any age.
  CHECK(age_ms(1'000'000) == Approx(50).epsilon(0.01));
}

TEST_CASE("a fault names a part of a topic, and what it can suffer") {
  const config::BrokerConfig broker{
      .topics = {{.name = "a/b", .partitions = 2, .replicas = 3, .consumers = 4}}};
  const auto fault = [&](const std::string& target, config::FaultConfig::Kind kind) {
    return topic_fault({.at = 1s, .length = 2s, .target = target, .kind = kind, .amount = 5},
                       broker, "faults.0");
  };
  using enum config::FaultConfig::Kind;
  const auto consumer = fault("topics/a/b/consumers/3", kSlow).value();
  CHECK(consumer.topic == "a/b");
  CHECK(consumer.index == 3);
  CHECK(consumer.slow == 5);
  CHECK(fault("topics/a/b/partitions/1", kDown).value().part == TopicFault::Part::kPartition);
  CHECK(fault("topics/a/b/replicas/2", kDown).value().part == TopicFault::Part::kReplica);
  for (const char* const wrong :
       {"topics/a/b/consumers/4", "topics/a/b/partitions/2", "topics/a/b/replicas/0",
        "topics/a/b/replicas/3", "topics/a/b/consumer/0", "topics/b/consumers/0", "topics/",
        "topics//", "topics/a", "topics/a/b/consumers/x"}) {
    INFO(wrong);
    CHECK_FALSE(fault(wrong, kDown));
  }
  CHECK_FALSE(fault("topics/a/b/partitions/1", kSlow));
  CHECK_FALSE(fault("topics/a/b/consumers/1", kLossy));
  const TopicFault once{.at = 1s, .length = 2s, .topic = "a/b"};
  const TopicFault again{.at = 2s, .length = 2s, .topic = "a/b"};
  const TopicFault later{.at = 3s, .topic = "a/b"};
  CHECK_FALSE(make_topic_plans(broker, std::vector{once, again}));
  CHECK(make_topic_plans(broker, std::vector{later, once}));
}

TEST_CASE("equal seeds give equal topics, and nothing is left when a run ends") {
  BrokerTopicConfig topic = four();
  topic.process = arrival::Distribution::exponential(8ms).value();
  topic.network = arrival::Distribution::exponential(3ms).value();
  topic.follower = exponential();
  topic.replicas = 3;
  topic.commit = 1s;
  topic.fetch = {.wait = 20ms, .min_bytes = {500}, .max_records = 7};
  topic.assignment = config::Assignment::kRoundRobin;
  topic.keys = {.count = 1000, .zipf = 0.5};
  const Plan plan = for_time(
      topic_plan(topic, poisson_per_s(300),
                 {{.at = 3500ms, .length = 50s, .index = 0},
                  {.at = 10s, .length = 2s, .index = 1},
                  {.at = 49s, .length = 60s, .index = 2},
                  {.at = 20s, .length = 1s, .part = TopicFault::Part::kPartition},
                  {.at = 60s, .length = 5s, .index = 3, .slow = 4},
                  {.at = 7s, .length = 70s, .part = TopicFault::Part::kReplica, .index = 1}}),
      120s);
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Outcome once = run(plan, seed);
    const Outcome again = run(plan, seed);
    CHECK(once.topics[0].age == again.topics[0].age);
    CHECK(once.topics[0].age.count() + once.topics[0].lost == once.totals.scheduled);
    CHECK(once.topics[0].redelivered > 0);
  }
}

}  // namespace
}  // namespace headgate::sim
