#include "headgate/sim/bins.hpp"

#include <cmath>
#include <numeric>

namespace headgate::sim {

Duration RoughHistogram::quantile(double q) const noexcept {
  const std::uint64_t total = std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
  if (total == 0) return Duration::zero();
  const auto rank = static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(total)));
  std::uint64_t below = 0;
  std::size_t index = 0;
  while (index + 1 < counts_.size() && below + counts_[index] < rank) below += counts_[index++];
  if (index < (std::size_t{2} << kBits)) return Duration{static_cast<std::int64_t>(index)};
  const int shift = static_cast<int>(index >> kBits) - 1;
  const std::uint64_t lead = (index & ((std::size_t{1} << kBits) - 1)) + (std::size_t{1} << kBits);
  const std::uint64_t low = lead << shift;
  return Duration{static_cast<std::int64_t>(low + (std::uint64_t{1} << shift) / 2)};
}

}  // namespace headgate::sim
