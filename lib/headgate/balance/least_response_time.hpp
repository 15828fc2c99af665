// Least response time: of all available targets the one where average latency times requests in
// flight is least for its weight; one drawn at random among equals.
//
// It finds the fastest target at once where peak EWMA needs luck, and herds onto it where many
// gateways do the same. For few targets, or few gateways.
//
// Learning, failures and new targets: see latency.hpp.
// Source: nginx's least_time, Traefik's leasttime.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "headgate/balance/balancer.hpp"
#include "headgate/balance/latency.hpp"

namespace headgate::balance {

class LeastResponseTime {
 public:
  /// `options.peak` as given; the catalog leaves it off.
  explicit LeastResponseTime(const LatencyOptions& options) noexcept : latencies_(options) {}

  void rebuild(std::span<const TargetInfo> infos);

  /// A draw for each further target that equals the best so far. O(targets), some 5 ns each.
  [[nodiscard]] std::optional<std::size_t> pick(std::span<const Target> targets, const Call& call,
                                                Random& random) noexcept;

  void done(std::size_t index, const Outcome& outcome, TimePoint now) noexcept {
    latencies_.record(index, outcome, now);
  }

 private:
  Latencies latencies_;
  std::vector<std::uint32_t> weights_;
};

static_assert(Learning<LeastResponseTime>);

}  // namespace headgate::balance
