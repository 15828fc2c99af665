// Times that hurt a limiter, and the bound that all of its admissions must keep.
#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <vector>

#include "headgate/core/random.hpp"
#include "headgate/core/time.hpp"
#include "support/time.hpp"

namespace headgate::ratelimit::test {

using headgate::test::at;

struct Spent {
  TimePoint time;
  std::int64_t tokens;
};

/// The most tokens in any closed interval [t, t + length]. O(n).
inline std::int64_t most_within(const std::vector<Spent>& spent, Duration length) {
  std::int64_t sum = 0;
  std::int64_t most = 0;
  for (std::size_t first = 0, last = 0; last < spent.size(); ++last) {
    sum += spent[last].tokens;
    while (spent[last].time - spent[first].time > length) sum -= spent[first++].tokens;
    most = std::max(most, sum);
  }
  return most;
}

/// A gap between requests, for a limiter of about `window`, that asked for `wait`.
inline Duration gap(Random& random, Duration window, Duration wait) {
  const auto up_to = [&](std::int64_t most) {
    return Duration{static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most) + 1))};
  };
  switch (random.below(10)) {
    case 0:
    case 1:
      return Duration{0};
    case 2:
      return Duration{1};
    case 3:
      return wait == kNever ? Duration{0} : wait;
    case 4:
      return wait == kNever ? Duration{0} : std::max(wait - Duration{1}, Duration{0});
    case 5:
      return random.below(40) == 0 ? 3 * window : Duration{0};
    case 6:
      return window - Duration{1};
    default:
      return up_to(window.count() / 6);
  }
}

}  // namespace headgate::ratelimit::test
