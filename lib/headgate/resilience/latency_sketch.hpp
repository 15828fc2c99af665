// The latencies of the last while, well enough for one percentile: a small histogram that is read
// and emptied at the end of every `window`.
//
// A percentile of the window before costs nothing to ask for and does not wander within a window.
// Eight buckets to the octave: it is never below the true one and above it by at most an eighth.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "headgate/core/time.hpp"
#include "headgate/resilience/ratio.hpp"

namespace headgate::resilience {

/// One thread at a time.
class LatencySketch {
 public:
  /// The percentile that the sketch is about; at least `min_samples` in a window, or it has none.
  LatencySketch(Ratio percentile, std::uint32_t min_samples, Duration window) noexcept
      : percentile_(percentile), min_samples_(min_samples), window_(window) {}

  void record(Duration latency, TimePoint now) noexcept;
  /// Of the last whole window; kNever if there were too few in it. O(1), O(buckets) once a window.
  [[nodiscard]] Duration percentile(TimePoint now) noexcept;

 private:
  static constexpr int kSubBits = 3;
  static constexpr std::size_t kBuckets = (64 - kSubBits) << kSubBits;
  [[nodiscard]] static std::size_t bucket_of(std::uint64_t ns) noexcept;
  [[nodiscard]] static std::uint64_t highest_of(std::size_t bucket) noexcept;
  [[nodiscard]] Duration read() const noexcept;
  void advance(TimePoint now) noexcept;

  Ratio percentile_;
  std::uint32_t min_samples_;
  Duration window_;
  TimePoint end_{};  // of the window that is written
  Duration last_ = kNever;
  std::uint64_t total_ = 0;
  std::array<std::uint32_t, kBuckets> counts_{};
};

}  // namespace headgate::resilience
