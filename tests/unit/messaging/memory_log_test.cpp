#include "headgate/messaging/memory_log.hpp"

#include <catch2/catch.hpp>

#include "support/log_conformance.hpp"

namespace headgate::messaging {
namespace {

using test::append;
using test::record_of;

TEST_CASE("a memory log does what every log does") {
  test::check_log([] { return std::make_unique<MemoryLog>(); });
}

TEST_CASE("a memory log refuses the record over its bound and keeps those below it") {
  MemoryLog log{{.max_bytes = {1000}, .max_records = 3}};
  REQUIRE(log.create_topic("a"));
  for (int i = 0; i < 3; ++i) CHECK(append(log, "a", record_of("x")));
  const auto refused = append(log, "a", record_of("x"));
  CHECK(refused.error().code == Errc::kNoSpace);
  CHECK(refused.error().why == "the memory store holds its maximum of 3 records");
  CHECK(log.watermarks("a")->end == 3);
}

TEST_CASE("a memory log counts key, value and headers against its bytes") {
  MemoryLog log{{.max_bytes = {10}, .max_records = 100}};
  REQUIRE(log.create_topic("a"));
  CHECK(append(log, "a", record_of("1234567")));  // 1 + 7 + 2 = 10
  CHECK(append(log, "a", record_of("")).error().code == Errc::kNoSpace);
}

TEST_CASE("a batch that does not fit is refused whole") {
  MemoryLog log{{.max_bytes = {1000}, .max_records = 1}};
  REQUIRE(log.create_topic("a"));
  const auto refused = append_and_wait(log, {{"a", record_of("0")}, {"a", record_of("1")}});
  CHECK(refused.error().code == Errc::kNoSpace);
  CHECK(log.watermarks("a")->end == 0);
  CHECK(append(log, "a", record_of("2")) == 0U);
}

TEST_CASE("a memory log says that nothing of it survives a power cut") {
  MemoryLog log;
  REQUIRE(log.create_topic("a"));
  REQUIRE(append(log, "a", record_of("x")));
  CHECK(*log.watermarks("a") == Watermarks{.begin = 0, .end = 1, .synced = 0});
  CHECK(to_text(log.durability()) == "memory");
}

TEST_CASE("a memory log that forgets has room again, and offsets stay what they were") {
  MemoryLog log{{.max_bytes = {1000}, .max_records = 3}};
  REQUIRE(log.create_topic("a"));
  for (int i = 0; i < 3; ++i) CHECK(append(log, "a", record_of(std::to_string(i))));
  log.forget("a", 2);
  log.forget("a", 1);        // behind already
  log.forget("nowhere", 1);  // nothing
  CHECK(*log.watermarks("a") == Watermarks{.begin = 2, .end = 3, .synced = 2});
  CHECK(log.read("a", 1).error().code == Errc::kInvalidArgument);
  CHECK(log.read("a", 2)->front() == StoredRecord{2, record_of("2")});
  CHECK(append(log, "a", record_of("3")) == 3U);
  CHECK(append(log, "a", record_of("4")) == 4U);
  CHECK(append(log, "a", record_of("5")).error().code == Errc::kNoSpace);
  log.forget("a", 99);
  CHECK(*log.watermarks("a") == Watermarks{.begin = 5, .end = 5, .synced = 5});
}

TEST_CASE("durability is written memory, os or disk, and nothing else") {
  for (const Durability each : {Durability::kMemory, Durability::kOs, Durability::kDisk}) {
    CHECK(parse_durability(to_text(each)) == each);
  }
  CHECK(parse_durability("fsync").error().why == "durability must be memory, os or disk");
}

TEST_CASE("a topic name keeps to what Kafka allows") {
  CHECK(check_topic_name("orders.eu-1_x"));
  CHECK(check_topic_name(std::string(249, 'a')));
  CHECK_FALSE(check_topic_name(std::string(250, 'a')));
  for (const char* bad : {"", ".", "..", "a/b", "a b", "a\n", "\xc3\xa9"}) {
    CAPTURE(bad);
    CHECK_FALSE(check_topic_name(bad));
  }
  CHECK(is_internal_topic("__positions"));
  CHECK_FALSE(is_internal_topic("_a"));
}

TEST_CASE("a position that is no number is reported as damage, with its place") {
  MemoryLog log;
  REQUIRE(log.create_topic(kPositionsTopic));
  TopicRecord bad = position_record("a", "reader", 1);
  bad.record.value = "one";
  REQUIRE(append_and_wait(log, {position_record("a", "reader", 1), bad}));
  const auto loaded = load_positions(log, "a");
  CHECK(loaded.error().code == Errc::kCorrupt);
  CHECK(loaded.error().why == "record 1 is not a position");
}

TEST_CASE("a commit that the log refuses leaves the position where it was") {
  MemoryLog log{{.max_bytes = {1000}, .max_records = 1}};
  auto topic = Topic::open(log, "a");
  REQUIRE(topic);
  Result<std::uint64_t> answer;
  topic->commit("reader", 1, [&](auto result) { answer = result; });
  CHECK(answer);
  topic->commit("reader", 2, [&](auto result) { answer = result; });
  CHECK(answer.error().code == Errc::kNoSpace);
  CHECK(topic->position("reader") == 1);
}

}  // namespace
}  // namespace headgate::messaging
