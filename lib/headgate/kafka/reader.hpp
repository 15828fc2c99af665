// Reads records of a topic from an offset on, the committed ones only, and asks the cluster what
// there is. No consumer group: whoever reads here says where to begin.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/kafka/producer.hpp"

namespace headgate::kafka {

/// Thread-safety: every call, from any thread, one at a time inside.
class Reader {
 public:
  [[nodiscard]] static Result<std::unique_ptr<Reader>> make(const ClientOptions& options);
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;
  ~Reader();

  /// As messaging::Log::read, but offsets may skip: Kafka's own marks of transactions take some.
  [[nodiscard]] Result<std::vector<messaging::StoredRecord>> read(const std::string& topic,
                                                                  std::uint64_t from,
                                                                  messaging::ReadLimits limits);
  [[nodiscard]] Result<messaging::Watermarks> watermarks(const std::string& topic);

 private:
  Reader(Handle handle, Duration answer_timeout) noexcept;

  Result<messaging::Watermarks> ask_watermarks(const std::string& topic);
  Result<void> assign(const std::string& topic, std::uint64_t from);
  Result<std::vector<messaging::StoredRecord>> collect(const std::string& topic,
                                                       messaging::ReadLimits limits);

  Handle handle_;
  Queue queue_;  // of the consumer
  const Duration answer_timeout_;
  std::mutex mutex_;
};

}  // namespace headgate::kafka
