// What is learned of a target's latency: a moving average that forgets with time, not with
// requests, so that a target that is asked rarely is not remembered by an old mood.
//
// With w = e^(-t / decay) for the time t since the sample before, a sample moves the average to
// w * average + (1 - w) * sample. Between samples the average is projected: read as w * average, it
// sinks towards 0. So a target that looked slow and is avoided is tried again after some decays,
// however slow it looked; reading changes nothing.
//
// Three cases that naive averages get wrong:
// - A failed request counts as `penalty` or its latency, whichever is more. Counted by its latency,
//   a target that refuses at once would be the fastest of all and draw all traffic (ingress-nginx
//   issue 5540). linkerd2 does the same with 5 s.
// - A target that joins starts at the mean of those known, so it is neither flooded, as it is when
//   it starts at 0 (apisix issue 13175), nor starved.
// - When nobody is known yet, a target is asked one request at a time: idle it comes before any
//   other, busy after all of them, until its first answer (Finagle's probe).
//
// Source: Finagle's PeakEwma; T. Wilkie's blog of 2016 for the peak.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "headgate/balance/balancer.hpp"
#include "headgate/balance/fixed_point.hpp"
#include "headgate/balance/per_target.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/wide.hpp"

namespace headgate::balance {

struct LatencyOptions {
  static constexpr Duration kDecayDefault = std::chrono::seconds{10};
  static constexpr Duration kPenaltyDefault = std::chrono::seconds{5};
  Duration decay = kDecayDefault;      ///< time constant, 1 ms to 1 h
  Duration penalty = kPenaltyDefault;  ///< what a failure counts as at least, 0 to 1 h
  bool peak = false;                   ///< a sample above the average becomes the average at once
};

/// The latencies of all targets of a policy.
class Latencies {
 public:
  /// Samples are cut to this: more than an hour is no latency.
  static constexpr Duration kMax = std::chrono::nanoseconds{std::int64_t{1} << 42};
  /// Requests in flight beyond this many make no difference.
  static constexpr std::uint32_t kInFlightMax = (1U << 16) - 1;

  /// Requires: the ranges of LatencyOptions.
  explicit Latencies(const LatencyOptions& options) noexcept
      : decay_(options.decay), penalty_(options.penalty), peak_(options.peak) {}

  void rebuild(std::span<const TargetInfo> infos) {
    states_.rebuild(infos, {});
    const State mean = mean_of_known();
    for (std::size_t i = 0; i < infos.size(); ++i) {
      if (!states_[i].known) states_[i] = mean;
    }
  }

  void record(std::size_t index, const Outcome& outcome, TimePoint now) noexcept {
    State& state = states_[index];
    const Duration counted = outcome.failed ? std::max(outcome.latency, penalty_) : outcome.latency;
    const std::uint64_t sample =
        static_cast<std::uint64_t>(std::clamp(counted, Duration::zero(), kMax).count()) << kPlaces;
    if (!state.known || (peak_ && sample > state.average)) {
      state.average = sample;
    } else {
      const std::uint64_t weight = decay_.weight(now - state.at);
      const Uint128 sum = static_cast<Uint128>(state.average) * weight +
                          static_cast<Uint128>(sample) * (kOneQ32 - weight);
      state.average = static_cast<std::uint64_t>((sum + kOneQ32 / 2) >> 32);
    }
    state.known = true;
    state.at = std::max(state.at, now);  // threads bring their times out of order, a little
  }

  /// The projected average in nanoseconds, to compare: what a request waits for at a target with
  /// nobody else. See the file's comment for a target that is not known.
  [[nodiscard]] std::uint64_t projected(std::size_t index, std::uint32_t in_flight,
                                        TimePoint now) const noexcept {
    const State& state = states_[index];
    if (!state.known) return in_flight == 0 ? 0 : kUnknown;
    const Uint128 product = static_cast<Uint128>(state.average) * decay_.weight(now - state.at);
    return static_cast<std::uint64_t>(product >> (32 + kPlaces));
  }

  /// The load of a target: its projected average times the requests in flight, the next one
  /// included. One nanosecond is added, so that of two that are long forgotten the idler one is
  /// less loaded.
  [[nodiscard]] std::uint64_t load(std::size_t index, std::uint32_t in_flight,
                                   TimePoint now) const noexcept {
    return (projected(index, in_flight, now) + 1) * (std::min(in_flight, kInFlightMax) + 1);
  }

 private:
  static constexpr int kPlaces = 20;  // of an average: a sample in 10^6 decays still moves it
  static constexpr std::uint64_t kUnknown = std::uint64_t{1} << 43;  // above every average

  struct State {
    std::uint64_t average = 0;  // ns, with kPlaces binary places
    TimePoint at{};             // of the latest sample
    bool known = false;
  };

  [[nodiscard]] State mean_of_known() const noexcept {
    Uint128 sum = 0;
    State mean;
    std::uint64_t count = 0;
    for (const State& state : states_) {
      if (!state.known) continue;
      ++count;
      sum += state.average;
      mean.at = std::max(mean.at, state.at);
    }
    if (count == 0) return mean;
    mean.average = static_cast<std::uint64_t>(sum / count);
    mean.known = true;
    return mean;
  }

  Decay decay_;
  Duration penalty_;
  bool peak_;
  PerTarget<State> states_;
};

}  // namespace headgate::balance
