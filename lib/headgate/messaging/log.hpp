// A store of named topics behind one interface: memory (here), files (journal), Kafka (kafka).
//
// A topic is an append-only sequence of records with offsets 0, 1, 2, …; a log is a set of topics
// that share one order of commits, so that records of several topics can be appended as one atomic
// batch. That one ability is what the queue stands on: a settlement and its dead letter are either
// both in the log or neither is.
//
// An append is answered when the log's durability holds, not before, and exactly once. Answers come
// in the order of the appends of one topic.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/messaging/record.hpp"

namespace headgate::messaging {

/// Gets the offset of the record. Called exactly once, on a thread that the log names; it must not
/// block and must not throw. It may append to the same log.
using AppendDone = std::move_only_function<void(Result<std::uint64_t>)>;
/// Gets one offset per record, in the order of the batch.
using BatchDone = std::move_only_function<void(Result<std::vector<std::uint64_t>>)>;

struct TopicRecord {
  std::string topic;
  Record record;
};

/// How much of a topic there is. begin <= synced <= end.
struct Watermarks {
  std::uint64_t begin = 0;   ///< the first offset that can be read
  std::uint64_t end = 0;     ///< one past the last record that can be read
  std::uint64_t synced = 0;  ///< one past the last record known to survive a power cut; for a log
                             ///< whose durability is kMemory without files: equal to begin

  friend bool operator==(const Watermarks&, const Watermarks&) = default;
};

/// When one read stops. A read that finds anything returns at least one record, whatever its size.
struct ReadLimits {
  std::size_t max_records = 1000;
  Bytes max_bytes{.count = 1 << 20};  ///< of payload_bytes()
};

/// Thread-safety: every call, from any thread.
class Log {
 public:
  Log() = default;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  virtual ~Log() = default;

  /// Appends one record. `done` gets kNotFound for a topic that was not created, kNoSpace when the
  /// store is full (nothing was appended; later appends may succeed), kOverloaded when too much is
  /// already waiting, kInvalidArgument for a record over the store's size limit, and kIo when the
  /// store is broken for good. `done` may run before append() returns.
  virtual void append(std::string_view topic, Record record, AppendDone done) = 0;

  /// Appends all of `batch` or none of it; readers never see a part. Errors as above. An empty
  /// batch is answered at once.
  virtual void append_all(std::vector<TopicRecord> batch, BatchDone done) = 0;

  /// Records from offset `from` on, in order, none left out; empty if `from` is the end. Only
  /// records that append() could have answered for are seen. Fails with kNotFound for an unknown
  /// topic, kInvalidArgument if `from` is outside [begin, end], kCorrupt or kIo.
  [[nodiscard]] virtual Result<std::vector<StoredRecord>> read(std::string_view topic,
                                                               std::uint64_t from,
                                                               ReadLimits limits) const = 0;
  [[nodiscard]] Result<std::vector<StoredRecord>> read(std::string_view topic,
                                                       std::uint64_t from) const {
    return read(topic, from, ReadLimits{});
  }

  /// Fails with kNotFound for an unknown topic.
  [[nodiscard]] virtual Result<Watermarks> watermarks(std::string_view topic) const = 0;

  /// Waits until everything appended before the call is answered and as safe as this log can make
  /// it. Fails with kTimeout after `deadline`. Not to be called from a `done`.
  [[nodiscard]] virtual Result<void> flush(Duration deadline) = 0;

  /// Makes the topic if it is not there, and waits until that is durable. Fails with
  /// kInvalidArgument if the name is not one (check_topic_name). Not to be called from a `done`.
  [[nodiscard]] virtual Result<void> create_topic(std::string_view name) = 0;

  /// All names in alphabetical order, internal ones too (is_internal_topic).
  [[nodiscard]] virtual std::vector<std::string> topics() const = 0;

  /// What every append of this log waits for.
  [[nodiscard]] virtual Durability durability() const noexcept = 0;
};

/// A name is 1 to 249 letters, digits, `.`, `_` or `-`, and neither `.` nor `..`: Kafka's rule, so
/// that a topic can move between stores. Source: org.apache.kafka.common.internals.Topic.
[[nodiscard]] Result<void> check_topic_name(std::string_view name);

/// Names that begin with two underscores are kept by the library for its own state.
[[nodiscard]] constexpr bool is_internal_topic(std::string_view name) noexcept {
  return name.starts_with("__");
}

// The failures that every backend words alike.
[[nodiscard]] std::unexpected<Error> unknown_topic(std::string_view name);
[[nodiscard]] std::unexpected<Error> outside_range(std::string_view name, std::uint64_t from,
                                                   const Watermarks& marks);

/// append_all() that waits for its answer: for start-up and tools, never inside an event loop or a
/// `done`.
[[nodiscard]] Result<std::vector<std::uint64_t>> append_and_wait(Log& log,
                                                                 std::vector<TopicRecord> batch);

}  // namespace headgate::messaging
