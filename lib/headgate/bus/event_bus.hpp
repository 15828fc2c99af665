// Who gets an event: subscriptions by topic pattern, each with a stored topic or a handler behind
// it.
//
// publish(topic, event) encodes the event once, finds every subscription whose pattern matches the
// topic, and appends the record to all of their stored topics through Log, as one atomic batch per
// log. A topic that stores its own events subscribes to its own name. Handlers see the event once
// it is stored, so that what a handler does can be told from what was lost.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/bus/event.hpp"
#include "headgate/bus/pattern.hpp"
#include "headgate/core/result.hpp"
#include "headgate/messaging/log.hpp"

namespace headgate::bus {

/// Where an event came to rest.
struct Placement {
  std::string topic;
  std::uint64_t offset = 0;
};

/// Gets one placement per stored topic, in the order of the subscriptions (a topic that several
/// patterns chose gets the event once); empty if none matched.
/// Called once, on the thread of the log that answered last.
using PublishDone = std::move_only_function<void(Result<std::vector<Placement>>)>;

/// Must not block and must not throw.
using EventHandler = std::function<void(std::string_view topic, const Event& event)>;

/// Subscribe first, then publish: `subscribe* publish*`.
/// Thread-safety: publish() from any thread once the subscribing is over.
class EventBus {
 public:
  /// Events of topics that `pattern` means are appended to `target` of `log`. The topic has been
  /// created, and the log outlives the bus and its last answer.
  void subscribe(const Pattern& pattern, messaging::Log& log, std::string_view target);
  /// Events of topics that `pattern` means are handed to `handler`, on the thread of PublishDone
  /// and before it.
  void subscribe(const Pattern& pattern, EventHandler handler);

  /// Stores `event` wherever a subscription wants it, then calls the handlers, then `done`. If a
  /// log refuses, `done` gets the first error and no handler is called; an event for two logs may
  /// then be in one of them: publish it again with the same id.
  void publish(std::string_view topic, Event event, PublishDone done) const;

 private:
  struct Subscription {
    messaging::Log* log;  // null: a handler
    std::string target;
    EventHandler handler;
  };
  struct Delivery;

  /// In the order of subscribing, each stored topic once.
  [[nodiscard]] std::vector<const Subscription*> wanting(std::string_view topic) const;

  PatternSet patterns_;  // numbers are indices into subscriptions_
  std::vector<Subscription> subscriptions_;
};

}  // namespace headgate::bus
