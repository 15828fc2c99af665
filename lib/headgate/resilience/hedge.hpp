// Hedging: a call that takes longer than most is made a second time, elsewhere, and the first
// answer is taken.
//
// Waiting for the 95th percentile before the second call makes at most about one in twenty twice
// and cuts the tail to what two independent draws have in common: with exponential times of mean 1
// the 99.9th percentile falls from 6.91 to 4.95. What is slow because it is overloaded does not get
// faster by more calls, so a budget bounds the second calls whatever the latencies do; the
// percentile alone would not.
//
// Source: J. Dean, L. Barroso, "The tail at scale", CACM 56(2), 2013; the rotating percentile is
// tower's.
#pragma once

#include <cstdint>
#include <optional>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/resilience/latency_sketch.hpp"
#include "headgate/resilience/retry_budget.hpp"

namespace headgate::resilience {

/// Of each call: start [on_timeout] done. One thread at a time. No allocation.
class Hedge {
 public:
  struct Config {
    Share percentile{0.95};  ///< of the latencies, is how long to wait; above 0, below 100%
    std::optional<Duration> delay{};  ///< fixed, instead of the percentile; above 0
    std::uint32_t min_samples = 100;  ///< in a window, before its percentile means anything
    Duration window = std::chrono::seconds{30};  ///< 1s to 1h
    PercentBudget::Config budget{
        .share = Share{0.1}, .min_per_second = 1, .window = std::chrono::seconds{10}};
  };

  /// What a call under way remembers.
  class Call {
   public:
    /// When it should be made a second time, unless it is done; the greatest TimePoint if never.
    [[nodiscard]] TimePoint next_timeout() const noexcept { return due_; }

   private:
    friend class Hedge;
    TimePoint due_ = TimePoint::max();
  };

  /// Fails with kInvalidConfig at "percentile", "delay", "window" or "budget.FIELD".
  [[nodiscard]] static Result<Hedge> make(const Config& config);

  [[nodiscard]] Call start(TimePoint now) noexcept;
  /// Whether `call` is now to be made a second time, which the budget has then paid for. True at
  /// most once for a call.
  [[nodiscard]] bool on_timeout(Call& call, TimePoint now) noexcept;
  /// The call is over, by whichever answer; `latency` is that of its first try if that answered.
  void done(Duration latency, TimePoint now) noexcept;

  [[nodiscard]] std::uint64_t hedges() const noexcept { return hedges_; }
  [[nodiscard]] std::uint64_t over_budget() const noexcept { return over_budget_; }

 private:
  Hedge(const Config& config, const PercentBudget& budget) noexcept;

  std::optional<Duration> delay_;
  LatencySketch latencies_;
  PercentBudget budget_;
  std::uint64_t hedges_ = 0;
  std::uint64_t over_budget_ = 0;
};

}  // namespace headgate::resilience
