#include "headgate/balance/draw.hpp"

namespace headgate::balance {

std::size_t Draw::scan() noexcept {
  // Calls `found` with each available target that was not seen, until it says stop.
  const auto walk = [&](auto found) {
    std::size_t passed = 0;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      if (passed < looks_ && seen_[passed] == i) {
        ++passed;
      } else if (targets_[i].available && found(i)) {
        return;
      }
    }
  };
  std::size_t left = 0;
  walk([&](std::size_t) { return ++left == 0; });
  if (left == 0) return kNone;
  std::size_t rank = random_.below(left);
  std::size_t drawn = 0;
  walk([&](std::size_t index) {
    drawn = index;
    return rank-- == 0;
  });
  remember(drawn);
  return drawn;
}

}  // namespace headgate::balance
