// librdkafka's C objects with owners, and the one thread that drains a handle's event queue.
//
// The library is used without callbacks: what happens comes as events on a queue, which one thread
// of ours polls. An owner is destroyed in the order that librdkafka asks for: events, then queues,
// then the handle (anything alive behind a handle makes its destruction hang).
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"

struct rd_kafka_s;
struct rd_kafka_queue_s;
struct rd_kafka_op_s;
struct rd_kafka_error_s;

namespace headgate::kafka {

/// Property names and values as librdkafka's CONFIGURATION.md has them.
using Settings = std::vector<std::pair<std::string, std::string>>;

enum class Role { kProducer, kConsumer };

struct HandleDeleter {
  void operator()(rd_kafka_s* handle) const noexcept;
};
using Handle = std::unique_ptr<rd_kafka_s, HandleDeleter>;

struct QueueDeleter {
  void operator()(rd_kafka_queue_s* queue) const noexcept;
};
using Queue = std::unique_ptr<rd_kafka_queue_s, QueueDeleter>;

struct EventDeleter {
  void operator()(rd_kafka_op_s* event) const noexcept;
};
using Event = std::unique_ptr<rd_kafka_op_s, EventDeleter>;

/// A client of the cluster. Connects in the background: an address where nobody answers is found
/// out by the first request. Fails with kInvalidConfig, naming the property.
[[nodiscard]] Result<Handle> make_handle(Role role, const Settings& settings);

/// Milliseconds for the C API; at least 1 and at most a day.
[[nodiscard]] int to_milliseconds(Duration duration) noexcept;

/// Our kind of failure for a code of librdkafka (an rd_kafka_resp_err_t).
[[nodiscard]] Error to_error(int code, std::string where);
/// As above, out of an error object, which is consumed.
[[nodiscard]] Error to_error(rd_kafka_error_s* error, std::string where);

/// Drains the main queue of a handle on a thread of its own until it is stopped.
class EventThread {
 public:
  using OnEvent = std::function<void(rd_kafka_op_s*)>;

  /// `on_event` runs on the thread, once per event; the event is destroyed after it.
  EventThread(rd_kafka_s* handle, OnEvent on_event);
  EventThread(const EventThread&) = delete;
  EventThread& operator=(const EventThread&) = delete;
  /// Wakes the thread and waits for it; events that are still queued are not seen.
  ~EventThread();

 private:
  void run(const std::stop_token& stop);

  OnEvent on_event_;
  Queue queue_;
  std::jthread thread_;  // last: it uses the others
};

}  // namespace headgate::kafka
