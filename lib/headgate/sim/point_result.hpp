// What the replications of one point of a scenario came to: sums over all of them, one row of
// figures for each, and from these every estimate with its interval.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "headgate/sim/figures.hpp"
#include "headgate/sim/plan.hpp"
#include "headgate/sim/replication.hpp"
#include "headgate/stats/histogram.hpp"
#include "headgate/stats/interval.hpp"
#include "headgate/stats/totals.hpp"

namespace headgate::sim {

/// Of all intervals, unless another is asked for.
inline constexpr double kConfidence = 0.95;
/// `replications: 1` is one long run, cut into so many sections…
inline constexpr std::uint32_t kSections = 30;
/// …of which so many neighbours make a batch of the overlapping batch means.
inline constexpr std::size_t kSectionsPerBatch = 3;
static_assert(kSections % kSectionsPerBatch == 0);

/// What `warmup: auto` found for a point.
struct Warmup {
  std::uint64_t requests = 0;    ///< sent before those that are measured
  bool found = false;            ///< false: the start may show in the figures; the run is too short
  std::uint64_t batch_size = 0;  ///< requests behind each of:
  std::vector<double> means_ns;  ///< the course of the response time, averaged over the pilots

  friend bool operator==(const Warmup&, const Warmup&) = default;
};

/// What the replications of a point add up to; parts of it, made elsewhere, can be joined.
struct PointSums {
  std::vector<std::vector<double>> figures;  ///< by replication or section, then by name
  std::vector<std::vector<double>> batches;  ///< of sections, side by side: for quantiles
  std::size_t replications = 0;
  stats::Totals totals;
  std::uint64_t warmup_requests = 0;
  std::vector<stats::Histogram> timings;  ///< by timing_names()
  std::vector<std::uint64_t> published;

  /// Adds the replications that come next.
  void join(const PointSums& next);
};

class PointResult {
 public:
  using At = std::vector<std::pair<std::string, std::string>>;

  PointResult(At at, Plan plan);

  /// The figure of that name with its interval; nothing if there is none.
  /// Means and shares: the mean of the replications, or of the sections of a single one. Quantiles:
  /// that of all requests together, with the interval that the replications' own quantiles give, or
  /// those of the batches of a single one (sectioning). A `.max` has no interval: it grows with the
  /// length of the run and estimates nothing. Requires: 0 < confidence < 1.
  [[nodiscard]] std::optional<stats::Estimate> estimate(std::string_view figure,
                                                        double confidence = kConfidence) const;

  /// What the interval of `figure` is made of, in order: the figure of each replication, or of each
  /// section of a single one (quantiles: of each batch of sections); NaN where one has none. Empty
  /// if there is no such figure.
  [[nodiscard]] std::vector<double> parts(std::string_view figure) const;
  /// Whether `figure` is a quantile of all requests together, with one part for each batch.
  [[nodiscard]] bool is_pooled(std::string_view figure) const noexcept {
    return pooled(figure) != nullptr;
  }
  /// The figures that there may be.
  [[nodiscard]] std::span<const std::string> names() const noexcept { return names_.names(); }

  [[nodiscard]] const At& at() const noexcept { return at_; }
  [[nodiscard]] const Plan& plan() const noexcept { return plan_; }
  /// Sums over the replications.
  [[nodiscard]] const stats::Totals& totals() const noexcept { return sums_.totals; }
  [[nodiscard]] std::uint64_t warmup_requests() const noexcept { return sums_.warmup_requests; }
  [[nodiscard]] const stats::Histogram& response_time() const { return timing("response_time"); }
  [[nodiscard]] const stats::Histogram& queue_time() const { return timing("queue_time"); }
  /// Requires: one of timing_names().
  [[nodiscard]] const stats::Histogram& timing(std::string_view name) const;
  [[nodiscard]] const std::vector<std::uint64_t>& published() const noexcept {
    return sums_.published;
  }
  [[nodiscard]] std::size_t replications() const noexcept { return sums_.replications; }
  /// Whether there is one replication only, in sections.
  [[nodiscard]] bool is_sectioned() const noexcept {
    return sums_.figures.size() > sums_.replications;
  }
  /// Where `warmup: auto` looked for it.
  [[nodiscard]] const std::optional<Warmup>& warmup() const noexcept { return warmup_; }

  /// From now on replications leave so much out. Call before the first is made.
  void set_warmup(Warmup warmup);
  /// Adds one replication, whole or in its sections. Call in the order of their numbers.
  void add(const Outcome& outcome) { add(std::span{&outcome, 1}); }
  void add(std::span<const Outcome> sections);
  [[nodiscard]] const PointSums& sums() const noexcept { return sums_; }
  /// Adds replications that were made elsewhere. Requires: sums of the same plan.
  void join(const PointSums& next) { sums_.join(next); }

 private:
  /// What is_pooled() is about; nullptr if it is false.
  [[nodiscard]] const stats::Histogram* pooled(std::string_view figure) const noexcept;
  void add_batches(std::span<const Outcome> sections);

  At at_;
  Plan plan_;
  FigureNames names_;
  std::vector<std::string> timing_names_;
  std::optional<Warmup> warmup_;
  PointSums sums_;
};

/// Half of the width of the interval.
[[nodiscard]] inline double half_width(const stats::Estimate& estimate) noexcept {
  return (estimate.high - estimate.low) / 2;
}

/// How many measured requests in all would give `figure` a half-width of `share` of its value, by
/// the rule that a half-width shrinks with the square root of the effort; nothing if there is no
/// such figure or no interval.
[[nodiscard]] std::optional<double> jobs_for(const PointResult& point, std::string_view figure,
                                             double share);

}  // namespace headgate::sim
