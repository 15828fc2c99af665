// How long to wait before trying again: doubling, up to a most, spread by chance.
//
// Clients that failed together would come back together, wave after wave; jitter spreads them. With
// d(n) = min(max, base * 2^n) for the n-th retry, counted from 0, and p the wait before (base at
// first), the waits are uniform, in whole nanoseconds, over
//
//   none           d(n)               (no draw)
//   full           0 to d(n)
//   equal          d(n)/2 to d(n)
//   decorrelated   base to min(max, 3 p)
//
// Source: M. Brooker, "Exponential backoff and jitter", AWS Architecture Blog, 2015. (There the
// most is applied to the decorrelated wait after the draw, which piles half of the waits up on it;
// here to the range.)
#pragma once

#include <cstdint>
#include <string_view>

#include "headgate/core/random.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"

namespace headgate::resilience {

enum class Jitter : std::uint8_t { kNone, kFull, kEqual, kDecorrelated };

/// `none`, `full`, `equal`, `decorrelated`. Fails with kInvalidConfig at "jitter".
[[nodiscard]] Result<Jitter> parse_jitter(std::string_view text);
[[nodiscard]] std::string_view to_text(Jitter jitter) noexcept;

class Backoff {
 public:
  struct Config {
    Duration base = std::chrono::milliseconds{25};  ///< at least 1us
    Duration max = std::chrono::milliseconds{250};  ///< at least base, at most a day
    Jitter jitter = Jitter::kFull;
  };

  /// Fails with kInvalidConfig at "base" or "max".
  [[nodiscard]] static Result<Backoff> make(const Config& config);

  /// The wait before retry number `retry`, from 0. `previous` is the wait before the one before it;
  /// only kDecorrelated looks at it, and not for retry 0. One draw or none. O(1).
  [[nodiscard]] Duration delay(std::uint32_t retry, Duration previous,
                               Random& random) const noexcept;

 private:
  explicit Backoff(const Config& config) noexcept : config_(config) {}
  Config config_;
};

}  // namespace headgate::resilience
