// Message load on a real broker, and agents that meet on one of its topics.
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "support/kafka_broker.hpp"
#include "support/loadgen.hpp"

namespace headgate::test {
namespace {

KafkaBroker& broker() {
  static KafkaBroker broker;
  return broker;
}

TEST_CASE("bus: Kafka topics by an open loop, every message once for each group") {
  const TempDir dir;
  const Ended ended =
      loadgen({"bus", "--store", "kafka:" + broker().bootstrap(), "--topic", "drive",
               "--partitions", "2", "--producers", "2", "--groups", "2", "-R", "2k/s", "-d",
               "1500ms", "--linger", "2ms", "--json", dir.path() + "/bus.json"});
  INFO(ended.out << ended.err);
  const auto json = nlohmann::json::parse(read_file(dir.path() + "/bus.json"));
  CHECK(json["store"] == "kafka");
  CHECK(json["durability"] == "os");
  CHECK(json["totals"]["scheduled"] == 3000);
  CHECK(json["totals"]["ok"] == 3000);
  for (const auto& group : json["groups"]) CHECK(group["consumed"] == 3000);
  CHECK(json["held"] == true);
}

TEST_CASE("bus: a queue on Kafka settles every message once") {
  const Ended ended = loadgen({"bus", "--store", "kafka:" + broker().bootstrap(), "--queue", "jobs",
                               "--consumers", "2", "-n", "500"});
  INFO(ended.out << ended.err);
  CHECK(ended.exit_code == 0);
  CHECK_THAT(ended.out, Catch::Contains("500 acknowledged = 500 settled + 0 left + 0 lost"));
}

TEST_CASE("bus, agents: where no broker answers is exit 5") {
  const Ended store = loadgen({"bus", "--store", "kafka:127.0.0.1:1"});
  CHECK(store.exit_code == 5);
  CHECK_THAT(store.err, Catch::Contains("no Kafka broker answers"));
  CHECK(loadgen({"agent", "--join", "kafka:127.0.0.1:1"}).exit_code == 5);
}

TEST_CASE("agents: two share a schedule by a Kafka topic") {
  const TestUpstream upstream;
  const LoadResult result =
      run_load({"--agents", "2", "--local", "--join", "kafka:" + broker().bootstrap() + "/fleet",
                "--url", upstream.url(), "-c", "4", "-R", "500/s", "-d", "1s"});
  INFO(result.ended.err << result.ended.out);
  REQUIRE(result.json.is_object());
  CHECK(result.total("scheduled") == 500);
  CHECK(result.total("ok") == 500);
  CHECK(result.json["agents"].size() == 2);
}

}  // namespace
}  // namespace headgate::test
