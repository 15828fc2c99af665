// What a policy has learned of each target, kept by the target's id when the list changes.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "headgate/balance/balancer.hpp"

namespace headgate::balance {

/// One State per target of the last rebuild, in its order.
template <class State>
class PerTarget {
 public:
  /// Targets with a known id keep their state; the others get `fresh`.
  void rebuild(std::span<const TargetInfo> infos, const State& fresh) {
    std::vector<std::pair<std::uint64_t, std::size_t>> known;
    known.reserve(ids_.size());
    for (std::size_t i = 0; i < ids_.size(); ++i) known.emplace_back(ids_[i], i);
    std::ranges::sort(known);
    std::vector<State> states(infos.size(), fresh);
    std::vector<std::uint64_t> ids(infos.size());
    for (std::size_t i = 0; i < infos.size(); ++i) {
      ids[i] = infos[i].id;
      const auto before =
          std::ranges::lower_bound(known, ids[i], {}, [](const auto& each) { return each.first; });
      if (before != known.end() && before->first == ids[i]) states[i] = states_[before->second];
    }
    ids_ = std::move(ids);
    states_ = std::move(states);
  }

  [[nodiscard]] State& operator[](std::size_t index) noexcept { return states_[index]; }
  [[nodiscard]] const State& operator[](std::size_t index) const noexcept { return states_[index]; }
  [[nodiscard]] auto begin() const noexcept { return states_.begin(); }
  [[nodiscard]] auto end() const noexcept { return states_.end(); }

 private:
  std::vector<std::uint64_t> ids_;
  std::vector<State> states_;
};

}  // namespace headgate::balance
