// Locality: targets that are near first; what they cannot bear spills over to those farther away.
//
// Targets are grouped by their distance, 0 being here. A group can bear the load of the whole
// service while enough of it is available: `spare` targets may be away before it spills, by default
// 1.4, that is until fewer than 1 / 1.4 = 71 % are available. Below that it keeps a part, its
// available share times 1.4, and the next group gets what is left, likewise; if all groups together
// cannot bear it, they share in proportion. Within a group the less busy of two drawn targets takes
// the request.
//
// Source: the priority levels and overprovisioning factor of Envoy.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "headgate/balance/balancer.hpp"

namespace headgate::balance {

class Locality {
 public:
  static constexpr double kSpareDefault = 1.4;

  /// `spare`: 1 to 10.
  explicit Locality(double spare) noexcept
      : spare_ppm_(static_cast<std::uint64_t>(std::llround(spare * 1e6))) {}

  void rebuild(std::span<const TargetInfo> infos);

  /// Two or three draws. O(targets).
  [[nodiscard]] std::optional<std::size_t> pick(std::span<const Target> targets, const Call& call,
                                                Random& random) noexcept;

 private:
  struct Group {
    std::uint32_t distance;
    std::vector<std::uint32_t> members;
    std::uint64_t available = 0;  // of the members, at the last pick
  };
  /// The part of the load that the group can bear, in millionths.
  [[nodiscard]] std::uint64_t bearable(const Group& group) const noexcept;
  [[nodiscard]] const Group* choose(Random& random) const noexcept;
  [[nodiscard]] static std::size_t draw(const Group& group, std::span<const Target> targets,
                                        std::uint64_t rank) noexcept;

  std::uint64_t spare_ppm_;
  std::vector<Group> groups_;  // nearest first
};

static_assert(Policy<Locality>);

}  // namespace headgate::balance
