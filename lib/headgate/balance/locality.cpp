#include "headgate/balance/locality.hpp"

#include <algorithm>

namespace headgate::balance {
namespace {

constexpr std::uint64_t kWhole = 1'000'000;

}  // namespace

void Locality::rebuild(std::span<const TargetInfo> infos) {
  groups_.clear();
  for (std::uint32_t i = 0; i < infos.size(); ++i) {
    auto group = std::ranges::lower_bound(groups_, infos[i].locality, {}, &Group::distance);
    if (group == groups_.end() || group->distance != infos[i].locality) {
      group = groups_.insert(group, {.distance = infos[i].locality, .members = {}});
    }
    group->members.push_back(i);
  }
}

std::uint64_t Locality::bearable(const Group& group) const noexcept {
  return std::min(kWhole, group.available * spare_ppm_ / group.members.size());
}

/// Each group with the part of the load that is left for it.
const Locality::Group* Locality::choose(Random& random) const noexcept {
  std::uint64_t all = 0;
  for (const Group& group : groups_) all += bearable(group);
  if (all == 0) return nullptr;
  all = std::min(all, kWhole);  // less than the whole: in proportion
  std::uint64_t left = bearable(groups_.front()) == all ? 0 : random.below(all);
  for (const Group& group : groups_) {
    if (left < bearable(group)) return &group;
    left -= bearable(group);
  }
  return nullptr;  // not reached: the groups bear `all`
}

/// The available member with `rank` such before it.
std::size_t Locality::draw(const Group& group, std::span<const Target> targets,
                           std::uint64_t rank) noexcept {
  std::size_t member = 0;
  while (!targets[group.members[member]].available || rank-- > 0) ++member;
  return group.members[member];
}

std::optional<std::size_t> Locality::pick(std::span<const Target> targets, const Call& /*call*/,
                                          Random& random) noexcept {
  for (Group& group : groups_) {
    group.available = static_cast<std::uint64_t>(std::ranges::count_if(
        group.members, [&](std::uint32_t index) { return targets[index].available; }));
  }
  const Group* group = choose(random);
  if (group == nullptr) return std::nullopt;
  const std::uint64_t first_rank = random.below(group->available);
  const std::size_t first = draw(*group, targets, first_rank);
  if (group->available == 1) return first;
  std::uint64_t second_rank = random.below(group->available - 1);
  if (second_rank >= first_rank) ++second_rank;
  const std::size_t second = draw(*group, targets, second_rank);
  return targets[second].in_flight < targets[first].in_flight ? second : first;
}

}  // namespace headgate::balance
