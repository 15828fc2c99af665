// The store under load: the logs that producers append to and the ways in which consumers get what
// is there.
//
// Memory and journal live in this process: consumers read the log and are woken when an append is
// answered. Kafka is followed as its consumers do: fetched ahead, long-polled; and each producer
// has a client of its own, as it would in a program of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "headgate/config/bus_plan.hpp"
#include "headgate/core/result.hpp"
#include "headgate/load/messages/bell.hpp"
#include "headgate/messaging/log.hpp"
#include "headgate/messaging/memory_log.hpp"

namespace headgate::load::messages {

/// A place in the store that is read from an offset on.
struct From {
  std::string topic;
  std::uint64_t offset = 0;
};

struct Got {
  std::size_t topic = 0;  ///< index of the list that the source was made with
  messaging::StoredRecord stored;
};

/// What one consumer reads. One thread at a time.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  /// What has come, in order within each topic; waits up to `wait` for the first.
  [[nodiscard]] virtual Result<std::vector<Got>> next(Duration wait) = 0;
};

class Store {
 public:
  /// Opens what the plan names, for that many producers. Fails with kInvalidConfig for a durability
  /// that the store cannot give, kUnavailable, kCorrupt or kIo.
  [[nodiscard]] static Result<std::unique_ptr<Store>> open(const config::BusPlan& plan,
                                                           std::size_t producers);
  /// One that a test made; it outlives this.
  explicit Store(messaging::Log& log) : main_{&log}, kind_{"given"} {}

  /// The log of a producer.
  [[nodiscard]] messaging::Log& log(std::size_t producer) noexcept {
    return logs_.empty() ? *main_ : *logs_[producer % logs_.size()];
  }
  [[nodiscard]] messaging::Log& log() noexcept { return *main_; }
  /// Makes the topics that are not there, for every log.
  [[nodiscard]] Result<void> create(const std::vector<std::string>& topics);
  /// A consumer of those topics; `bell` rings when one of them may have grown.
  [[nodiscard]] Result<std::unique_ptr<Source>> follow(const std::vector<From>& topics, Bell& bell);
  /// Nobody wants what is before that any more. Only a store in memory takes it as a hint.
  void forget(const std::string& topic, std::uint64_t before);

  [[nodiscard]] const std::string& kind() const noexcept { return kind_; }
  [[nodiscard]] std::string_view durability() const noexcept;

 private:
  Store() = default;

  std::vector<std::unique_ptr<messaging::Log>> logs_;
  messaging::Log* main_ = nullptr;
  messaging::MemoryLog* memory_ = nullptr;
  std::string bootstrap_;  // of Kafka
  std::string kind_;       // memory, journal, kafka
};

}  // namespace headgate::load::messages
