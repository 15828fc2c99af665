// The figures of a replication by name: what expectations may ask and what intervals are made of.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/sim/plan.hpp"
#include "headgate/sim/replication.hpp"

namespace headgate::sim {

/// Names, fixed by the plan; the figures of a replication stand in the same order.
class FigureNames {
 public:
  explicit FigureNames(const Plan& plan);

  [[nodiscard]] std::span<const std::string> names() const noexcept { return names_; }
  static constexpr std::size_t kNone = ~std::size_t{0};
  /// The place of `name`, or kNone. O(number of names).
  [[nodiscard]] std::size_t find(std::string_view name) const noexcept;

 private:
  std::vector<std::string> names_;
};

/// Whether `figure` is a quantile of a timing; then which share it covers.
[[nodiscard]] std::optional<double> quantile_of(std::string_view figure) noexcept;

/// One number per name, in the metric's unit; NaN where the replication has no such figure (the
/// mean of no response, a rate over no time).
[[nodiscard]] std::vector<double> figures_of(const Plan& plan, const Outcome& outcome);

}  // namespace headgate::sim
