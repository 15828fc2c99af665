// The inverse of the standard normal distribution function, for drawing by inversion.
#pragma once

namespace headgate::arrival {

/// The z below which the share `p` of a standard normal distribution lies, to about 1e-16 relative.
/// Basic arithmetic and sqrt only, so that every compiler gives the same bits.
/// Requires: 0 < p < 1. Source: M. J. Wichura, "Algorithm AS 241", Applied Statistics 37(3), 1988.
[[nodiscard]] double normal_quantile(double p) noexcept;

}  // namespace headgate::arrival
