// Weighted least requests: the targets take turns by weight, and what a target weighs sinks with
// its requests in flight: weight / (in flight + 1)^bias.
//
// Bias 0 looks at no request and is weighted round robin; bias 1 shares by weight and by idleness
// alike; the greater the bias, the nearer to the least loaded target first.
//
// The turns are those of nginx's smooth weighted round robin: each available target is credited
// with its present weight, the one with the most credit takes the request and pays the sum. Unlike
// a queue of deadlines (envoy's), in which a target keeps the place that it got when it was busy,
// every pick goes by the weights of now; it costs a scan.
//
// Source: the formula is envoy's active_request_bias; the turns are nginx's
// (ngx_http_upstream_round_robin.c).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "headgate/balance/balancer.hpp"
#include "headgate/balance/per_target.hpp"

namespace headgate::balance {

class WeightedLeastRequests {
 public:
  static constexpr double kBiasMax = 4;
  static constexpr double kBiasDefault = 1;

  /// Requires: 0 <= bias <= kBiasMax.
  explicit WeightedLeastRequests(double bias);

  void rebuild(std::span<const TargetInfo> infos);

  /// The first among equals. Draws nothing. O(targets), about a nanosecond each.
  [[nodiscard]] std::optional<std::size_t> pick(std::span<const Target> targets, const Call& call,
                                                Random& random) noexcept;

 private:
  /// More requests in flight weigh like this many.
  static constexpr std::size_t kInFlightMax = 1023;

  std::array<std::uint32_t, kInFlightMax + 1> shares_;  // (n + 1)^-bias, 2^24 is one; >= 1
  PerTarget<std::int64_t> credits_;                     // below 2^59 for 10 000 targets
  std::vector<std::uint32_t> weights_;
};

static_assert(Policy<WeightedLeastRequests>);

}  // namespace headgate::balance
