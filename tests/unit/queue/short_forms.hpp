// Short forms for the tests of the queue: a queue over a memory log, whose answers are there when a
// call returns.
#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "headgate/messaging/memory_log.hpp"
#include "headgate/queue/queue.hpp"
#include "support/log_conformance.hpp"

namespace headgate::queue {

using messaging::MemoryLog;
using std::chrono::seconds;
using test::record_of;

inline TimePoint at(int second) { return TimePoint{seconds{second}}; }

inline Queue::Options options() {
  return {.name = "work", .lease = seconds{30}, .max_deliveries = 3, .dead_letter = "work.dead"};
}

inline Queue open(messaging::Log& log, const Queue::Options& with = options()) {
  auto queue = Queue::open(log, with);
  if (!queue) throw std::runtime_error(queue.error().where + ": " + queue.error().why);
  return std::move(*queue);
}

inline void send(messaging::Log& log, const std::string& text) {
  REQUIRE(test::append(log, "work", record_of(text)));
}

inline std::vector<std::string> texts(const std::vector<Delivery>& deliveries) {
  std::vector<std::string> texts;
  for (const Delivery& each : deliveries) texts.push_back(each.record.value);
  return texts;
}

inline std::vector<std::string> topic(const messaging::Log& log, std::string_view name) {
  std::vector<std::string> texts;
  const auto records = log.read(name, 0);
  for (const auto& stored : *records) texts.push_back(stored.record.value);
  return texts;
}

// With a memory log the answer is there when the call returns.
using Verb = std::function<void(Settled)>;
inline Result<void> wait(const Verb& call) {
  std::optional<Result<void>> answer;
  call([&answer](Result<void> result) { answer = std::move(result); });
  REQUIRE(answer.has_value());
  return *answer;
}
inline Result<void> ack(Queue& queue, TimePoint now, const Receipt& receipt) {
  return wait([&](Settled done) { queue.ack(now, receipt, std::move(done)); });
}
inline Result<void> nack(Queue& queue, TimePoint now, const Receipt& receipt, Duration delay) {
  return wait([&](Settled done) { queue.nack(now, receipt, delay, std::move(done)); });
}
inline Result<void> reject(Queue& queue, TimePoint now, const Receipt& receipt,
                           std::string_view why) {
  return wait([&](Settled done) { queue.reject(now, receipt, why, std::move(done)); });
}

}  // namespace headgate::queue
