// Where a curve of response time over load bends.
//
// Two answers, since the word has no one meaning. Kneedle: the point that lies farthest below the
// straight line between the ends of the curve, both axes scaled to one; it depends on how far the
// curve goes. Twice: the load at which the value is twice that of the first point, a promise that
// everybody understands. Source: V. Satopää, J. Albrecht, D. Irwin, B. Raghavan, "Finding a
// 'kneedle' in a haystack", ICDCS workshops 2011.
#pragma once

#include <optional>
#include <span>

namespace headgate::stats {

struct CurvePoint {
  double x = 0;
  double y = 0;
};

/// The x of the point farthest below the line from the first to the last; nothing if the curve has
/// fewer than three points or none below it. Requires: x rises.
[[nodiscard]] std::optional<double> kneedle(std::span<const CurvePoint> curve) noexcept;

/// The x, interpolated, at which y first is `times` that of the first point; nothing if it never
/// is. Requires: x rises.
[[nodiscard]] std::optional<double> grown_to(std::span<const CurvePoint> curve,
                                             double times) noexcept;

}  // namespace headgate::stats
