// Outlier ejection: a target that does worse than its peers is left out for a while, by what its
// answers say; no probe is sent.
//
// Three signs: failures in a row, seen at once; and, at the end of every interval, a success rate
// more than `stdev_factor` standard deviations below the mean of the pool, or a share of failures
// of `failure_percent` or more. The n-th ejection of a target lasts n times `base_time`, at most
// `max_time`; each interval that a target gets through uneject lowers n by one again.
//
// If all targets fail, the fault is not theirs. Of N targets at most max(1, floor(share * N)) are
// out at a time, and never the last one: N = 1 -> 0; N = 2 and 3 -> 1 for a share up to 66 %; N =
// 10 at 10 % -> 1. At the end of an interval the worst go first, so that the cap does not depend on
// the order of the config.
//
// A rate is a whole number of millionths, and "x below mean - k * stdev" is asked squared:
// (S - n x)^2 > k^2 (n Q - S^2), with S the sum and Q the sum of squares of n rates. No root and no
// floating point: the same on every machine.
//
// Source: Envoy's outlier detection (its defaults, and its standard deviation of the population).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/resilience/ratio.hpp"

namespace headgate::resilience {

/// One thread at a time. No allocation after `make`.
class Outlier {
 public:
  static constexpr std::size_t kTargetsMax = 100'000;

  struct Config {
    std::uint32_t consecutive_failures = 5;  ///< in a row; 0: not looked at
    bool success_rate = true;                ///< compares each target with the pool
    double stdev_factor = 1.9;               ///< how far below the mean is too far; 0.1 to 100
    Share failure_percent{1.0};              ///< of an interval's requests; above 0
    std::uint32_t min_targets = 5;           ///< with min_requests each, before rates are compared
    std::uint32_t min_requests = 100;        ///< of a target in an interval, before its rate counts
    Duration interval = std::chrono::seconds{10};
    Duration base_time = std::chrono::seconds{30};
    Duration max_time = std::chrono::seconds{300};  ///< at least base_time; at most a day
    Share max_ejected{0.1};  ///< of the targets; above 0; see above for what it comes to
  };

  /// For targets 0 to `count` - 1. Fails with kInvalidConfig at the field that is out of its range.
  [[nodiscard]] static Result<Outlier> make(const Config& config, std::size_t count);

  /// A call to `target` has ended. Returns whether that has ejected it. An ejected target's late
  /// answers say nothing. O(1).
  bool record(std::size_t target, bool failed, TimePoint now) noexcept;

  /// The end of the interval or of the first ejection, whichever is earlier.
  [[nodiscard]] TimePoint next_timeout() const noexcept;
  /// Takes targets back, and ejects by rates, if it is time. Returns whether anything changed.
  /// O(targets) per ejection.
  bool on_timeout(TimePoint now) noexcept;

  [[nodiscard]] bool is_ejected(std::size_t target) const noexcept {
    return targets_[target].ejected;
  }
  /// Requires: is_ejected(target).
  [[nodiscard]] TimePoint ejected_until(std::size_t target) const noexcept {
    return targets_[target].until;
  }
  [[nodiscard]] std::size_t ejected_count() const noexcept { return ejected_; }
  /// How many may be out at once.
  [[nodiscard]] std::size_t ejected_max() const noexcept { return ejected_max_; }
  [[nodiscard]] std::uint64_t ejections() const noexcept { return ejections_; }

 private:
  struct Target {
    std::uint32_t all = 0;     // calls in this interval
    std::uint32_t failed = 0;  // of them
    std::uint32_t consecutive = 0;
    std::uint32_t times = 0;  // ejections, less the quiet intervals since
    bool ejected = false;
    TimePoint until{};
  };
  struct Rates {  // of the targets with enough calls
    std::int64_t count = 0;
    std::int64_t sum = 0;      // millionths
    std::int64_t squares = 0;  // millionths squared; 1e5 targets: 1e17
  };

  Outlier(const Config& config, std::size_t count);
  [[nodiscard]] bool has_volume(const Target& target) const noexcept {
    return !target.ejected && target.all >= config_.min_requests;
  }
  bool eject(Target& target, TimePoint now) noexcept;
  bool readmit(TimePoint now) noexcept;
  bool compare(TimePoint now) noexcept;
  [[nodiscard]] Rates rates() const noexcept;
  [[nodiscard]] bool is_outlier(const Target& target, const Rates& of) const noexcept;

  Config config_;
  std::int64_t factor_;  // stdev_factor in thousandths
  Ratio failure_percent_;
  std::size_t ejected_max_;
  std::size_t ejected_ = 0;
  std::uint64_t ejections_ = 0;
  TimePoint interval_end_;
  std::vector<Target> targets_;
};

}  // namespace headgate::resilience
