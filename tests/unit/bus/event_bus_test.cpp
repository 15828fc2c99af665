#include "headgate/bus/event_bus.hpp"

#include <catch2/catch.hpp>

#include "headgate/messaging/memory_log.hpp"

namespace headgate::bus {
namespace {

using messaging::MemoryLog;

Event event_of(std::string id) {
  Event event;
  event.id = std::move(id);
  event.source = "/test";
  event.type = "test";
  return event;
}

Pattern pattern(std::string_view text) { return *Pattern::compile(text); }

struct Answer {
  int calls = 0;
  Result<std::vector<Placement>> result;
};

Answer publish(const EventBus& bus, std::string_view topic, Event event) {
  Answer answer;  // memory logs answer before publish() returns
  bus.publish(topic, std::move(event), [&answer](auto result) {
    ++answer.calls;
    answer.result = std::move(result);
  });
  return answer;
}

std::vector<std::string> ids(const messaging::Log& log, std::string_view topic) {
  std::vector<std::string> found;
  const auto records = log.read(topic, 0);
  for (const auto& stored : *records) found.push_back(from_record(stored.record)->id);
  return found;
}

TEST_CASE("an event is stored in every topic whose pattern matches, and in no other") {
  MemoryLog log;
  for (const char* name : {"orders.eu.created", "all", "created"}) REQUIRE(log.create_topic(name));
  EventBus bus;
  bus.subscribe(pattern("orders.eu.created"), log, "orders.eu.created");
  bus.subscribe(pattern("orders.>"), log, "all");
  bus.subscribe(pattern("orders.*.created"), log, "created");

  const Answer both = publish(bus, "orders.eu.created", event_of("1"));
  CHECK(both.calls == 1);
  REQUIRE(both.result);
  REQUIRE(both.result->size() == 3);
  CHECK((*both.result)[0].topic == "orders.eu.created");
  CHECK((*both.result)[1].topic == "all");
  REQUIRE(publish(bus, "orders.us.deleted", event_of("2")).result);
  CHECK(publish(bus, "nobody", event_of("3")).result->empty());

  CHECK(ids(log, "orders.eu.created") == std::vector<std::string>{"1"});
  CHECK(ids(log, "all") == std::vector<std::string>{"1", "2"});
  CHECK(ids(log, "created") == std::vector<std::string>{"1"});
}

TEST_CASE("a topic that several patterns choose stores the event once") {
  MemoryLog log;
  REQUIRE(log.create_topic("all"));
  EventBus bus;
  bus.subscribe(pattern("orders.>"), log, "all");
  bus.subscribe(pattern("*.eu"), log, "all");
  CHECK(publish(bus, "orders.eu", event_of("1")).result->size() == 1);
  CHECK(ids(log, "all") == std::vector<std::string>{"1"});
}

TEST_CASE("topics of two logs get the event and the answer comes once, with both places") {
  MemoryLog first;
  MemoryLog second;
  REQUIRE(first.create_topic("a"));
  REQUIRE(second.create_topic("b"));
  EventBus bus;
  bus.subscribe(pattern(">"), first, "a");
  bus.subscribe(pattern(">"), second, "b");
  REQUIRE(publish(bus, "x", event_of("0")).result);
  const Answer answer = publish(bus, "x", event_of("1"));
  CHECK(answer.calls == 1);
  REQUIRE(answer.result->size() == 2);
  CHECK((*answer.result)[0].topic == "a");
  CHECK((*answer.result)[0].offset == 1);
  CHECK((*answer.result)[1].topic == "b");
  CHECK((*answer.result)[1].offset == 1);
}

TEST_CASE("a handler sees the event after it is stored and before the publisher's answer") {
  MemoryLog log;
  REQUIRE(log.create_topic("a"));
  EventBus bus;
  std::vector<std::string> seen;
  bus.subscribe(pattern("a"), [&](std::string_view topic, const Event& event) {
    seen.push_back(std::string{topic} + " " + event.id + " " +
                   std::to_string(log.watermarks("a")->end));
  });
  bus.subscribe(pattern("a"), log, "a");
  bus.publish("a", event_of("1"), [&](const auto& result) {
    CHECK(result);
    seen.emplace_back("answered");
  });
  CHECK(seen == std::vector<std::string>{"a 1 1", "answered"});
}

TEST_CASE("what a log refuses is told to the publisher and to no handler") {
  MemoryLog log{{.max_bytes = {1 << 20}, .max_records = 1}};
  REQUIRE(log.create_topic("a"));
  EventBus bus;
  int handled = 0;
  bus.subscribe(pattern("a"), log, "a");
  bus.subscribe(pattern("a"), [&](std::string_view, const Event&) { ++handled; });
  CHECK(publish(bus, "a", event_of("1")).result);
  const Answer refused = publish(bus, "a", event_of("2"));
  CHECK(refused.calls == 1);
  CHECK(refused.result.error().code == Errc::kNoSpace);
  CHECK(handled == 1);
}

TEST_CASE("an event that is not valid is refused before anything is stored") {
  MemoryLog log;
  REQUIRE(log.create_topic("a"));
  EventBus bus;
  bus.subscribe(pattern("a"), log, "a");
  CHECK(publish(bus, "a", event_of("")).result.error().where == "/id");
  CHECK(log.watermarks("a")->end == 0);
}

}  // namespace
}  // namespace headgate::bus
