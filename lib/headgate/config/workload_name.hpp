// What the name of an OpenMessaging workload says: `1-topic-16-partitions-1kb-4p-4c-200k`. Its
// users know these names, and results under one name can be laid side by side.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "headgate/core/result.hpp"
#include "headgate/core/units.hpp"

namespace headgate::config {

/// Who sends how much to whom. Producers are per topic, consumers per group and topic.
struct BusShape {
  std::uint32_t topics = 1;
  std::uint32_t partitions = 1;
  std::uint32_t producers = 1;
  std::uint32_t groups = 1;
  std::uint32_t consumers = 1;
  Bytes size{1024};
  std::optional<Rate> rate = {};  ///< of all producers together; nothing: as fast as it goes
  bool backlog = false;           ///< the name says so: consumers wait until one is built

  friend bool operator==(const BusShape&, const BusShape&) = default;
};

/// The rate of a name that has none, as in most of the project's files.
inline constexpr std::int64_t kWorkloadRate = 50'000;

/// Reads the words of `name`, parted by `-`: N-topic(s), N-partition(s), N-subscription(s),
/// `4p`/`4producers`, `4c`/`4consumers`, a size (`100b`, `1kb`, or a bare `1k` where no size came
/// yet), a rate (`200k`, `100k-rate`, in front or behind), `max-rate`, `backlog`. k is 1024 in a
/// size and 1000 elsewhere. Fails with kInvalidArgument, naming the word that it does not know.
/// Source: the file names of the OpenMessaging benchmark, folder workloads.
[[nodiscard]] Result<BusShape> parse_workload(std::string_view name);

}  // namespace headgate::config
