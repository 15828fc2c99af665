#include "headgate/config/bus_plan.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace headgate::config {
namespace {

using namespace std::chrono_literals;

BusShape shape(std::string_view name) {
  const auto parsed = parse_workload(name);
  if (!parsed) FAIL(name << ": " << parsed.error().why);
  return *parsed;
}

Rate per_second(std::int64_t count) { return make_rate(count, 1s); }

// The names are those of the OpenMessaging benchmark's files; the figures are what these hold.
TEST_CASE("workload: names of OpenMessaging's files say what the files say") {
  CHECK(shape("1-topic-1-partition-1kb") == BusShape{.size = {1024}, .rate = per_second(50'000)});
  CHECK(shape("1-topic-16-partition-100b") ==
        BusShape{.partitions = 16, .size = {100}, .rate = per_second(50'000)});
  CHECK(
      shape("10-topic-3-partitions-100b-1p-2c-1k") ==
      BusShape{
          .topics = 10, .partitions = 3, .consumers = 2, .size = {100}, .rate = per_second(1000)});
  const BusShape backlog = shape("1-topic-100-partitions-1kb-4p-4c-200k-backlog");
  CHECK(backlog == BusShape{.partitions = 100,
                            .producers = 4,
                            .consumers = 4,
                            .size = {1024},
                            .rate = per_second(200'000),
                            .backlog = true});
}

TEST_CASE("workload: a bare number is a rate in front and behind, a size where none came yet") {
  CHECK(shape("1m-10-topics-3-partitions-100b").rate == per_second(1'000'000));
  CHECK(shape("100k-10-topics-3-partitions-1k").size == Bytes{1024});
  const BusShape both = shape("100-topic-3-partitions-1k-1p-2c-1k");
  CHECK(both.size == Bytes{1024});
  CHECK(both.rate == per_second(1000));
  CHECK(shape("10k-topic-1kb-4p-4c-100k").topics == 10'000);
  CHECK(shape("1-topic-1-partition-1kb-1p-1c-100k-rate").rate == per_second(100'000));
  CHECK(shape("1-topic-3-partition-100b-3producers").producers == 3);
  CHECK_FALSE(shape("max-rate-1-topic-1-partition-4p-1c-1kb").rate.has_value());
  CHECK(shape("1-topic-1-partition-1kb-2-subscriptions").groups == 2);
}

TEST_CASE("workload: a word that is not known is named") {
  CHECK(parse_workload("1-topic-json").error().why.starts_with("'json' is not known"));
  CHECK(parse_workload("0-topics").error().why.starts_with("'0' is none"));
  CHECK(parse_workload("1kb").error().why.starts_with("a number of topics is missing"));
  CHECK_FALSE(parse_workload(""));
}

TEST_CASE("store: a flag names memory, a journal's folder or a Kafka cluster") {
  CHECK(std::holds_alternative<MemoryStore>(parse_store("memory")->kind));
  CHECK(std::get<JournalStore>(parse_store("journal:a/b")->kind).dir == "a/b");
  CHECK(std::get<KafkaStore>(parse_store("kafka:h:1,h:2")->kind).bootstrap == "h:1,h:2");
  for (const char* wrong : {"", "disk", "journal:", "kafka:host", "memory:1"}) {
    CHECK(parse_store(wrong).error().why ==
          "a store is written memory, journal:DIR or kafka:HOST:PORT");
  }
}

TEST_CASE("bus plan: keys go over the workload's name") {
  const auto plan = bus_plan_text(
      "workload: 1-topic-16-partitions-1kb-4p-4c-200k\npartitions: 2\nsize: 100B\n"
      "store: {journal: {dir: data}}\ndurability: os\narrivals: {poisson: 5k/s}\n"
      "expect: ['publish_time.p99 < 5ms']\n",
      "plan.yaml");
  REQUIRE(plan.ok());
  CHECK(plan.value.shape()->partitions == 2);
  CHECK(plan.value.shape()->producers == 4);
  CHECK(plan.value.shape()->size == Bytes{100});
  CHECK(plan.value.durability == Durability::kOs);
  CHECK(plan.value.expect.size() == 1);
}

TEST_CASE("bus plan: what is wrong is said at its place") {
  const auto message = [](const std::string& text) {
    const auto plan = bus_plan_text(text, "p.yaml");
    return plan.diagnostics.empty() ? std::string{} : to_text(plan.diagnostics.front());
  };
  CHECK_THAT(message("partition: 2"), Catch::Contains("did you mean 'partitions'?"));
  CHECK_THAT(message("workload: 1-topic-x"),
             Catch::Contains("p.yaml:1:11") && Catch::Contains("'x' is not known"));
  CHECK_THAT(message("durability: fsync"), Catch::Contains("p.yaml:1:13"));
  CHECK_THAT(message("expect: ['publish_tim.p99 < 5ms']"),
             Catch::Contains("did you mean 'publish_time.p99'?"));
}

TEST_CASE("bus plan: the schema has every key") {
  const auto schema = nlohmann::json::parse(bus_plan_schema());
  for (const char* key :
       {"store",          "durability", "topic",     "queue", "workload", "topics",   "partitions",
        "producers",      "groups",     "consumers", "size",  "arrivals", "inflight", "duration",
        "count",          "backlog",    "warmup",    "drain", "linger",   "memory",   "lease",
        "max_deliveries", "nack",       "expect",    "seed"}) {
    CHECK(schema["properties"].contains(key));
  }
}

}  // namespace
}  // namespace headgate::config
