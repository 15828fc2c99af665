// Things of one kind by number, in memory that is used again: what a replication keeps of requests
// and attempts under way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "headgate/core/check.hpp"

namespace headgate::sim {

/// Numbers stay until `free`; references only until the next `take`. No allocation once as many are
/// in use as ever.
template <class T>
class Slab {
 public:
  static constexpr std::uint32_t kNone = ~0U;

  [[nodiscard]] std::uint32_t take(T value) {
    if (free_.empty()) {
      items_.push_back(std::move(value));
      return static_cast<std::uint32_t>(items_.size() - 1);
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    items_[index] = std::move(value);
    return index;
  }
  void free(std::uint32_t index) {
    HG_ASSERT(index < items_.size());
    free_.push_back(index);
  }

  [[nodiscard]] T& operator[](std::uint32_t index) noexcept { return items_[index]; }
  /// One above the largest number ever taken; what is free among them holds what it last held.
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] std::size_t in_use() const noexcept { return items_.size() - free_.size(); }

 private:
  std::vector<T> items_;
  std::vector<std::uint32_t> free_;
};

}  // namespace headgate::sim
