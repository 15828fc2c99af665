// What a scenario may say of a Kafka cluster, and what is said of a slip in it.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>

#include "headgate/config/broker_config.hpp"
#include "headgate/config/scenario_config.hpp"

namespace headgate::config {
namespace {

using namespace std::chrono_literals;

Loaded<Scenario> load(const std::string& broker) {
  return load_scenario_text("arrivals: {poisson: 10/s}\npublish: t\nbroker: " + broker + "\n",
                            "s.yaml");
}
std::string said(const std::string& broker) {
  std::string text;
  for (const Diagnostic& diagnostic : load(broker).diagnostics) text += to_text(diagnostic) + "\n";
  return text;
}

TEST_CASE("a topic of which nothing is said is librdkafka's and Kafka's") {
  const auto loaded = load("{topics: {t: {}}}");
  REQUIRE(loaded.ok());
  const BrokerTopicConfig& topic = loaded.value.base().broker.topics.at(0);
  CHECK(topic.name == "t");
  CHECK(topic.linger == 5ms);
  CHECK(topic.batch.records == 10'000);
  CHECK(topic.batch.bytes.count == 1'000'000);
  CHECK(topic.acks == Acks::kAll);
  CHECK(topic.fetch.wait == 500ms);
  CHECK(topic.fetch.min_bytes.count == 1);
  CHECK(topic.session_timeout == 45s);
  CHECK(topic.commit == 5s);
  CHECK(topic.message_timeout == 5min);
  CHECK(topic.retention.time == 168h);
  CHECK_FALSE(topic.keys);
}

TEST_CASE("a topic is what its scenario says") {
  const auto loaded = load(
      "{topics: {t: {partitions: 12, consumers: 3, linger: 10ms, acks: 1, replicas: 3, "
      "min_insync: 2, batch: {records: 100, bytes: 64KiB}, process: {exponential: 2ms}, "
      "fetch: {wait: 100ms, min_bytes: 1KiB, max_records: 50}, session_timeout: 10s, "
      "rebalance: 1s, keys: {count: 100k, zipf: 1}, retention: 1h, assignment: roundrobin}}}");
  REQUIRE(loaded.ok());
  const BrokerTopicConfig& topic = loaded.value.base().broker.topics.at(0);
  CHECK(topic.partitions == 12);
  CHECK(topic.consumers == 3);
  CHECK(topic.acks == Acks::kLeader);
  CHECK(topic.batch.records == 100);
  CHECK(topic.batch.bytes.count == 65'536);
  CHECK(topic.fetch.max_records == 50);
  CHECK(topic.keys.value().count == 100'000);
  CHECK(topic.keys.value().zipf == 1);
  CHECK(topic.retention.time == 1h);
  CHECK(topic.assignment == Assignment::kRoundRobin);
  CHECK(load("{topics: {t: {retention: {bytes: 1MB}}}}")
            .value.base()
            .broker.topics[0]
            .retention.bytes->count == 1'000'000);
}

TEST_CASE("a slip in a broker is found with its place") {
  CHECK(said("{topics: {t: {lingr: 5ms}}}").contains("s.yaml:3:23: error[GW001]"));
  CHECK(said("{topics: {t: {lingr: 5ms}}}").contains("linger"));
  CHECK(said("{topics: {t: {acks: quorum}}}").contains("all, 1 or 0"));
  CHECK(said("{topics: {t: {linger: 5}}}").contains("GW001"));
  CHECK(said("{topics: {t: {replicas: 2, min_insync: 3}}}").contains("more than the 2 replicas"));
  CHECK(said("{topics: {u: {}}}").contains("no topic 't'"));
}

TEST_CASE("what is published goes to a topic that is there, and nowhere else") {
  const std::string rest = "arrivals: {poisson: 10/s}\n";
  const auto loaded = [](const std::string& text) {
    std::string all;
    for (const Diagnostic& d : load_scenario_text(text, "s.yaml").diagnostics) {
      all += to_text(d) + "\n";
    }
    return all;
  };
  CHECK(loaded(rest + "publish: request\nbroker: {topics: {requests: {}}}\n")
            .contains("did you mean 'requests'?"));
  CHECK(loaded(rest + "publish: t\nbroker: {topics: {t: {}}}\n"
                      "services: {s: {time: {constant: 1ms}}}\n")
            .contains("neither gateway nor services"));
}

}  // namespace
}  // namespace headgate::config
