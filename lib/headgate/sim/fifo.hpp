// A queue of request numbers in one growing ring: no allocation once it has seen its longest line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "headgate/core/check.hpp"

namespace headgate::sim {

class Fifo {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// O(1) amortised.
  void push(std::uint32_t value) {
    if (size_ == ring_.size()) grow();
    ring_[(first_ + size_) & (ring_.size() - 1)] = value;
    ++size_;
  }

  /// The one that waited longest. Requires: size() > 0.
  std::uint32_t pop() noexcept {
    HG_ASSERT(size_ > 0);
    const std::uint32_t value = ring_[first_];
    first_ = (first_ + 1) & (ring_.size() - 1);
    --size_;
    return value;
  }

 private:
  void grow() {
    std::vector<std::uint32_t> larger(ring_.empty() ? 16 : 2 * ring_.size());
    for (std::size_t i = 0; i < size_; ++i) larger[i] = ring_[(first_ + i) & (ring_.size() - 1)];
    ring_ = std::move(larger);
    first_ = 0;
  }

  std::vector<std::uint32_t> ring_;  // its size is 0 or a power of two
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace headgate::sim
