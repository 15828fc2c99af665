// A topic of the config, looked at from outside: beside a running gateway, or after it. Nothing is
// changed; a journal is read from its files, a Kafka topic from its broker.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/bus/event.hpp"
#include "headgate/config/gateway_config.hpp"
#include "headgate/core/result.hpp"
#include "headgate/messaging/log.hpp"
#include "headgate/messaging/topic.hpp"

namespace headgate::gateway {

struct TopicFacts {
  std::string store;
  std::string kind;        ///< journal or kafka
  std::string durability;  ///< memory, os or disk
  messaging::Watermarks marks;
  std::optional<std::uint64_t> bytes;     ///< payload of its records; a journal's
  std::optional<std::uint64_t> segments;  ///< of the whole store; a journal's
  messaging::Positions consumers;
};

/// One thread at a time.
class TopicView {
 public:
  /// The topics, queues and dead letter topics of `config` can be looked at. Fails with kNotFound
  /// (no such topic: did you mean …; or its store was never made), kInvalidArgument (a memory
  /// store: it lives only in the gateway's process), kUnavailable (no broker answers), kCorrupt,
  /// kIo.
  [[nodiscard]] static Result<TopicView> open(const config::GatewayConfig& config,
                                              std::string_view topic);
  TopicView(TopicView&&) noexcept;
  TopicView& operator=(TopicView&&) noexcept;
  ~TopicView();

  /// Lets the calls below see what was appended since.
  [[nodiscard]] Result<void> refresh();
  [[nodiscard]] Result<messaging::Watermarks> watermarks() const;
  /// As messaging::Log::read.
  [[nodiscard]] Result<std::vector<messaging::StoredRecord>> read(
      std::uint64_t from, messaging::ReadLimits limits) const;
  [[nodiscard]] Result<TopicFacts> facts() const;

  /// A folder whose changes tell that there may be news; empty: one has to ask.
  [[nodiscard]] const std::string& folder() const noexcept { return folder_; }

 private:
  TopicView() = default;

  struct Reader;
  std::unique_ptr<Reader> reader_;
  std::string topic_;
  std::string folder_;
  TopicFacts facts_;  // what the config says of it
};

/// The event that a record carries; a record of another kind becomes the data of one, with the type
/// `headgate.record` and the id TOPIC/OFFSET.
[[nodiscard]] bus::Event event_of(const messaging::StoredRecord& stored, std::string_view topic);

}  // namespace headgate::gateway
