#include "headgate/queue/queue.hpp"

#include <catch2/catch.hpp>
#include <deque>

#include "headgate/messaging/memory_log.hpp"
#include "support/log_conformance.hpp"

namespace headgate::queue {
namespace {

using messaging::MemoryLog;
using std::chrono::seconds;
using test::record_of;

TimePoint at(int second) { return TimePoint{seconds{second}}; }

Queue::Options options() {
  return {.name = "work", .lease = seconds{30}, .max_deliveries = 3, .dead_letter = "work.dead"};
}

Queue open(messaging::Log& log, const Queue::Options& with = options()) {
  auto queue = Queue::open(log, with);
  if (!queue) throw std::runtime_error(queue.error().where + ": " + queue.error().why);
  return std::move(*queue);
}

void send(messaging::Log& log, const std::string& text) {
  REQUIRE(test::append(log, "work", record_of(text)));
}

std::vector<std::string> texts(const std::vector<Delivery>& deliveries) {
  std::vector<std::string> texts;
  for (const Delivery& each : deliveries) texts.push_back(each.record.value);
  return texts;
}

std::vector<std::string> topic(const messaging::Log& log, std::string_view name) {
  std::vector<std::string> texts;
  const auto records = log.read(name, 0);
  for (const auto& stored : *records) texts.push_back(stored.record.value);
  return texts;
}

// With a memory log the answer is there when the call returns.
using Verb = std::function<void(Settled)>;
Result<void> wait(const Verb& call) {
  std::optional<Result<void>> answer;
  call([&answer](Result<void> result) { answer = std::move(result); });
  REQUIRE(answer.has_value());
  return *answer;
}
Result<void> ack(Queue& queue, TimePoint now, const Receipt& receipt) {
  return wait([&](Settled done) { queue.ack(now, receipt, std::move(done)); });
}
Result<void> nack(Queue& queue, TimePoint now, const Receipt& receipt, Duration delay) {
  return wait([&](Settled done) { queue.nack(now, receipt, delay, std::move(done)); });
}
Result<void> reject(Queue& queue, TimePoint now, const Receipt& receipt, std::string_view why) {
  return wait([&](Settled done) { queue.reject(now, receipt, why, std::move(done)); });
}

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

// --- a second, slower definition: every message in a row, every question answered by looking at
// all of them.

class Model {
 public:
  struct Message {
    enum { kReady, kLeased, kDelayed, kGone } state = kReady;
    std::uint32_t deliveries = 0;
    TimePoint until{};
  };

  void advance(TimePoint now) {
    for (Message& each : messages) {
      if ((each.state == Message::kLeased || each.state == Message::kDelayed) &&
          each.until <= now) {
        give_back(each);
      }
    }
  }
  std::vector<std::pair<std::uint64_t, std::uint32_t>> lease(TimePoint now, std::size_t max) {
    std::vector<std::pair<std::uint64_t, std::uint32_t>> leased;
    for (const bool fresh : {false, true}) {  // returned ones first
      for (std::size_t i = 0; i < messages.size() && leased.size() < max; ++i) {
        Message& each = messages[i];
        if (each.state != Message::kReady || (i >= next) != fresh) continue;
        each.state = Message::kLeased;
        ++each.deliveries;
        each.until = now + options().lease;
        leased.emplace_back(i, each.deliveries);
      }
    }
    for (const auto& [offset, delivery] : leased) next = std::max<std::size_t>(next, offset + 1);
    return leased;
  }
  Message* find(const Receipt& receipt, std::uint64_t epoch) {
    Message& each = messages[receipt.offset];
    const bool good = receipt.epoch == epoch && each.state == Message::kLeased &&
                      each.deliveries == receipt.delivery;
    return good ? &each : nullptr;
  }
  void bury(Message& message) {
    message.state = Message::kGone;
    ++dead;
  }
  void give_back(Message& message) {
    if (message.state == Message::kLeased && message.deliveries >= options().max_deliveries) {
      return bury(message);
    }
    message.state = Message::kReady;
  }
  void restart() {
    for (Message& each : messages) {
      if (each.state == Message::kGone) continue;
      each.state = each.deliveries == 0 ? Message::kReady : Message::kLeased;
      give_back(each);
    }
  }

  std::vector<Message> messages;
  std::size_t next = 0;
  std::uint64_t dead = 0;
};

void check_against_model(messaging::Log& log, std::uint64_t seed) {
  CAPTURE(seed);
  Random random{seed};
  Queue queue = open(log);
  Model model;
  std::uint64_t epoch = 1;
  TimePoint now{};
  std::vector<Receipt> receipts;  // all ever given, so that stale ones are tried too
  const auto any_receipt = [&] {
    const std::uint64_t newest = std::min<std::uint64_t>(receipts.size(), 6);
    return receipts[receipts.size() - 1 -
                    random.below(random.below(4) == 0 ? receipts.size() : newest)];
  };
  for (int step = 0; step < 600; ++step) {
    now += seconds{random.below(8)};
    model.advance(now);
    const std::uint64_t verb = receipts.empty() ? random.below(3) : random.below(9);
    CAPTURE(step, verb);
    if (verb <= 1) {
      send(log, std::to_string(model.messages.size()));
      model.messages.emplace_back();
    } else if (verb <= 3) {
      const std::size_t max = random.below(4) + 1;
      const auto expected = model.lease(now, max);
      const auto leased = queue.lease(now, max);
      REQUIRE(leased->size() == expected.size());
      for (std::size_t i = 0; i < expected.size(); ++i) {
        const Delivery& each = (*leased)[i];
        REQUIRE(each.receipt == Receipt{expected[i].first, expected[i].second, epoch});
        REQUIRE(each.record.value == std::to_string(expected[i].first));
        receipts.push_back(each.receipt);
      }
    } else if (verb == 8 && random.below(5) == 0) {
      queue = open(log);
      ++epoch;
      model.restart();
      queue.on_timeout(now);
    } else {
      const Receipt receipt = any_receipt();
      Model::Message* message = model.find(receipt, epoch);
      Result<void> answer;
      if (verb <= 5) {
        answer = ack(queue, now, receipt);
        if (message != nullptr) message->state = Model::Message::kGone;
      } else if (verb == 6) {
        const Duration delay = seconds{random.below(3) * 10};
        answer = nack(queue, now, receipt, delay);
        if (message != nullptr && message->deliveries < 3 && delay > Duration{0}) {
          message->state = Model::Message::kDelayed;
          message->until = now + delay;
        } else if (message != nullptr) {
          model.give_back(*message);
        }
      } else if (verb == 7) {
        answer = queue.extend(now, receipt, seconds{50});
        if (message != nullptr) message->until = now + seconds{50};
      } else {
        answer = reject(queue, now, receipt, "why");
        if (message != nullptr) model.bury(*message);
      }
      REQUIRE(answer.has_value() == (message != nullptr));
    }
    queue.on_timeout(now);
    REQUIRE(queue.stats().dead == model.dead);
    REQUIRE(log.watermarks("work.dead")->end == model.dead);
  }
}

TEST_CASE("random calls get the answers of the slow definition") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    MemoryLog log;
    check_against_model(log, seed);
  }
}

}  // namespace
}  // namespace headgate::queue
