// What every backend of messaging::Log has to do, as one suite: each backend's test calls
// check_log() with a way to make a fresh, empty log.
//
// The last part drives the log with random calls beside a second definition, a map of vectors, and
// compares every answer.
#pragma once

#include <catch2/catch.hpp>
#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "headgate/core/random.hpp"
#include "headgate/messaging/log.hpp"
#include "headgate/messaging/topic.hpp"

namespace headgate::test {

using MakeLog = std::function<std::unique_ptr<messaging::Log>()>;

inline messaging::Record record_of(std::string value) {
  return {.key = "k", .value = std::move(value), .headers = {{"a", "1"}}, .timestamp = Duration{7}};
}

/// append() that waits for its answer.
inline Result<std::uint64_t> append(messaging::Log& log, std::string_view topic,
                                    messaging::Record record) {
  std::promise<Result<std::uint64_t>> promise;
  auto answer = promise.get_future();
  log.append(topic, std::move(record), [&promise](auto result) { promise.set_value(result); });
  return answer.get();
}

inline std::string random_bytes(Random& random, std::uint64_t longest) {
  std::string bytes(random.below(longest + 1), '\0');
  for (char& c : bytes) c = static_cast<char>(random.below(256));
  return bytes;
}

inline messaging::Record random_record(Random& random) {
  messaging::Record record{.key = random_bytes(random, 8),
                           .value = random_bytes(random, 200),
                           .headers = {},
                           .timestamp = Duration{static_cast<std::int64_t>(random.bits())}};
  for (std::uint64_t i = random.below(3); i > 0; --i) {
    record.headers.emplace_back(random_bytes(random, 6), random_bytes(random, 6));
  }
  return record;
}

inline void check_appends(messaging::Log& log) {
  REQUIRE(log.create_topic("a"));
  REQUIRE(log.create_topic("a"));  // again: nothing changes
  REQUIRE(log.create_topic("b"));
  CHECK(log.topics() == std::vector<std::string>{"a", "b"});
  CHECK(append(log, "a", record_of("0")) == 0U);
  CHECK(append(log, "a", record_of("1")) == 1U);
  CHECK(append(log, "b", record_of("other")) == 0U);
  const auto read = log.read("a", 0);
  REQUIRE(read);
  CHECK(*read == std::vector<messaging::StoredRecord>{{0, record_of("0")}, {1, record_of("1")}});
  CHECK(log.read("a", 2)->empty());
  REQUIRE(log.flush(std::chrono::seconds{60}));
  const auto marks = log.watermarks("a");
  CHECK(marks->begin == 0);
  CHECK(marks->end == 2);
}

inline void check_refusals(messaging::Log& log) {
  REQUIRE(log.create_topic("a"));
  CHECK(append(log, "nowhere", record_of("x")).error().code == Errc::kNotFound);
  CHECK(log.read("nowhere", 0).error().code == Errc::kNotFound);
  CHECK(log.watermarks("nowhere").error().code == Errc::kNotFound);
  CHECK(log.read("a", 1).error().code == Errc::kInvalidArgument);
  CHECK(log.create_topic("two words").error().code == Errc::kInvalidArgument);
  CHECK(log.create_topic("").error().code == Errc::kInvalidArgument);
}

inline void check_batches(messaging::Log& log) {
  REQUIRE(log.create_topic("a"));
  REQUIRE(log.create_topic("b"));
  CHECK(
      append_and_wait(log, {{"a", record_of("0")}, {"b", record_of("1")}, {"a", record_of("2")}}) ==
      std::vector<std::uint64_t>{0, 0, 1});
  CHECK(append_and_wait(log, {}) == std::vector<std::uint64_t>{});
  // One wrong topic, and none of the batch is there.
  CHECK(append_and_wait(log, {{"a", record_of("3")}, {"nowhere", record_of("4")}}).error().code ==
        Errc::kNotFound);
  CHECK(log.watermarks("a")->end == 2);
}

inline void check_limits(messaging::Log& log) {
  REQUIRE(log.create_topic("a"));
  for (int i = 0; i < 10; ++i) {
    // 100 bytes of payload each: key 1, value 97, header 2.
    REQUIRE(append(log, "a", record_of(std::string(97, static_cast<char>('0' + i)))));
  }
  CHECK(log.read("a", 0, {.max_records = 3, .max_bytes = {1000}})->size() == 3);
  CHECK(log.read("a", 0, {.max_records = 10, .max_bytes = {299}})->size() == 2);
  CHECK(log.read("a", 0, {.max_records = 10, .max_bytes = {300}})->size() == 3);
  CHECK(log.read("a", 9, {.max_records = 10, .max_bytes = {1}})->size() == 1);
}

inline void check_positions(messaging::Log& log) {
  auto topic = messaging::Topic::open(log, "a");
  REQUIRE(topic);
  CHECK(topic->position("reader") == 0);
  std::promise<Result<std::uint64_t>> promise;
  topic->commit("reader", 5, [&promise](auto answer) { promise.set_value(answer); });
  REQUIRE(promise.get_future().get());
  CHECK(topic->position("reader") == 5);
  CHECK(topic->position("other") == 0);
  const auto again = messaging::Topic::open(log, "a");
  CHECK(again->position("reader") == 5);
  CHECK(messaging::load_positions(log, "b")->empty());
}

/// Random calls against a map of vectors.
inline void check_model(messaging::Log& log, std::uint64_t seed) {
  CAPTURE(seed);
  Random random{seed};
  std::map<std::string, std::vector<messaging::Record>> model;
  const std::vector<std::string> names{"a", "b", "c.d", "e_f"};
  const auto any_name = [&] { return names[random.below(names.size())]; };
  for (int step = 0; step < 400; ++step) {
    switch (random.below(5)) {
      case 0: {
        const std::string name = any_name();
        REQUIRE(log.create_topic(name));
        model[name];
        break;
      }
      case 1:
      case 2: {
        const std::string name = any_name();
        const messaging::Record record = random_record(random);
        const auto offset = append(log, name, record);
        REQUIRE(offset.has_value() == model.contains(name));
        if (!offset) break;
        REQUIRE(*offset == model[name].size());
        model[name].push_back(record);
        break;
      }
      case 3: {
        std::vector<messaging::TopicRecord> batch;
        bool known = true;
        for (std::uint64_t i = random.below(5); i > 0; --i) {
          batch.push_back({any_name(), random_record(random)});
          known = known && model.contains(batch.back().topic);
        }
        const auto offsets = append_and_wait(log, batch);
        REQUIRE(offsets.has_value() == known);
        for (std::size_t i = 0; known && i < batch.size(); ++i) {
          REQUIRE((*offsets)[i] == model[batch[i].topic].size());
          model[batch[i].topic].push_back(batch[i].record);
        }
        break;
      }
      default: {
        const std::string name = any_name();
        if (!model.contains(name)) break;
        const std::vector<messaging::Record>& expected = model[name];
        const std::uint64_t from = random.below(expected.size() + 1);
        const std::size_t most = random.below(20) + 1;
        if (log.durability() == messaging::Durability::kMemory) {
          REQUIRE(log.flush(std::chrono::seconds{60}));
        }
        const auto found = log.read(name, from, {.max_records = most, .max_bytes = {1 << 20}});
        REQUIRE(found);
        REQUIRE(found->size() == std::min<std::size_t>(most, expected.size() - from));
        for (std::size_t i = 0; i < found->size(); ++i) {
          REQUIRE((*found)[i] == messaging::StoredRecord{from + i, expected[from + i]});
        }
      }
    }
  }
}

/// Everything above, each on a fresh log.
inline void check_log(const MakeLog& make) {
  check_appends(*make());
  check_refusals(*make());
  check_batches(*make());
  check_limits(*make());
  check_positions(*make());
  for (std::uint64_t seed = 1; seed <= 5; ++seed) check_model(*make(), seed);
}

}  // namespace headgate::test
