#include "headgate/balance/ring_hash.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

#include "headgate/balance/by_id.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/core/wide.hpp"

namespace headgate::balance {
namespace {

constexpr std::uint64_t kPpm = 1'000'000;

}  // namespace

RingHash::RingHash(const Options& options) noexcept
    : points_per_weight_(options.points),
      bound_ppm_(options.bound ? static_cast<std::uint64_t>(
                                     std::llround(*options.bound * static_cast<double>(kPpm)))
                               : 0) {}

void RingHash::rebuild(std::span<const TargetInfo> infos) {
  weights_.clear();
  std::uint32_t common = 0;
  for (const TargetInfo& info : infos) common = std::gcd(common, info.weight);
  for (const TargetInfo& info : infos) weights_.push_back(info.weight / std::max(common, 1U));
  weight_sum_ = std::accumulate(weights_.begin(), weights_.end(), std::uint64_t{0});
  const std::uint64_t wanted = weight_sum_ * points_per_weight_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> ring;
  for (const std::uint32_t index : order_by_id(infos)) {
    std::uint64_t points = weights_[index] * points_per_weight_;
    if (wanted > kRingMax) {
      points = std::max<std::uint64_t>(
          1, static_cast<std::uint64_t>(static_cast<Uint128>(points) * kRingMax / wanted));
    }
    for (std::uint64_t k = 0; k < points; ++k) {
      ring.emplace_back(combine64(infos[index].id, k), index);
    }
  }
  // Points at one place, should there be any, are in the order of the ids.
  std::ranges::sort(
      ring, {}, [&](const auto& point) { return std::pair{point.first, infos[point.second].id}; });
  places_.clear();
  owners_.clear();
  for (const auto& [place, owner] : ring) {
    places_.push_back(place);
    owners_.push_back(owner);
  }
  const int bits = std::max(1, static_cast<int>(std::bit_width(ring.size())));
  shift_ = 64 - bits;
  starts_.assign(std::size_t{1} << bits, 0);
  std::size_t point = 0;
  for (std::size_t part = 0; part < starts_.size(); ++part) {
    while (point < places_.size() && (places_[point] >> shift_) < part) ++point;
    starts_[part] = static_cast<std::uint32_t>(point);
  }
}

/// The point that a key belongs to; places_.size() is the first of the ring again.
std::size_t RingHash::first_behind(std::uint64_t key) const noexcept {
  std::size_t point = starts_[key >> shift_];
  while (point < places_.size() && places_[point] < key) ++point;
  return point;
}

/// Most requests that the target may have, of `in_flight` and the one to come.
std::uint64_t RingHash::capacity(std::size_t target, std::uint64_t in_flight) const noexcept {
  const Uint128 share = static_cast<Uint128>(in_flight + 1) * weights_[target] * bound_ppm_;
  const Uint128 whole = static_cast<Uint128>(weight_sum_) * kPpm;
  return static_cast<std::uint64_t>((share + whole - 1) / whole);
}

std::optional<std::size_t> RingHash::pick(std::span<const Target> targets, const Call& call,
                                          Random& /*random*/) noexcept {
  if (places_.empty()) return std::nullopt;
  std::uint64_t in_flight = 0;
  if (bound_ppm_ != 0) {
    for (const Target& target : targets) in_flight += target.in_flight;
  }
  std::size_t point = first_behind(mix64(call.key));
  std::optional<std::size_t> full;  // the first available one, should all be at their bound
  for (std::size_t passed = 0; passed < places_.size(); ++passed, ++point) {
    if (point >= places_.size()) point = 0;
    const std::size_t owner = owners_[point];
    if (!targets[owner].available) continue;
    if (bound_ppm_ == 0 || targets[owner].in_flight < capacity(owner, in_flight)) return owner;
    if (!full) full = owner;
  }
  return full;  // of the unavailable ones' load, someone has to take more
}

}  // namespace headgate::balance
