// A bus plan made ready: who sends to which topic, who reads it, when it ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "headgate/config/bus_plan.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"

namespace headgate::load::messages {

struct Job {
  config::BusPlan plan = {};
  config::BusShape shape = {};
  bool queue = false;                         ///< else topics
  std::string name;                           ///< of the topic or queue
  std::vector<std::string> topics;            ///< of the store: partition p of topic t at t * P + p
  std::optional<arrival::Arrivals> arrivals;  ///< an open loop; nothing: as fast as it goes
  Duration duration = kNever;
  std::optional<std::uint64_t> count;

  /// Checks what parts of the plan say of each other. Fails with kInvalidConfig: `where` is the
  /// key.
  [[nodiscard]] static Result<Job> prepare(const config::BusPlan& plan);

  /// Threads that publish: those of topic t from t * shape.producers on.
  [[nodiscard]] std::uint32_t producers() const noexcept { return shape.topics * shape.producers; }
  /// Consumers that have a partition to read, of one group; workers of a queue.
  [[nodiscard]] std::uint32_t consumers_busy() const noexcept;
  /// `open loop, constant 10k/s, 1 topic x 4 partitions, 1 KiB, …`
  [[nodiscard]] std::string describe() const;
};

inline constexpr Duration kDurationDefault = std::chrono::seconds{10};
inline constexpr std::uint32_t kThreadsMax = 1024;

}  // namespace headgate::load::messages
