#include "headgate/stats/knee.hpp"

#include <cstddef>

namespace headgate::stats {

std::optional<double> kneedle(std::span<const CurvePoint> curve) noexcept {
  if (curve.size() < 3) return std::nullopt;
  const CurvePoint first = curve.front();
  const double width = curve.back().x - first.x;
  const double height = curve.back().y - first.y;
  if (!(width > 0) || !(height > 0)) return std::nullopt;
  std::optional<double> knee;
  double farthest = 1e-12;
  for (const CurvePoint& point : curve) {
    const double below = (point.x - first.x) / width - (point.y - first.y) / height;
    if (below <= farthest) continue;
    farthest = below;
    knee = point.x;
  }
  return knee;
}

std::optional<double> grown_to(std::span<const CurvePoint> curve, double times) noexcept {
  for (std::size_t i = 1; i < curve.size(); ++i) {
    const double wanted = curve.front().y * times;
    if (curve[i].y < wanted) continue;
    const CurvePoint before = curve[i - 1];
    const double part = (wanted - before.y) / (curve[i].y - before.y);
    return before.x + part * (curve[i].x - before.x);
  }
  return std::nullopt;
}

}  // namespace headgate::stats
