// Where the start of a run ends: MSER-5 on the course of its response times.
//
// A run starts from an empty system, and its first requests are quicker than those of the long run.
// MSER cuts off as many batches as make the standard error of the mean of the rest least: cutting
// what differs from the rest lessens it, cutting what does not differ throws data away and raises
// it. Batches of five even out single values; means over several replications (P. D. Welch's
// method, whose plot is made of the same data) even out chance, so that what is left is the course.
// Sources: K. P. White, "An effective truncation heuristic for bias reduction in simulation
// output", Simulation 69(6), 1997; K. Hoad, S. Robinson, R. Davies, "Automating warm-up length
// estimation", J. Operational Research Society 61(9), 2010.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "headgate/core/time.hpp"
#include "headgate/core/wide.hpp"

namespace headgate::stats {

/// The response times of a run in its order, batch by batch. Batches hold five requests; whenever
/// there are more than kBatchesMax, neighbours are joined, so that the memory is bounded.
class Course {
 public:
  static constexpr std::uint64_t kBatchSize = 5;
  static constexpr std::size_t kBatchesMax = std::size_t{1} << 14;

  /// One request that has its outcome: its response time, or nothing if it was not timed.
  void add(std::optional<Duration> response);
  /// Adds another run batch by batch; the longer one loses what is beyond the shorter. Requires:
  /// equal batch sizes (as equally long runs have), or one of the two empty.
  void merge(const Course& other);

  [[nodiscard]] std::uint64_t batch_size() const noexcept { return size_; }  ///< requests
  /// The mean of each batch that is full, in nanoseconds. One in which nothing was timed repeats
  /// its predecessor; there is none before the first that was timed.
  [[nodiscard]] std::vector<double> means_ns() const;

 private:
  struct Batch {
    Int128 sum_ns = 0;
    std::uint64_t timed = 0;

    Batch& operator+=(const Batch& other) noexcept;
  };
  void halve();

  std::uint64_t size_ = kBatchSize;
  std::uint64_t in_last_ = 0;  // requests in `last_`
  Batch last_;
  std::vector<Batch> batches_;  // full ones
};

struct WarmupCut {
  std::size_t batches = 0;  ///< to be left out
  bool found = false;       ///< false: most of the run would go; it is too short to tell
};

/// The cut of MSER. The last eighth is no candidate: the error of so few batches is itself chance.
/// More than half of the run is "not found", and the cut then half of it. O(n).
[[nodiscard]] WarmupCut mser(std::span<const double> batch_means);

}  // namespace headgate::stats
