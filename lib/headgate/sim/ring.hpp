// A queue in one growing ring, whose entries are numbered from the first that ever was: no
// allocation once it has seen its longest line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "headgate/core/check.hpp"

namespace headgate::sim {

template <class T>
class Ring {
 public:
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  [[nodiscard]] std::size_t size() const noexcept {
    return static_cast<std::size_t>(end_ - begin_);
  }
  /// The number of the first entry, and of the one after the last.
  [[nodiscard]] std::uint64_t begin() const noexcept { return begin_; }
  [[nodiscard]] std::uint64_t end() const noexcept { return end_; }

  /// Requires: begin() <= number < end().
  [[nodiscard]] T& operator[](std::uint64_t number) noexcept {
    HG_ASSERT(number >= begin_ && number < end_);
    return items_[place(number)];
  }
  [[nodiscard]] T& front() noexcept { return (*this)[begin_]; }

  /// O(1) amortised.
  void push(T value) {
    if (size() == items_.size()) grow();
    items_[place(end_++)] = std::move(value);
  }
  T pop() noexcept {
    HG_ASSERT(!empty());
    return std::move(items_[place(begin_++)]);
  }
  /// Forgets all entries before `number`. Requires: number <= end().
  void drop_before(std::uint64_t number) noexcept {
    HG_ASSERT(number <= end_);
    if (number > begin_) begin_ = number;
  }
  void clear() noexcept { begin_ = end_; }

 private:
  [[nodiscard]] std::size_t place(std::uint64_t number) const noexcept {
    return static_cast<std::size_t>(number) & (items_.size() - 1);
  }
  void grow() {
    std::vector<T> larger(items_.empty() ? 16 : 2 * items_.size());
    for (std::uint64_t n = begin_; n < end_; ++n) {
      larger[static_cast<std::size_t>(n) & (larger.size() - 1)] = std::move(items_[place(n)]);
    }
    items_ = std::move(larger);
  }

  std::vector<T> items_;  // its size is 0 or a power of two
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
};

}  // namespace headgate::sim
