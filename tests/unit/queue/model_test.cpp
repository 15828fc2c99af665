// The queue against a second, slower definition: every message in a row, every question answered by
// looking at all of them.
#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

#include "headgate/core/random.hpp"
#include "unit/queue/short_forms.hpp"

namespace headgate::queue {
namespace {

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
