// Subset: each of many gateways uses a few of the targets only, and all together use them evenly.
//
// A gateway with connections to every one of a thousand targets has a thousand pools with little in
// each. With subsets drawn at random the load of a target scatters like a binomial; here it does
// not. The targets, by id, divide a circle into equal arcs; gateway number `client` of `clients`
// has an arc of its own, that begins at client / clients and is as long as `size` targets, rounded
// up to a whole number of gateways' distances: so every point of the circle is covered by equally
// many gateways, and each target has the same part of the load, exactly, whatever the numbers. A
// target that is covered in part is drawn in that part.
//
// Of the arc, the less busy of two drawn targets takes the request. If none there is available, the
// whole circle is asked.
//
// Source: the deterministic aperture of Finagle; B. Beyer et al., "Site Reliability Engineering",
// 2016, chapter 20.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "headgate/balance/balancer.hpp"

namespace headgate::balance {

class Subset {
 public:
  struct Options {
    std::uint32_t size = 20;    ///< targets used at least; 1 to 100'000
    std::uint32_t client = 0;   ///< which gateway this is; below `clients`
    std::uint32_t clients = 1;  ///< gateways in all; 1 to 100'000
  };
  explicit Subset(const Options& options) noexcept : options_(options) {}

  void rebuild(std::span<const TargetInfo> infos);

  /// Two draws, up to eight pairs if they fall on one target or on an unavailable one; then a scan.
  [[nodiscard]] std::optional<std::size_t> pick(std::span<const Target> targets, const Call& call,
                                                Random& random) noexcept;

  /// The part of each target of the last rebuild that is in the arc, in 1 / clients of it.
  [[nodiscard]] std::vector<std::uint64_t> parts() const;

 private:
  [[nodiscard]] std::size_t draw(Random& random) const noexcept;

  Options options_;
  std::vector<std::uint32_t> order_;  // by id
  std::uint64_t begin_ = 0;           // of the arc, in 1 / clients of a target
  std::uint64_t length_ = 0;
};

static_assert(Policy<Subset>);

}  // namespace headgate::balance
