// A pipeline on a real Kafka: a producer at Poisson times, a topic with a partition for each
// consumer, and consumers that sleep for as long as each record's work takes.
//
// Its customers are those of the simulation with the same seed: record n is published at the time
// and brings the work that the model's streams give to request n, and goes to the same partition.
// What is left between the two is what the model knows nothing of.
#pragma once

#include <cstdint>
#include <string>

#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/stats/histogram.hpp"

namespace headgate::study {

struct PipelineOptions {
  std::string bootstrap;
  std::string topic = "requests";
  std::uint32_t partitions = 2;  ///< and consumers
  Rate rate;
  Duration work_mean{};  ///< exponential
  Duration linger = std::chrono::milliseconds{5};
  Duration settle{};  ///< what is published before it is not measured
  Duration length{};  ///< publishing ends
  std::uint64_t seed = 1;
};

/// What librdkafka's statistics say of the producer's requests, means over the run.
struct ClientStatistics {
  double queued_us = 0;      ///< int_latency: in the client's queue, the linger included
  double sending_us = 0;     ///< outbuf_latency: until written to the socket
  double round_trip_us = 0;  ///< rtt: to the broker and back, its own work included
};

struct PipelineResult {
  stats::Histogram age;           ///< of measured records: from the intended time to processed
  stats::Histogram produce_time;  ///< likewise, to the acknowledgement
  std::uint64_t processed = 0;    ///< records, before publishing ended and after the settling
  Duration measured{};
  double overhead_us = 0;  ///< of processing a record, beyond its work, mean
  ClientStatistics statistics;
};

/// Makes the topic, runs the pipeline once until every record is processed. Throws
/// std::runtime_error with what librdkafka says if the broker does not do its part.
[[nodiscard]] PipelineResult run_pipeline(const PipelineOptions& options);

}  // namespace headgate::study
