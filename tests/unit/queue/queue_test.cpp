#include "headgate/queue/queue.hpp"

#include <catch2/catch.hpp>
#include <deque>

#include "unit/queue/short_forms.hpp"

namespace headgate::queue {
namespace {

TEST_CASE("messages are leased in order, each to one consumer") {
  MemoryLog log;
  Queue queue = open(log);
  for (const char* text : {"0", "1", "2"}) send(log, text);
  CHECK(texts(*queue.lease(at(0), 2)) == std::vector<std::string>{"0", "1"});
  CHECK(texts(*queue.lease(at(0), 2)) == std::vector<std::string>{"2"});
  CHECK(queue.lease(at(0), 2)->empty());
  CHECK(queue.stats().leased == 3);
}

TEST_CASE("an acked message is gone, also after a restart") {
  MemoryLog log;
  {
    Queue queue = open(log);
    for (const char* text : {"0", "1"}) send(log, text);
    const auto leased = queue.lease(at(0), 2);
    CHECK(ack(queue, at(1), (*leased)[0].receipt));
    CHECK(queue.stats().acked == 1);
  }
  Queue queue = open(log);
  CHECK(queue.stats().acked == 1);
  const auto again = queue.lease(at(0), 5);
  CHECK(texts(*again) == std::vector<std::string>{"1"});
  CHECK((*again)[0].receipt.delivery == 2);
  CHECK((*again)[0].receipt.epoch == 2);
}

TEST_CASE("a lease that runs out returns its message at that instant and not before") {
  MemoryLog log;
  Queue queue = open(log);
  send(log, "0");
  const auto first = queue.lease(at(0), 1);
  CHECK(queue.next_timeout() == at(30));
  CHECK(queue.lease(at(30) - Duration{1}, 1)->empty());
  const auto second = queue.lease(at(30), 1);
  REQUIRE(second->size() == 1);
  CHECK((*second)[0].receipt.delivery == 2);
  // The slow consumer's receipt is stale; the new one is good.
  CHECK(ack(queue, at(31), (*first)[0].receipt).error().code == Errc::kNotFound);
  CHECK(ack(queue, at(31), (*second)[0].receipt));
  CHECK(queue.next_timeout() == std::nullopt);
}

TEST_CASE("an extended lease ends when it says, counted from the call") {
  MemoryLog log;
  Queue queue = open(log);
  send(log, "0");
  const Receipt receipt = queue.lease(at(0), 1)->front().receipt;
  CHECK(queue.extend(at(20), receipt, seconds{100}));
  CHECK(queue.next_timeout() == at(120));
  CHECK(queue.lease(at(119), 1)->empty());
  CHECK(queue.lease(at(120), 1)->size() == 1);
  CHECK(queue.extend(at(121), receipt, seconds{1}).error().code == Errc::kNotFound);
}

TEST_CASE("a lease without end never runs out") {
  MemoryLog log;
  Queue queue = open(log);
  send(log, "0");
  const Receipt receipt = queue.lease(at(5), 1)->front().receipt;
  REQUIRE(queue.extend(at(6), receipt, kNever));
  CHECK(queue.lease(at(2'000'000'000), 1)->empty());
  CHECK(ack(queue, at(2'000'000'000), receipt));
}

TEST_CASE("a nacked message comes back, at once or after its delay, before newer ones") {
  MemoryLog log;
  Queue queue = open(log);
  for (const char* text : {"0", "1"}) send(log, text);
  CHECK(nack(queue, at(0), queue.lease(at(0), 1)->front().receipt, Duration{0}));
  const auto second = queue.lease(at(0), 1);
  CHECK(texts(*second) == std::vector<std::string>{"0"});
  CHECK(nack(queue, at(0), (*second)[0].receipt, seconds{10}));
  CHECK(queue.stats().delayed == 1);
  CHECK(queue.next_timeout() == at(10));
  CHECK(texts(*queue.lease(at(9), 1)) == std::vector<std::string>{"1"});
  CHECK(texts(*queue.lease(at(10), 1)) == std::vector<std::string>{"0"});
}

TEST_CASE("the last delivery's nack and its lapse both lead to the dead letter topic") {
  MemoryLog log;
  Queue queue = open(log);
  for (const char* text : {"nacked", "forgotten"}) send(log, text);
  for (int round = 0; round < 3; ++round) {
    const auto leased = queue.lease(at(100 * round), 2);
    REQUIRE(leased->size() == 2);
    CHECK(nack(queue, at(100 * round), (*leased)[0].receipt, Duration{0}));
  }
  CHECK(queue.stats().dead == 1);
  CHECK(topic(log, "work.dead") == std::vector<std::string>{"nacked"});
  queue.on_timeout(at(230));
  CHECK(topic(log, "work.dead") == std::vector<std::string>{"nacked", "forgotten"});
  CHECK(queue.stats().dead == 2);
  CHECK(queue.lease(at(1000), 5)->empty());
}

TEST_CASE("a rejected message carries the reason to the dead letter topic") {
  MemoryLog log;
  Queue queue = open(log);
  send(log, "0");
  CHECK(reject(queue, at(0), queue.lease(at(0), 1)->front().receipt, "no such customer"));
  const auto letters = log.read("work.dead", 0);
  REQUIRE(letters->size() == 1);
  const messaging::Record& letter = letters->front().record;
  CHECK(letter.value == "0");
  CHECK(letter.headers == messaging::Headers{{"a", "1"},
                                             {"dead-letter-reason", "no such customer"},
                                             {"dead-letter-queue", "work"},
                                             {"dead-letter-offset", "0"},
                                             {"dead-letter-deliveries", "1"}});
}

TEST_CASE("without a dead letter topic a message is given up and counted") {
  MemoryLog log;
  Queue::Options with = options();
  with.dead_letter.clear();
  Queue queue = open(log, with);
  send(log, "0");
  CHECK(reject(queue, at(0), queue.lease(at(0), 1)->front().receipt, "why"));
  CHECK(queue.stats().dead == 1);
  CHECK(log.topics() == std::vector<std::string>{"__queue.work", "work"});
}

TEST_CASE("a message that ends its consumer's process each time still reaches its limit") {
  MemoryLog log;
  for (std::uint32_t delivery = 1; delivery <= 3; ++delivery) {
    Queue queue = open(log);
    if (delivery == 1) send(log, "poison");
    CHECK(queue.lease(at(0), 1)->front().receipt.delivery == delivery);
  }
  Queue queue = open(log);
  CHECK(queue.lease(at(0), 1)->empty());
  CHECK(topic(log, "work.dead") == std::vector<std::string>{"poison"});
}

TEST_CASE("no more than max_leased are out at one time") {
  MemoryLog log;
  Queue::Options with = options();
  with.max_leased = 2;
  Queue queue = open(log, with);
  for (const char* text : {"0", "1", "2"}) send(log, text);
  const auto leased = queue.lease(at(0), 10);
  CHECK(leased->size() == 2);
  CHECK(queue.lease(at(0), 10)->empty());
  CHECK(ack(queue, at(0), (*leased)[1].receipt));
  CHECK(queue.lease(at(0), 10)->size() == 1);
}

TEST_CASE("options that cannot be are refused by name") {
  MemoryLog log;
  const auto where = [&](auto change) {
    Queue::Options with = options();
    change(with);
    const auto queue = Queue::open(log, with);
    return queue ? "accepted" : queue.error().where;
  };
  CHECK(where([](auto&) {}) == "accepted");
  CHECK(where([](auto& o) { o.name = "a b"; }) == "name");
  CHECK(where([](auto& o) { o.name = std::string(241, 'a'); }) == "name");
  CHECK(where([](auto& o) { o.lease = Duration{0}; }) == "lease");
  CHECK(where([](auto& o) { o.max_deliveries = 0; }) == "max_deliveries");
  CHECK(where([](auto& o) { o.dead_letter = "work"; }) == "dead_letter");
}

TEST_CASE("a settlement topic with strange records is reported as damage") {
  for (const auto& [key, value] : {std::pair{"stolen", "1"}, std::pair{"acked", "x"},
                                   std::pair{"acked", "1 2"}, std::pair{"leased", "1"}}) {
    CAPTURE(key, value);
    MemoryLog log;
    REQUIRE(log.create_topic("__queue.work"));
    REQUIRE(test::append(log, "__queue.work",
                         {.key = key, .value = value, .headers = {}, .timestamp = {}}));
    CHECK(Queue::open(log, options()).error().code == Errc::kCorrupt);
  }
}

/// A memory log whose answers come when the test says so, or are refusals.
class SlowLog final : public messaging::Log {
 public:
  void append(std::string_view topic, messaging::Record record,
              messaging::AppendDone done) override {
    if (refuse) return done(failed(Errc::kNoSpace, "", "full"));
    inner.append(topic, std::move(record), std::move(done));
  }
  void append_all(std::vector<messaging::TopicRecord> batch, messaging::BatchDone done) override {
    if (!hold) return answer(std::move(batch), std::move(done));
    held.emplace_back(std::move(batch), std::move(done));
  }
  void answer(std::vector<messaging::TopicRecord> batch, messaging::BatchDone done) {
    if (refuse) return done(failed(Errc::kNoSpace, "", "full"));
    inner.append_all(std::move(batch), std::move(done));
  }
  void let_go() {
    for (auto& [batch, done] : held) answer(std::move(batch), std::move(done));
    held.clear();
  }
  using Log::read;
  Result<std::vector<messaging::StoredRecord>> read(std::string_view topic, std::uint64_t from,
                                                    messaging::ReadLimits limits) const override {
    return inner.read(topic, from, limits);
  }
  Result<messaging::Watermarks> watermarks(std::string_view topic) const override {
    return inner.watermarks(topic);
  }
  Result<void> flush(Duration deadline) override { return inner.flush(deadline); }
  Result<void> create_topic(std::string_view name) override { return inner.create_topic(name); }
  std::vector<std::string> topics() const override { return inner.topics(); }
  messaging::Durability durability() const noexcept override { return inner.durability(); }

  bool hold = false;
  bool refuse = false;

 private:
  MemoryLog inner;
  std::deque<std::pair<std::vector<messaging::TopicRecord>, messaging::BatchDone>> held;
};

TEST_CASE("a message being settled is leased to no one, even when its lease would have ended") {
  SlowLog log;
  Queue queue = open(log);
  send(log, "0");
  const Receipt receipt = queue.lease(at(0), 1)->front().receipt;
  log.hold = true;
  bool answered = false;
  queue.ack(at(1), receipt, [&](const Result<void>& result) { answered = result.has_value(); });
  CHECK_FALSE(answered);
  CHECK(queue.stats().settling == 1);
  CHECK(queue.lease(at(60), 1)->empty());
  queue.ack(at(60), receipt, [](const Result<void>& result) { CHECK_FALSE(result); });
  log.let_go();
  CHECK(answered);
  CHECK(queue.stats().acked == 1);
  CHECK(queue.lease(at(100), 1)->empty());
}

TEST_CASE("a settlement that the log refuses leaves the lease as it was") {
  SlowLog log;
  Queue queue = open(log);
  send(log, "0");
  const Receipt receipt = queue.lease(at(0), 1)->front().receipt;
  log.refuse = true;
  CHECK(ack(queue, at(1), receipt).error().code == Errc::kNoSpace);
  CHECK(queue.next_timeout() == at(30));
  log.refuse = false;
  CHECK(ack(queue, at(2), receipt));  // the same receipt, again
  CHECK(queue.stats().acked == 1);
}

TEST_CASE("a dead letter that the log refuses is tried again a lease later, not in a loop") {
  SlowLog log;
  Queue::Options with = options();
  with.max_deliveries = 1;
  Queue queue = open(log, with);
  send(log, "0");
  REQUIRE(queue.lease(at(0), 1)->size() == 1);
  log.refuse = true;
  queue.on_timeout(at(30));
  CHECK(queue.next_timeout() == at(60));
  log.refuse = false;
  CHECK(queue.lease(at(59), 1)->empty());
  queue.on_timeout(at(60));
  CHECK(queue.stats().dead == 1);
  CHECK(topic(log, "work.dead") == std::vector<std::string>{"0"});
}

}  // namespace
}  // namespace headgate::queue
