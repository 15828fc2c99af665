// Peak EWMA: of two targets drawn at random, the one where latency times requests in flight is
// less, with a latency average that a slow answer lifts at once and that time alone lowers.
//
// Counts in flight show that a target is slow only once a queue stands there; latency shows it with
// the first slow answer. Two choices keep many gateways from herding onto the same fast one.
//
// Learning, failures and new targets: see latency.hpp.
// Source: Finagle (com.twitter.finagle.loadbalancer.PeakEwma); linkerd2's and tower's.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

#include "headgate/balance/balancer.hpp"
#include "headgate/balance/latency.hpp"

namespace headgate::balance {

class PeakEwma {
 public:
  /// `options.peak` is set here.
  explicit PeakEwma(LatencyOptions options) noexcept : latencies_(with_peak(options)) {}

  void rebuild(std::span<const TargetInfo> infos) { latencies_.rebuild(infos); }

  /// The first drawn if the loads are equal. Two draws and O(1); see two_choices.hpp.
  [[nodiscard]] std::optional<std::size_t> pick(std::span<const Target> targets, const Call& call,
                                                Random& random) noexcept;

  void done(std::size_t index, const Outcome& outcome, TimePoint now) noexcept {
    latencies_.record(index, outcome, now);
  }

 private:
  static LatencyOptions with_peak(LatencyOptions options) noexcept {
    options.peak = true;
    return options;
  }
  Latencies latencies_;
};

static_assert(Learning<PeakEwma>);

}  // namespace headgate::balance
