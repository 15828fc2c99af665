// Appends records to Kafka topics and answers each once, when the cluster has acknowledged it.
//
// The producer is idempotent (acks=all, retries without duplicates or reordering). A record waits
// in the client's queue while brokers are away and is sent when they are back; after
// `message_timeout` it fails with kTimeout. Only a number travels with a message through
// librdkafka; the answer's callback stays in a table here, so no message can outlive or leak what
// it points to.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "headgate/kafka/handle.hpp"
#include "headgate/messaging/log.hpp"

namespace headgate::kafka {

/// What every client of one cluster shares.
struct ClientOptions {
  std::string bootstrap;                                ///< `host:port[,host:port]`
  Duration answer_timeout = std::chrono::seconds{10};   ///< of a request that somebody waits for
  Duration message_timeout = std::chrono::seconds{30};  ///< of an append, brokers away included
  Duration linger = std::chrono::milliseconds{5};       ///< how long a batch gathers
  std::int32_t waiting_max = 100'000;                   ///< unanswered appends; more: kOverloaded
};

/// The properties that follow from `options` for every role.
[[nodiscard]] Settings common_settings(const ClientOptions& options);

/// Thread-safety: every call, from any thread.
class Producer {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Producer>> make(const ClientOptions& options);
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;
  /// Fails what is still unanswered with kUnavailable. Call flush() before, to lose nothing.
  ~Producer();

  /// Appends to partition 0 of `topic`. `done` runs on the producer's event thread, or on the
  /// caller's if the record is refused at once. Times are kept to the millisecond.
  void append(std::string_view topic, const messaging::Record& record, messaging::AppendDone done);

  /// Waits until every append before the call is answered; kTimeout after `deadline`.
  [[nodiscard]] Result<void> flush(Duration deadline);

  [[nodiscard]] rd_kafka_s* handle() const noexcept { return handle_.get(); }

 private:
  explicit Producer(Handle handle);

  void on_event(rd_kafka_op_s* event);
  messaging::AppendDone take(std::uint64_t id);

  Handle handle_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, messaging::AppendDone> waiting_;  // by message id
  std::uint64_t next_id_ = 1;
  std::unique_ptr<EventThread> events_;  // stopped first
};

/// Hands `record` for partition 0 of `topic` to `handle`, with `id` as its opaque number.
/// Returns 0, or librdkafka's code.
[[nodiscard]] int produce(rd_kafka_s* handle, const std::string& topic,
                          const messaging::Record& record, std::uint64_t id);

}  // namespace headgate::kafka
