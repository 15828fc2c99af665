// A log whose topics are Kafka topics: the same interface as memory and journal.
//
// Every topic has one partition, because a log promises one order and one sequence of offsets. An
// append is answered when all in-sync replicas have it; Kafka answers before it syncs, so the
// durability is `os`. Batches are transactions, and readers see committed data only. Three things
// differ from the other logs, all Kafka's nature: offsets may skip (transaction marks take some), a
// batch can be read a moment after its answer (the marks are written behind it), and times are kept
// to the millisecond.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/kafka/producer.hpp"
#include "headgate/kafka/reader.hpp"
#include "headgate/kafka/transactor.hpp"
#include "headgate/messaging/log.hpp"

namespace headgate::kafka {

/// `done` runs on a thread of the log. While brokers are away appends wait, at most
/// `options.message_timeout`, and fail with kTimeout then.
class KafkaLog final : public messaging::Log {
 public:
  /// Fails with kUnavailable if no broker answers within `options.answer_timeout`.
  [[nodiscard]] static Result<std::unique_ptr<KafkaLog>> open(ClientOptions options);
  /// Waits for unanswered appends, at most `options.answer_timeout`; fails the rest.
  ~KafkaLog() override;

  void append(std::string_view topic, messaging::Record record,
              messaging::AppendDone done) override;
  void append_all(std::vector<messaging::TopicRecord> batch, messaging::BatchDone done) override;
  using Log::read;
  [[nodiscard]] Result<std::vector<messaging::StoredRecord>> read(
      std::string_view topic, std::uint64_t from, messaging::ReadLimits limits) const override;
  [[nodiscard]] Result<messaging::Watermarks> watermarks(std::string_view topic) const override;
  [[nodiscard]] Result<void> flush(Duration deadline) override;
  [[nodiscard]] Result<void> create_topic(std::string_view name) override;
  [[nodiscard]] std::vector<std::string> topics() const override;
  [[nodiscard]] messaging::Durability durability() const noexcept override {
    return messaging::Durability::kOs;
  }

 private:
  KafkaLog(ClientOptions options, std::unique_ptr<Producer> producer,
           std::unique_ptr<Reader> reader, const std::vector<std::string>& topics);

  [[nodiscard]] bool is_known(std::string_view topic) const;

  const ClientOptions options_;
  std::unique_ptr<Producer> producer_;
  std::unique_ptr<Reader> reader_;
  Transactor transactor_;
  mutable std::mutex mutex_;
  std::set<std::string, std::less<>> known_;  // topics with one partition, when last looked at
};

}  // namespace headgate::kafka
