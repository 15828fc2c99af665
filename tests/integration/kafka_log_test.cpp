// KafkaLog against a real Apache Kafka broker.
#include "headgate/kafka/kafka_log.hpp"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdint>
#include <future>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "support/kafka_broker.hpp"

namespace headgate::kafka {
namespace {

using namespace std::chrono_literals;
using messaging::append_and_wait;
using messaging::Record;

test::KafkaBroker& broker() {
  static test::KafkaBroker broker;
  return broker;
}

std::unique_ptr<KafkaLog> open_log() {
  auto log = KafkaLog::open({.bootstrap = broker().bootstrap(), .message_timeout = 60s});
  if (!log) FAIL(log.error().where << ": " << log.error().why);
  return std::move(*log);
}

Record record(const std::string& value) {
  return {.key = "k",
          .value = value,
          .headers = {{"a", "1"}, {"a", "2"}},
          .timestamp = 1'700'000'000'123ms};
}

std::uint64_t append(KafkaLog& log, const std::string& topic, const std::string& value) {
  std::promise<Result<std::uint64_t>> answer;
  log.append(topic, record(value), [&answer](Result<std::uint64_t> r) { answer.set_value(r); });
  const auto result = answer.get_future().get();
  if (!result) FAIL(result.error().where << ": " << result.error().why);
  return *result;
}

TEST_CASE("kafka log: what is appended is read back whole, in order, from any offset") {
  const auto log = open_log();
  REQUIRE(log->create_topic("orders"));
  REQUIRE(log->create_topic("orders"));  // again: fine
  for (std::uint64_t i = 0; i < 5; ++i) CHECK(append(*log, "orders", std::to_string(i)) == i);
  const auto all = log->read("orders", 0);
  REQUIRE(all);
  REQUIRE(all->size() == 5);
  CHECK(all->front().record == record("0"));
  CHECK(all->back().offset == 4);
  CHECK(log->read("orders", 3)->size() == 2);
  CHECK(log->read("orders", 5)->empty());
  CHECK(log->read("orders", 0, {.max_records = 2, .max_bytes = {1 << 20}})->size() == 2);
  CHECK(log->watermarks("orders")->end == 5);
  CHECK(log->read("orders", 6).error().code == Errc::kInvalidArgument);
}

TEST_CASE("kafka log: an unknown topic and a bad name are refused at once") {
  const auto log = open_log();
  CHECK(log->read("nobody", 0).error().code == Errc::kNotFound);
  CHECK(log->watermarks("nobody").error().code == Errc::kNotFound);
  CHECK(append_and_wait(*log, {{"nobody", record("x")}}).error().code == Errc::kNotFound);
  CHECK(log->create_topic("a b").error().code == Errc::kInvalidArgument);
}

TEST_CASE("kafka log: a batch over two topics is seen whole") {
  const auto log = open_log();
  REQUIRE(log->create_topic("work"));
  REQUIRE(log->create_topic("work.dead"));
  const auto offsets = append_and_wait(
      *log, {{"work", record("a")}, {"work.dead", record("b")}, {"work", record("c")}});
  if (!offsets) FAIL(offsets.error().where << ": " << offsets.error().why);
  CHECK(*offsets == std::vector<std::uint64_t>{0, 0, 1});
  // A batch can be read a moment after its answer.
  REQUIRE(test::eventually([&log] { return log->watermarks("work")->end > 1; }));
  const auto work = log->read("work", 0);
  REQUIRE(work);
  REQUIRE(work->size() == 2);
  CHECK(work->at(1).record.value == "c");
  CHECK(log->read("work.dead", 0)->size() == 1);
  // The mark of the transaction took an offset; what comes after it is still found.
  const std::uint64_t next = append(*log, "work", "d");
  CHECK(next == 3);
  CHECK(log->read("work", 2)->at(0).record.value == "d");
}

TEST_CASE("kafka log: nothing acknowledged is lost when the broker is killed in the middle") {
  const auto log = open_log();
  REQUIRE(log->create_topic("durable"));
  constexpr int kRecords = 400;
  std::mutex mutex;
  std::map<std::uint64_t, std::string> acknowledged;
  std::atomic<int> answered = 0;
  for (int i = 0; i < kRecords; ++i) {
    if (i == kRecords / 2) {
      REQUIRE(log->flush(30s));
      broker().kill();
    }
    const std::string value = "event " + std::to_string(i);
    log->append("durable", record(value), [&, value](Result<std::uint64_t> offset) {
      if (offset) {
        const std::scoped_lock lock{mutex};
        acknowledged.emplace(*offset, value);
      }
      ++answered;
    });
  }
  CHECK(answered == kRecords / 2);  // the rest waits for a broker
  broker().start();
  REQUIRE(log->flush(60s));
  CHECK(answered == kRecords);
  CHECK(acknowledged.size() == kRecords);
  const auto stored = log->read("durable", 0);
  REQUIRE(stored);
  REQUIRE(stored->size() == kRecords);  // once each: the producer is idempotent
  for (const auto& each : *stored) CHECK(acknowledged.at(each.offset) == each.record.value);
}

TEST_CASE("kafka log: a cluster that is not there is said so, within the limit") {
  const auto log = KafkaLog::open({.bootstrap = "127.0.0.1:1", .answer_timeout = 1s});
  REQUIRE_FALSE(log);
  CHECK(log.error().code == Errc::kUnavailable);
  CHECK(log.error().where == "127.0.0.1:1");
}

}  // namespace
}  // namespace headgate::kafka
