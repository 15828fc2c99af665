// What a topic did in the measured stretch of a replication.
#pragma once

#include <cstdint>

#include "headgate/core/time.hpp"
#include "headgate/core/wide.hpp"
#include "headgate/stats/histogram.hpp"

namespace headgate::sim {

struct TopicOutcome {
  stats::Histogram age;           ///< of measured records: from publish to processed
  stats::Histogram produce_time;  ///< of measured records: from publish to acknowledged
  Int128 lag_ns = 0;              ///< record-nanoseconds: committed and not yet processed
  std::uint64_t lag_max = 0;
  std::uint64_t batches = 0;      ///< sent
  std::uint64_t batched = 0;      ///< records in them
  std::uint64_t hottest = 0;      ///< of them, in the partition that got most
  std::uint64_t processed = 0;    ///< records, the first time
  std::uint64_t redelivered = 0;  ///< records processed once more
  std::uint64_t refused = 0;      ///< by a full producer buffer
  std::uint64_t failed = 0;       ///< given up by the producer
  std::uint64_t lost = 0;         ///< acknowledged, and gone before they were read
  std::uint64_t rebalances = 0;
};

}  // namespace headgate::sim
