#include "headgate/resilience/bulkhead.hpp"

#include "headgate/core/check.hpp"

namespace headgate::resilience {

Result<Bulkhead> Bulkhead::make(const Config& config) {
  if (config.limit < 1 || config.limit > 1'000'000) {
    return failed(Errc::kInvalidConfig, "limit", "must be 1 to 1M");
  }
  if (config.queue > 1'000'000) {
    return failed(Errc::kInvalidConfig, "queue", "must be at most 1M");
  }
  if (config.max_wait <= Duration::zero() || config.max_wait > std::chrono::hours{1}) {
    return failed(Errc::kInvalidConfig, "max_wait", "must be above 0s and at most 1h");
  }
  return Bulkhead{config};
}

Bulkhead::Entry Bulkhead::enter(std::uint64_t id, TimePoint now) noexcept {
  if (in_flight_ < config_.limit) {  // then nobody waits: a place that falls free is passed on
    ++in_flight_;
    return Entry::kEntered;
  }
  if (size_ == ring_.size()) return Entry::kFull;
  ring_[(oldest_ + size_) % ring_.size()] = {.id = id, .until = now + config_.max_wait};
  ++size_;
  return Entry::kWaits;
}

std::uint64_t Bulkhead::take_oldest() noexcept {
  const std::uint64_t id = ring_[oldest_].id;
  oldest_ = (oldest_ + 1) % ring_.size();
  --size_;
  return id;
}

std::optional<std::uint64_t> Bulkhead::leave() noexcept {
  HG_ASSERT(in_flight_ > 0);
  if (size_ > 0) return take_oldest();
  --in_flight_;
  return std::nullopt;
}

TimePoint Bulkhead::next_timeout() const noexcept {
  return size_ == 0 ? TimePoint::max() : ring_[oldest_].until;
}

std::optional<std::uint64_t> Bulkhead::on_timeout(TimePoint now) noexcept {
  if (now < next_timeout()) return std::nullopt;
  return take_oldest();
}

}  // namespace headgate::resilience
