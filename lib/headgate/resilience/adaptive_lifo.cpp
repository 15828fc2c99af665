#include "headgate/resilience/adaptive_lifo.hpp"

namespace headgate::resilience {

Result<AdaptiveLifo> AdaptiveLifo::make(const Config& config) {
  if (config.capacity < 1 || config.capacity > 1'000'000) {
    return failed(Errc::kInvalidConfig, "capacity", "must be 1 to 1M");
  }
  if (config.target <= Duration::zero()) {
    return failed(Errc::kInvalidConfig, "target", "must be longer than 0s");
  }
  if (config.interval < config.target || config.interval > std::chrono::hours{1}) {
    return failed(Errc::kInvalidConfig, "interval", "must be at least target and at most 1h");
  }
  return AdaptiveLifo{config};
}

bool AdaptiveLifo::push(std::uint64_t id, TimePoint now) noexcept {
  if (size_ == ring_.size()) return false;
  if (size_ == 0) empty_at_ = now;
  const Duration patience = is_overloaded(now) ? config_.target : config_.interval;
  ring_[(oldest_ + size_) % ring_.size()] = {.id = id, .expires = now + patience};
  ++size_;
  return true;
}

void AdaptiveLifo::shrink(TimePoint now) noexcept {
  if (--size_ == 0) empty_at_ = now;
}

AdaptiveLifo::Entry AdaptiveLifo::take_oldest(TimePoint now) noexcept {
  const Entry entry = ring_[oldest_];
  oldest_ = (oldest_ + 1) % ring_.size();
  shrink(now);
  return entry;
}

AdaptiveLifo::Entry AdaptiveLifo::take_newest(TimePoint now) noexcept {
  const Entry entry = ring_[(oldest_ + size_ - 1) % ring_.size()];
  shrink(now);
  return entry;
}

std::optional<AdaptiveLifo::Taken> AdaptiveLifo::pop(TimePoint now) noexcept {
  if (size_ == 0) return std::nullopt;
  const Entry entry = is_overloaded(now) ? take_newest(now) : take_oldest(now);
  return Taken{.id = entry.id, .shed = now >= entry.expires};
}

TimePoint AdaptiveLifo::next_timeout() const noexcept {
  return size_ == 0 ? TimePoint::max() : ring_[oldest_].expires;
}

std::optional<std::uint64_t> AdaptiveLifo::on_timeout(TimePoint now) noexcept {
  if (now < next_timeout()) return std::nullopt;
  return take_oldest(now).id;
}

}  // namespace headgate::resilience
