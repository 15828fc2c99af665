#include "headgate/resilience/concurrency_limit.hpp"

namespace headgate::resilience {

Result<void> check_range(const LimitRange& range) {
  if (range.min < 1) return failed(Errc::kInvalidConfig, "min", "must be at least 1");
  if (range.max < range.min || range.max > 1'000'000) {
    return failed(Errc::kInvalidConfig, "max", "must be at least min and at most 1M");
  }
  if (range.initial < range.min || range.initial > range.max) {
    return failed(Errc::kInvalidConfig, "initial", "must be between min and max");
  }
  return {};
}

}  // namespace headgate::resilience
