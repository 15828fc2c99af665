// Hot and cold (Prequal's rule): a few targets are drawn; those with more requests in flight than
// most targets have are hot. Of the cold ones the fastest is taken; if all are hot, the one with
// the fewest in flight.
//
// Requests in flight say what is about to happen and latencies what has happened, so the former
// have the veto and the latter the choice. That beat every weighted sum of the two where it comes
// from. What counts as many is no constant: it is a quantile of the counts met lately, here those
// of the latest 128 targets drawn.
//
// The paper's probes are messages; a gateway knows its own requests in flight and latencies without
// asking, so its probes are reads, always fresh and never used up. What other gateways send to a
// target shows here in its latency only.
//
// Learning, failures and new targets: see latency.hpp (without the peak).
// Source: B. Wydrowski et al., "Load is not what you should balance: introducing Prequal", NSDI
// 2024.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "headgate/balance/balancer.hpp"
#include "headgate/balance/draw.hpp"
#include "headgate/balance/latency.hpp"
#include "headgate/core/units.hpp"

namespace headgate::balance {

/// A quantile of the latest 128 small counts. O(1) amortised: it moves by the steps that the counts
/// make.
class RecentQuantile {
 public:
  static constexpr std::size_t kSamples = 128;
  static constexpr std::uint32_t kCountMax = 1023;  ///< more counts as this

  /// Requires: 0 <= share <= 1.
  explicit RecentQuantile(Share share) noexcept;

  void add(std::uint32_t count) noexcept;
  /// The least count that at least `share` of the samples do not exceed; 0 without samples.
  [[nodiscard]] std::uint32_t value() const noexcept { return value_; }

 private:
  [[nodiscard]] std::size_t needed() const noexcept;

  std::uint64_t share_ppm_;
  std::array<std::uint16_t, kSamples> samples_{};            // a ring
  std::array<std::uint16_t, kCountMax + 1> samples_with_{};  // by count
  std::size_t size_ = 0;
  std::size_t oldest_ = 0;
  std::uint32_t value_ = 0;
  std::size_t up_to_value_ = 0;  // samples <= value_
};

class HotCold {
 public:
  struct Options {
    static constexpr std::size_t kDrawsDefault = 3;
    static constexpr double kQuantileDefault = 0.84;
    std::size_t draws = kDrawsDefault;  ///< 2 to Draw::kDrawsMax
    Share quantile{kQuantileDefault};   ///< 0 to 1; 0: in flight alone decides, 1: latency alone
    LatencyOptions latency = {};
  };

  explicit HotCold(const Options& options) noexcept
      : draws_(options.draws), in_flight_(options.quantile), latencies_(options.latency) {}

  void rebuild(std::span<const TargetInfo> infos) { latencies_.rebuild(infos); }

  /// The first drawn among equals. d draws, O(d^2).
  [[nodiscard]] std::optional<std::size_t> pick(std::span<const Target> targets, const Call& call,
                                                Random& random) noexcept;

  void done(std::size_t index, const Outcome& outcome, TimePoint now) noexcept {
    latencies_.record(index, outcome, now);
  }

 private:
  std::size_t draws_;
  RecentQuantile in_flight_;
  Latencies latencies_;
};

static_assert(Learning<HotCold>);

}  // namespace headgate::balance
