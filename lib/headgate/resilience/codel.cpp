#include "headgate/resilience/codel.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace headgate::resilience {

Result<Codel> Codel::make(const Config& config) {
  if (config.target <= Duration::zero()) {
    return failed(Errc::kInvalidConfig, "target", "must be longer than 0s");
  }
  if (config.interval < config.target || config.interval > std::chrono::hours{1}) {
    return failed(Errc::kInvalidConfig, "interval", "must be at least target and at most 1h");
  }
  return Codel{config};
}

/// Newton's method, from a power of two above the root: it falls until it is there.
std::uint64_t integer_sqrt(Uint128 value) noexcept {
  if (value < 2) return static_cast<std::uint64_t>(value);
  const auto high = static_cast<std::uint64_t>(value >> 64);
  const auto low = static_cast<std::uint64_t>(value);
  const auto bits = high != 0 ? 64 + std::bit_width(high) : std::bit_width(low);
  Uint128 root = Uint128{1} << ((bits + 1) / 2);
  for (Uint128 next = (root + value / root) / 2; next < root; next = (root + value / root) / 2) {
    root = next;
  }
  return static_cast<std::uint64_t>(root);
}

/// interval / sqrt(count) later; floor(sqrt(interval^2 / count)) is just its whole nanoseconds.
TimePoint Codel::control_law(TimePoint from) const noexcept {
  const auto interval = static_cast<std::uint64_t>(config_.interval.count());
  const std::uint64_t step = integer_sqrt(static_cast<Uint128>(interval) * interval / count_);
  return from + Duration{static_cast<std::int64_t>(step)};
}

/// Whether even the shortest wait of the last interval was above the target.
bool Codel::stands(Duration waited, bool last, TimePoint now) noexcept {
  if (waited < config_.target || last) {
    above_ = false;
    return false;
  }
  if (!std::exchange(above_, true)) {
    first_above_ = now + config_.interval;
    return false;
  }
  return now >= first_above_;
}

void Codel::begin_shedding(TimePoint now) noexcept {
  // If the last spell ended a short while ago, the rate it had reached is a good one to go on with.
  const std::uint32_t reached = count_ - count_at_start_;
  const bool soon = now - drop_next_ < config_.interval * 16;
  count_ = soon ? std::max<std::uint32_t>(reached, 1) : 1;
  count_at_start_ = count_;
  shedding_ = true;
  drop_next_ = control_law(now);
}

bool Codel::dequeue(Duration waited, bool last, TimePoint now) noexcept {
  const bool standing = stands(waited, last, now);
  const bool after_drop = std::exchange(just_shed_, false);
  if (!standing) {
    shedding_ = false;
    return false;
  }
  if (!shedding_) {
    begin_shedding(now);
  } else {
    // The drop before has not ended the queue: only now is it time to plan the one after it.
    if (after_drop) drop_next_ = control_law(drop_next_);
    if (now < drop_next_) return false;
    ++count_;
    just_shed_ = true;
  }
  ++shed_;
  return true;
}

void Codel::on_empty() noexcept { above_ = shedding_ = just_shed_ = false; }

}  // namespace headgate::resilience
