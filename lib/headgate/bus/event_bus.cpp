#include "headgate/bus/event_bus.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace headgate::bus {

void EventBus::subscribe(const Pattern& pattern, messaging::Log& log, std::string_view target) {
  patterns_.add(pattern, static_cast<std::uint32_t>(subscriptions_.size()));
  subscriptions_.push_back({&log, std::string{target}, nullptr});
}

void EventBus::subscribe(const Pattern& pattern, EventHandler handler) {
  patterns_.add(pattern, static_cast<std::uint32_t>(subscriptions_.size()));
  subscriptions_.push_back({nullptr, {}, std::move(handler)});
}

/// One publish between its logs' answers. Each log answers once, on its own thread; the last answer
/// completes the delivery.
struct EventBus::Delivery {
  std::string topic;
  Event event;
  std::vector<const EventHandler*> handlers;
  std::vector<Placement> placements;  // filled in by the answers, one part each
  PublishDone done;

  std::mutex mutex;  // guards what follows and `placements`
  std::size_t waiting = 0;
  std::optional<Error> error;

  /// One log's answer for the targets `indices`.
  void answer(const std::vector<std::size_t>& indices,
              const Result<std::vector<std::uint64_t>>& offsets) {
    {
      const std::lock_guard lock{mutex};
      if (!offsets && !error) error = offsets.error();
      for (std::size_t i = 0; offsets && i < indices.size(); ++i) {
        placements[indices[i]].offset = (*offsets)[i];
      }
      if (--waiting > 0) return;
    }
    finish();
  }

  void finish() {
    if (error) return done(std::unexpected(std::move(*error)));
    for (const EventHandler* handler : handlers) (*handler)(topic, event);
    done(std::move(placements));
  }
};

std::vector<const EventBus::Subscription*> EventBus::wanting(std::string_view topic) const {
  std::vector<std::uint32_t> numbers;
  patterns_.match(topic, [&numbers](std::uint32_t number) { numbers.push_back(number); });
  std::ranges::sort(numbers);
  std::vector<const Subscription*> found;
  found.reserve(numbers.size());
  for (const std::uint32_t number : numbers) {
    const Subscription& each = subscriptions_[number];
    const bool stored_already = std::ranges::any_of(found, [&each](const Subscription* other) {
      return each.log != nullptr && other->log == each.log && other->target == each.target;
    });
    if (!stored_already) found.push_back(&each);
  }
  return found;
}

void EventBus::publish(std::string_view topic, Event event, PublishDone done) const {
  auto record = to_record(event);
  if (!record) return done(std::unexpected(record.error()));

  struct Part {  // what one log gets
    messaging::Log* log;
    std::vector<messaging::TopicRecord> batch;
    std::vector<std::size_t> indices;  // into placements
  };
  std::vector<Part> parts;
  auto delivery = std::make_shared<Delivery>();
  delivery->topic = topic;
  delivery->event = std::move(event);
  delivery->done = std::move(done);
  for (const Subscription* each : wanting(topic)) {
    if (each->log == nullptr) {
      delivery->handlers.push_back(&each->handler);
      continue;
    }
    auto part = std::ranges::find(parts, each->log, &Part::log);
    if (part == parts.end()) part = parts.insert(parts.end(), Part{each->log, {}, {}});
    part->batch.push_back({each->target, *record});
    part->indices.push_back(delivery->placements.size());
    delivery->placements.push_back({each->target, 0});
  }
  if (parts.empty()) return delivery->finish();
  delivery->waiting = parts.size();
  for (Part& part : parts) {
    part.log->append_all(std::move(part.batch),
                         [delivery, indices = std::move(part.indices)](
                             const Result<std::vector<std::uint64_t>>& offsets) {
                           delivery->answer(indices, offsets);
                         });
  }
}

}  // namespace headgate::bus
