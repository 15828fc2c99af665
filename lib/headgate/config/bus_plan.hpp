// A plan for message load as a typed model: what `loadgen bus --plan FILE` publishes, to which
// store, and who consumes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/arrival/schedule.hpp"
#include "headgate/config/diagnostic.hpp"
#include "headgate/config/gateway_config.hpp"
#include "headgate/config/workload_name.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/stats/expectation.hpp"

namespace headgate::config {

struct BusPlan {
  StoreConfig store = {};                     ///< memory if not said
  std::optional<Durability> durability = {};  ///< nothing: what the store says
  std::string topic = {};                     ///< of topic and queue at most one; neither: topic
  std::string queue = {};                     ///< `headgate-load`
  std::string workload = {};                  ///< an OpenMessaging name; what follows goes over it
  std::optional<std::uint32_t> topics = {};
  std::optional<std::uint32_t> partitions = {};    ///< of each topic
  std::optional<std::uint32_t> producers = {};     ///< of each topic
  std::optional<std::uint32_t> groups = {};        ///< each gets every message
  std::optional<std::uint32_t> consumers = {};     ///< of each group and topic, or of the queue
  std::optional<Bytes> size = {};                  ///< of each message
  std::optional<arrival::Arrivals> arrivals = {};  ///< nothing: as fast as it goes
  std::uint32_t inflight = 1000;                   ///< unanswered messages of each producer
  std::optional<Duration> duration = {};           ///< nothing: until `count`, or 10 s
  std::optional<std::uint64_t> count = {};
  std::optional<std::uint64_t> backlog = {};  ///< consumers wait for so many; then no more come
  Duration warmup{};                          ///< figures leave out what was intended before
  Duration drain = std::chrono::seconds{5};   ///< without a message, at the end, before giving up
  Duration linger = std::chrono::milliseconds{5};  ///< how long Kafka's client gathers a batch
  Bytes memory{std::uint64_t{1} << 30};            ///< what the memory store may hold
  Duration lease = std::chrono::seconds{30};       ///< of a queue's message
  std::uint32_t max_deliveries = 5;                ///< of a queue's message
  Share nack = {};                                 ///< of a queue's deliveries, returned
  std::vector<stats::Expectation> expect = {};
  std::uint64_t seed = 1;

  /// Defaults, the workload's name over them, then what the plan says itself. Fails as
  /// parse_workload does.
  [[nodiscard]] Result<BusShape> shape() const;
};

[[nodiscard]] Loaded<BusPlan> bus_plan_file(const std::string& file);
[[nodiscard]] Loaded<BusPlan> bus_plan_text(std::string_view text, const std::string& file);
[[nodiscard]] std::string bus_plan_schema();

/// `memory`, `journal:DIR` or `kafka:HOST:PORT[,HOST:PORT]`, as a flag says it.
[[nodiscard]] Result<StoreConfig> parse_store(std::string_view text);

}  // namespace headgate::config
