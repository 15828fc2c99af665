// The names of what can be measured, one list for expectations, sweeps, results and help.
#pragma once

#include <string_view>

#include "headgate/core/result.hpp"

namespace headgate::stats {

/// What the number of a metric means; in an Estimate it is always a double of the unit given here.
enum class MetricKind {
  kDuration,  ///< nanoseconds; written `20ms`
  kRate,      ///< per second; written `300/s`
  kShare,     ///< of one; written `0.1%` or `0.001`
  kCount,     ///< a plain number, not always whole; written `4.05` or `2M`
};

/// One name, or a family of names in which NAME stands for a service, a target, a topic, a queue.
struct Metric {
  std::string_view name;
  MetricKind kind;
  std::string_view doc;  ///< one clause
};

/// The entry of `name`; for a family any non-empty NAMEs match, dots included
/// (`queues.work.dead.age.max`). Fails with kInvalidArgument and "did you mean".
[[nodiscard]] Result<Metric> find_metric(std::string_view name);

/// `1.24ms`, `300/s`, `0.1%`, `4.05`: a value of that kind for people, four significant digits.
[[nodiscard]] std::string metric_text(MetricKind kind, double value);

}  // namespace headgate::stats
