// A read-mostly map from (space, text) to a number: open addressing, linear probing, at most half
// full, and the full hash beside each entry, so that a look-up compares text once, when it has
// found it. "Spaces" keep unlike texts apart (hosts, exact paths of host 3, prefixes of host 3, …).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace headgate::routing {

class TextIndex {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  /// The number of `text` in `space`; a new one gets the next, from 0. Amortised O(length).
  std::uint32_t add(std::uint64_t space, std::string_view text);
  /// Its number, or kNone. O(length), no allocation, any number of threads at once.
  [[nodiscard]] std::uint32_t find(std::uint64_t space, std::string_view text) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return texts_.size(); }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t number = kNone;
  };
  struct Text {
    std::uint64_t space;
    std::string text;
  };

  void place(const Slot& slot) noexcept;
  void grow();

  std::vector<Slot> slots_;  // a power of two
  std::vector<Text> texts_;  // by number
};

}  // namespace headgate::routing
