// A topic as its users see it: append, read, and named consumers that remember how far they came.
//
// A consumer's position is the offset that it wants next. Positions are records of the internal
// topic `__positions` in the same log (key: topic, a zero byte, consumer; value: the offset in
// decimal; the last one counts), so they are as durable as the records they speak of, and a
// position can be committed in one atomic batch with what the consumer produced.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/messaging/log.hpp"

namespace headgate::messaging {

inline constexpr std::string_view kPositionsTopic = "__positions";

/// The position of every consumer in one topic.
using Positions = std::map<std::string, std::uint64_t, std::less<>>;

/// Reads the positions of `topic` from a log that may belong to another process; empty if the log
/// has none. Cost: one pass over all commits of the log.
[[nodiscard]] Result<Positions> load_positions(const Log& log, std::string_view topic);

/// The record that says "`consumer` wants `offset` of `topic` next", for a batch of one's own.
[[nodiscard]] TopicRecord position_record(std::string_view topic, std::string_view consumer,
                                          std::uint64_t offset);

/// Thread-safety: every call, from any thread. The log outlives the topic.
class Topic {
 public:
  /// Makes the topic if it is not there, and loads its consumers' positions.
  [[nodiscard]] static Result<Topic> open(Log& log, std::string_view name);

  void append(Record record, AppendDone done) {
    log_->append(name_, std::move(record), std::move(done));
  }
  [[nodiscard]] Result<std::vector<StoredRecord>> read(std::uint64_t from,
                                                       ReadLimits limits) const {
    return log_->read(name_, from, limits);
  }
  [[nodiscard]] Result<Watermarks> watermarks() const { return log_->watermarks(name_); }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// Where `consumer` goes on: its last committed offset, or 0.
  [[nodiscard]] std::uint64_t position(std::string_view consumer) const;
  /// Sets that; going back is allowed (replay). `done` as of Log::append; position() changes only
  /// when the commit is durable, and is unchanged if it fails.
  void commit(std::string_view consumer, std::uint64_t offset, AppendDone done);

 private:
  struct Shared {  // outlives the topic: a commit may be answered later, on the log's thread
    mutable std::mutex mutex;
    Positions positions;
  };

  Topic(Log& log, std::string name, Positions positions);

  Log* log_;
  std::string name_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace headgate::messaging
