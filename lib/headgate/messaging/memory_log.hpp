// Topics in this process's memory: for tests, for simulations, and for gateways whose events need
// not outlive them. Bounded, and the rule at the bound is to refuse: a record that was accepted is
// never dropped to make room for another.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/units.hpp"
#include "headgate/messaging/log.hpp"

namespace headgate::messaging {

/// `done` runs on the caller's thread, before append() returns, with no lock held.
class MemoryLog final : public Log {
 public:
  struct Options {
    Bytes max_bytes{.count = std::uint64_t{256} << 20};  ///< payload of all topics together
    std::size_t max_records = 1'000'000;                 ///< of all topics together
  };

  explicit MemoryLog(Options options) : options_(options) {}
  MemoryLog() : MemoryLog(Options{}) {}

  void append(std::string_view topic, Record record, AppendDone done) override;
  void append_all(std::vector<TopicRecord> batch, BatchDone done) override;
  using Log::read;
  [[nodiscard]] Result<std::vector<StoredRecord>> read(std::string_view topic, std::uint64_t from,
                                                       ReadLimits limits) const override;
  [[nodiscard]] Result<Watermarks> watermarks(std::string_view topic) const override;
  [[nodiscard]] Result<void> flush(Duration deadline) override;
  [[nodiscard]] Result<void> create_topic(std::string_view name) override;
  [[nodiscard]] std::vector<std::string> topics() const override;
  [[nodiscard]] Durability durability() const noexcept override { return Durability::kMemory; }

  /// Lets go of the records of `topic` before offset `before`, for whoever knows that nobody wants
  /// them any more: the log itself never drops what it accepted. Does nothing for an unknown topic
  /// or an offset at or before its begin; one past the end is the end.
  void forget(std::string_view topic, std::uint64_t before);

 private:
  struct Held {
    std::uint64_t begin = 0;  // offset of the first record
    std::deque<Record> records = {};

    [[nodiscard]] std::uint64_t end() const noexcept { return begin + records.size(); }
  };
  using Topics = std::map<std::string, Held, std::less<>>;

  // Requires mutex_. Counts the record against the bounds, or says why not.
  Result<void> admit(std::size_t records, std::size_t bytes);

  const Options options_;
  mutable std::mutex mutex_;
  Topics topics_;
  std::size_t records_ = 0;  // 0 to options_.max_records
  std::size_t bytes_ = 0;    // 0 to options_.max_bytes
};

}  // namespace headgate::messaging
