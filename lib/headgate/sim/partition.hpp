// A partition: one ring of records, and how far each of those who handle them in order has come.
//
//   committed <= processed <= fetched <= visible <= sent <= end
//
// A record enters at the end, is sent in a batch, becomes visible to consumers when every in-sync
// replica has it, is fetched, processed, and forgotten when the group has committed it: until then
// another consumer may have to process it again.
#pragma once

#include <cstdint>

#include "headgate/core/time.hpp"
#include "headgate/sim/broker_timers.hpp"
#include "headgate/sim/journey.hpp"
#include "headgate/sim/ring.hpp"

namespace headgate::sim {

struct LogRecord {
  TimePoint published{};
  std::uint64_t number = 0;        ///< of the request that made it
  std::uint32_t waiter = kNobody;  ///< that is told of its acknowledgement
  bool measured = false;
  bool gone = false;  ///< never came to be, or was deleted: consumers do not see it
  bool done = false;  ///< processed at least once
};

struct Partition {
  static constexpr std::uint32_t kNoOwner = ~0U;

  struct Batch {
    std::uint64_t until = 0;  ///< the record after its last
    bool ok = true;
  };

  Ring<LogRecord> records;  ///< from the first that is not committed
  // The producer's side.
  std::uint64_t sent = 0;
  std::uint64_t acked = 0;
  Ring<Batch> unacked;
  Ring<Batch> uncommitted;
  std::uint64_t batches = 0;
  Alarm linger;  ///< of the oldest record not sent
  // Of the batch sent last.
  TimePoint arrived{};
  TimePoint appended{};
  TimePoint replicated{};
  TimePoint answered{};
  // The group's side.
  std::uint64_t visible = 0;
  std::uint64_t fetched = 0;
  std::uint64_t processed = 0;
  std::uint64_t committed = 0;
  std::int64_t commit_tick = 0;  ///< the number of the interval that `processed` moved in last
  std::uint32_t owner = kNoOwner;

  /// Forgets what nobody will ask for again.
  void trim() noexcept { records.drop_before(committed < acked ? committed : acked); }
};

}  // namespace headgate::sim
