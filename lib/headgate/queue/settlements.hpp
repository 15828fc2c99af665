// What a queue writes down so that a restart finds it: one record for each event of a message's
// life, in the internal topic `__queue.NAME`.
//
//   key      value
//   opened                     a Queue object began; their number is the epoch
//   leased   7:1 8:1 3:2       messages by offset, each with the number of this delivery
//   acked    7                 settled for good
//   dead     3                 likewise, given up; in one batch with its dead letter
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/messaging/log.hpp"

namespace headgate::queue {

/// The state that the records of a queue add up to.
struct Ledger {
  std::uint64_t epoch = 0;  ///< how often the queue was opened
  std::uint64_t next = 0;   ///< no message at or behind it was ever leased
  std::uint64_t acked = 0;
  std::uint64_t dead = 0;
  std::map<std::uint64_t, std::uint32_t> open;  ///< below `next`, not settled: deliveries by offset
};

using Leases = std::vector<std::pair<std::uint64_t, std::uint32_t>>;  // offset, delivery

[[nodiscard]] std::string settlements_topic(std::string_view queue);
[[nodiscard]] messaging::TopicRecord opened_record(std::string_view queue);
[[nodiscard]] messaging::TopicRecord leased_record(std::string_view queue, const Leases& leases);
[[nodiscard]] messaging::TopicRecord acked_record(std::string_view queue, std::uint64_t offset);
[[nodiscard]] messaging::TopicRecord dead_record(std::string_view queue, std::uint64_t offset);

/// Adds up all records of the queue. An append that failed may have left out any of them, so an
/// offset that was jumped over counts as open. Fails with the log's error, or kCorrupt for a record
/// that is none of the above.
[[nodiscard]] Result<Ledger> load_ledger(const messaging::Log& log, std::string_view queue);

}  // namespace headgate::queue
