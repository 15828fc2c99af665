#include "headgate/balance/pool.hpp"

#include <algorithm>
#include <string>

#include "headgate/balance/fixed_point.hpp"

namespace headgate::balance {
namespace {

constexpr std::int64_t kWholePpm = 1'000'000;

using Ids = std::vector<std::pair<std::uint64_t, std::size_t>>;

Result<Ids> sorted_ids(std::span<const TargetInfo> infos) {
  Ids ids;
  ids.reserve(infos.size());
  for (std::size_t i = 0; i < infos.size(); ++i) ids.emplace_back(infos[i].id, i);
  std::ranges::sort(ids);
  const auto twice = std::ranges::adjacent_find(ids, {}, &Ids::value_type::first);
  if (twice == ids.end()) return ids;
  return failed(Errc::kInvalidConfig, "targets",
                "targets " + std::to_string(twice->second) + " and " +
                    std::to_string((twice + 1)->second) + " have the same name");
}

}  // namespace

Pool::Pool(const Spec& spec, Balancer balancer)
    : balancer_(std::move(balancer)),
      slow_start_(spec.slow_start),
      panic_ppm_(static_cast<std::int64_t>(in_units(spec.panic.of_one, kWholePpm))),
      stale_(spec.stale) {}

Result<Pool> Pool::make(const Spec& spec, std::span<const TargetInfo> infos) {
  Result<Balancer> balancer = balance::make(spec);
  if (!balancer) return std::unexpected(balancer.error());
  Pool pool{spec, *std::move(balancer)};
  if (auto set = pool.set_targets(infos, TimePoint::min()); !set) {
    return std::unexpected(set.error());
  }
  for (Member& member : pool.members_) member.warms_from = kWarm;
  pool.after_change(TimePoint::min());
  return pool;
}

Result<void> Pool::set_targets(std::span<const TargetInfo> infos, TimePoint now) {
  for (std::size_t i = 0; i < infos.size(); ++i) {
    if (infos[i].weight >= 1 && infos[i].weight <= kWeightMax) continue;
    return failed(Errc::kInvalidConfig, "targets",
                  "the weight of target " + std::to_string(i) + " must be 1 to 1M");
  }
  Result<Ids> ids = sorted_ids(infos);
  if (!ids) return std::unexpected(ids.error());
  std::vector<Target> targets(infos.size());
  std::vector<Member> members(infos.size());
  for (std::size_t i = 0; i < infos.size(); ++i) {
    if (const auto before = index_of(infos[i].id)) {
      targets[i] = targets_[*before];
      members[i] = members_[*before];
    } else {
      warm_up(members[i], now);
    }
  }
  infos_.assign(infos.begin(), infos.end());
  targets_ = std::move(targets);
  members_ = std::move(members);
  by_id_ = *std::move(ids);
  rejected_.reserve(infos.size());
  balancer_.rebuild(infos_);
  if (stale_ > Duration::zero()) seen_ = targets_;
  after_change(now);
  return {};
}

std::optional<std::size_t> Pool::index_of(std::uint64_t id) const noexcept {
  const auto found = std::ranges::lower_bound(by_id_, id, {}, &Ids::value_type::first);
  if (found == by_id_.end() || found->first != id) return std::nullopt;
  return found->second;
}

// --- who may be picked ---------------------------------------------------------------------------

void Pool::set_healthy(std::size_t index, bool healthy, TimePoint now) noexcept {
  Member& member = members_[index];
  if (member.healthy == healthy) return;
  member.healthy = healthy;
  if (member.is_up()) warm_up(member, now);
  after_change(now);
}

void Pool::eject(std::size_t index, TimePoint until, TimePoint now) noexcept {
  if (until <= now) return;
  members_[index].ejected_until = until;
  after_change(now);
}

void Pool::uneject(std::size_t index, TimePoint now) noexcept {
  Member& member = members_[index];
  if (member.ejected_until == kNotEjected) return;
  member.ejected_until = kNotEjected;
  if (member.is_up()) warm_up(member, now);
  after_change(now);
}

void Pool::warm_up(Member& member, TimePoint now) noexcept {
  if (slow_start_.window() > Duration::zero()) member.warms_from = now;
}

// What time alone has changed by `now`.
void Pool::advance(TimePoint now) noexcept {
  for (Member& member : members_) {
    if (member.ejected_until == kNotEjected || member.ejected_until > now) continue;
    const TimePoint back = std::exchange(member.ejected_until, kNotEjected);
    if (member.is_up()) warm_up(member, back);
  }
  if (stale_ > Duration::zero() && now >= refresh_at_) {
    seen_ = targets_;  // of the same size: no allocation
    refresh_at_ = now + stale_;
  }
  after_change(now);
}

// Derives from the members what pick() reads.
void Pool::after_change(TimePoint now) noexcept {
  std::size_t up = 0;
  warming_ = 0;
  next_event_ = stale_ > Duration::zero() ? refresh_at_ : TimePoint::max();
  for (Member& member : members_) {
    if (member.is_up()) ++up;
    if (member.ejected_until != kNotEjected) {
      next_event_ = std::min(next_event_, member.ejected_until);
    }
    if (member.warms_from == kWarm) continue;
    if (now - member.warms_from >= slow_start_.window()) {
      member.warms_from = kWarm;
      continue;
    }
    ++warming_;
    next_event_ = std::min(next_event_, member.warms_from + slow_start_.window());
  }
  in_panic_ = static_cast<std::int64_t>(up) * kWholePpm <
              panic_ppm_ * static_cast<std::int64_t>(members_.size());
  for (std::size_t i = 0; i < members_.size(); ++i) {
    show(i, in_panic_ || members_[i].is_up());
  }
  special_ = warming_ > 0 || !seen_.empty();
}

// What the policy sees of it.
void Pool::show(std::size_t index, bool available) noexcept {
  targets_[index].available = available;
  if (!seen_.empty()) seen_[index].available = available;
}

// --- which of them -------------------------------------------------------------------------------

std::optional<std::size_t> Pool::pick_other(const Call& call, std::size_t avoid,
                                            Random& random) noexcept {
  if (call.now >= next_event_) advance(call.now);
  if (!targets_[avoid].available) return pick(call, random);
  show(avoid, false);
  const std::optional<std::size_t> picked = pick(call, random);
  show(avoid, true);
  return picked ? picked : pick(call, random);
}

std::optional<std::size_t> Pool::pick_specially(const Call& call, Random& random) noexcept {
  if (call.sticky != 0) {
    const auto asked = index_of(call.sticky);
    if (asked && targets_[*asked].available) return asked;
  }
  const std::span<Target> seen = seen_.empty() ? targets_ : seen_;
  return warming_ > 0 ? pick_warming(seen, call, random) : balancer_.pick(seen, call, random);
}

// A target in its slow start that loses its lot stands aside while the policy picks again. If all
// stood aside the first one has it: nobody else is there.
std::optional<std::size_t> Pool::pick_warming(std::span<Target> seen, const Call& call,
                                              Random& random) noexcept {
  rejected_.clear();
  std::optional<std::size_t> picked = balancer_.pick(seen, call, random);
  const std::optional<std::size_t> first = picked;
  while (picked) {
    const Member& member = members_[*picked];
    if (member.warms_from == kWarm || slow_start_.accepts(call.now - member.warms_from, random)) {
      break;
    }
    seen[*picked].available = false;
    rejected_.push_back(*picked);  // reserved: one entry per target at most
    picked = balancer_.pick(seen, call, random);
  }
  for (const std::size_t index : rejected_) seen[index].available = true;
  return picked ? picked : first;
}

}  // namespace headgate::balance
