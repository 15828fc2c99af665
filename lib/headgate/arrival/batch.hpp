// Requests that come in groups: cron jobs, queue drains, pages that fetch fifty pictures.
#pragma once

#include <cstdint>

#include "headgate/arrival/distribution.hpp"
#include "headgate/arrival/process.hpp"
#include "headgate/core/result.hpp"

namespace headgate::arrival {

/// `size` requests at one instant, then a gap drawn from `every`, and again; a gap comes first.
struct BatchArrivals {
  /// Fails with kInvalidArgument and the field in `where`. Requires a mean gap above 0, size 1 to a
  /// million, and at most one request per nanosecond.
  [[nodiscard]] static Result<BatchArrivals> make(Distribution every, std::int64_t size);

  [[nodiscard]] Rate rate() const noexcept;
  /// The same groups at other gaps.
  [[nodiscard]] BatchArrivals at_rate(Rate rate) const noexcept;

  Distribution every;
  std::int64_t size = 1;
  double speed = 1;  ///< gaps are divided by it
};

class BatchSchedule {
 public:
  BatchSchedule(const BatchArrivals& arrivals, Random random) noexcept
      : arrivals_(arrivals), random_(random) {}
  [[nodiscard]] Duration next() noexcept;

 private:
  BatchArrivals arrivals_;
  Random random_;
  Odometer odometer_;
  Duration at_{};
  std::int64_t left_ = 0;  // of the group at at_
};

}  // namespace headgate::arrival
