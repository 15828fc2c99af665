// Contests: one kind of decision, made by ours and by peers, in turns. What counts is CPU time of
// this thread per decision, so that whoever else wants the core costs nothing, and the ratio of two
// contenders measured within the same tenth of a second, because the core's speed drifts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "headgate/core/time.hpp"
#include "headgate/stats/interval.hpp"

namespace headgate::study {

/// Makes `count` decisions. What it touches is made before, by whoever made it.
using Work = std::function<void(std::uint64_t count)>;

struct Contender {
  std::string name;
  Work work;
  bool ours = false;
  std::vector<double> ns = {};    // per decision, one per round
  std::uint64_t allocations = 0;  // of ours, in all measured decisions
  std::uint64_t slice = 0;        // decisions per measurement
};

struct Contest {
  std::string name = {};                  // "keyed admit, 1 M callers, uniform"
  std::optional<double> goal_ns = {};     // ours at most
  std::optional<double> goal_ratio = {};  // ours to the named peer at most
  std::string goal_peer = {};
  std::vector<Contender> contenders = {};  // ours first
};

/// A contest is made when its turn comes, so that the memory of one is free before the next.
struct Planned {
  std::string name;
  std::function<Contest()> make;  ///< leaves the name to the plan
};

/// Runs `rounds` rounds of slices of about `slice`; each round starts with another contender.
void run(Contest& contest, std::size_t rounds, Duration slice);

/// Calls of operator new by this thread so far.
[[nodiscard]] std::uint64_t allocations() noexcept;

/// Everything there is to compare. `tiny`: small tables, to show that it works.
[[nodiscard]] std::vector<Planned> limiter_contests(bool tiny);
[[nodiscard]] std::vector<Planned> balancer_contests(bool tiny);

/// The compiler must make the value, and cannot know what it is used for. By its address: as an
/// operand, a struct would be copied first, and be waited for.
template <class T>
void keep(const T& value) {
  asm volatile("" : : "r"(&value) : "memory");
}

}  // namespace headgate::study
