// A fixed window that is kept in one place for several gateways: at most `limit` tokens in each
// window of the store's clock, over all gateways together; 2 * limit in any interval of a window's
// length, as with FixedWindow.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/limiter.hpp"
#include "headgate/ratelimit/shared_bucket.hpp"

namespace headgate::ratelimit {

class SharedWindow {
 public:
  /// Marks a window among a script's numbers.
  static constexpr std::int64_t kKind = 3;

  struct Config {
    Tokens limit;       ///< 1 to 1e15
    Duration window{};  ///< whole microseconds; windows start at its multiples since 1970
  };
  /// Fails with kInvalidConfig, naming "limit" or "window".
  [[nodiscard]] static Result<SharedWindow> make(const Config& config);

  /// Appends the question: take `cost` tokens. Requires: 1 <= cost <= limit.
  void append_question(std::vector<std::int64_t>& numbers, Tokens cost) const;

  /// As SharedBucket::decision; `sight` has the end of the window in microseconds, and what was
  /// spent in it, or a `first` that is not after its clock.
  [[nodiscard]] Decision decision(const SharedSight& sight, Tokens cost, bool spent) const noexcept;

  [[nodiscard]] Tokens capacity() const noexcept { return limit_; }

 private:
  SharedWindow(Tokens limit, std::int64_t window_us) noexcept
      : limit_(limit), window_us_(window_us) {}

  Tokens limit_;
  std::int64_t window_us_;
};

}  // namespace headgate::ratelimit
