// CoDel: sheds from a queue that has a standing length, and from no other.
//
// A queue that empties now and then absorbs bursts and does no harm; one whose *shortest* wait
// stays above `target` for a whole `interval` only delays. Then one request is shed, and while the
// wait stays long the next after interval / sqrt(n) each: 100, 70.711, 57.735, 50 ms, so that the
// rate of drops rises slowly until the queue gives. Each wait is known when a request is taken out,
// so there is no clock to run and nothing to count but time.
//
// The square root is an integer one, floor(interval / sqrt(n)) to the nanosecond.
//
// Source: RFC 8289 section 5 (its pseudocode, a call of `dequeue` for each request).
#pragma once

#include <cstdint>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/wide.hpp"

namespace headgate::resilience {

/// One thread at a time.
class Codel {
 public:
  struct Config {
    Duration target = std::chrono::milliseconds{5};      ///< a wait that is acceptable; above 0
    Duration interval = std::chrono::milliseconds{100};  ///< at least target, at most an hour
  };
  /// Fails with kInvalidConfig at "target" or "interval".
  [[nodiscard]] static Result<Codel> make(const Config& config);

  /// A request that has waited for `waited` is taken out of the queue. Returns whether to shed it:
  /// then take out the next one, at the same `now`. `last`: it leaves the queue empty, which is no
  /// standing queue. O(1); a division and a root when it sheds.
  [[nodiscard]] bool dequeue(Duration waited, bool last, TimePoint now) noexcept;
  /// There was nothing to take out.
  void on_empty() noexcept;

  [[nodiscard]] bool is_shedding() const noexcept { return shedding_; }
  [[nodiscard]] std::uint64_t shed() const noexcept { return shed_; }

 private:
  explicit Codel(const Config& config) noexcept : config_(config) {}
  [[nodiscard]] bool stands(Duration waited, bool last, TimePoint now) noexcept;
  void begin_shedding(TimePoint now) noexcept;
  [[nodiscard]] TimePoint control_law(TimePoint from) const noexcept;

  Config config_;
  bool above_ = false;  // the wait has been above target since first_above_ - interval
  bool shedding_ = false;
  bool just_shed_ = false;   // the time of the next drop waits for the sight of the next request
  std::uint32_t count_ = 0;  // drops since shedding began
  std::uint32_t count_at_start_ = 0;
  TimePoint first_above_{};
  TimePoint drop_next_{};
  std::uint64_t shed_ = 0;
};

/// floor(sqrt(value)).
[[nodiscard]] std::uint64_t integer_sqrt(Uint128 value) noexcept;

}  // namespace headgate::resilience
