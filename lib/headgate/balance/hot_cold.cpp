#include "headgate/balance/hot_cold.hpp"

#include <algorithm>
#include <tuple>

#include "headgate/core/check.hpp"

namespace headgate::balance {
namespace {

constexpr std::uint64_t kMillion = 1'000'000;

}  // namespace

RecentQuantile::RecentQuantile(Share share) noexcept
    : share_ppm_(in_units(share.of_one, kMillion)) {}

std::size_t RecentQuantile::needed() const noexcept {
  return static_cast<std::size_t>((share_ppm_ * size_ + kMillion - 1) / kMillion);
}

void RecentQuantile::add(std::uint32_t count) noexcept {
  const auto added = static_cast<std::uint16_t>(std::min(count, kCountMax));
  if (size_ == kSamples) {
    const std::uint16_t dropped = samples_[oldest_];
    --samples_with_[dropped];
    if (dropped <= value_) --up_to_value_;
  } else {
    ++size_;
  }
  samples_[oldest_] = added;
  oldest_ = (oldest_ + 1) % kSamples;
  ++samples_with_[added];
  if (added <= value_) ++up_to_value_;
  while (up_to_value_ < needed()) {
    HG_ASSERT(value_ < kCountMax);
    up_to_value_ += samples_with_[++value_];
  }
  while (value_ > 0 && up_to_value_ - samples_with_[value_] >= needed()) {
    up_to_value_ -= samples_with_[value_--];
  }
}

std::optional<std::size_t> HotCold::pick(std::span<const Target> targets, const Call& call,
                                         Random& random) noexcept {
  std::array<std::size_t, Draw::kDrawsMax> drawn;
  std::size_t count = 0;
  Draw draw{targets, random};
  while (count < draws_) {
    const std::size_t next = draw.next();
    if (next == Draw::kNone) break;
    drawn[count++] = next;
    in_flight_.add(targets[next].in_flight);
  }
  if (count == 0) return std::nullopt;
  // Ordered by: cold before hot; the cold by latency, then in flight; the hot by in flight.
  const auto rank = [&](std::size_t index) {
    const std::uint32_t in_flight = targets[index].in_flight;
    const bool hot = std::min(in_flight, RecentQuantile::kCountMax) > in_flight_.value();
    const std::uint64_t latency = hot ? 0 : latencies_.projected(index, in_flight, call.now);
    return std::tuple{hot, latency, in_flight};
  };
  std::size_t best = drawn[0];
  auto best_rank = rank(best);
  for (std::size_t i = 1; i < count; ++i) {
    const auto its_rank = rank(drawn[i]);
    if (its_rank < best_rank) {
      best = drawn[i];
      best_rank = its_rank;
    }
  }
  return best;
}

}  // namespace headgate::balance
