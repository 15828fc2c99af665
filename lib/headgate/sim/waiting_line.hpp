// Who waits at a station, and in which order: a list threaded through the waiting requests
// themselves, so that one of them can leave from the middle in O(1), as callers do who lose
// patience.
//
// The links stand in one table for all lines of a replication, by request number: a request waits
// in one line at a time, and a table per line would be as long as the largest number in each.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "headgate/core/check.hpp"

namespace headgate::sim {

/// The links of everything that waits, by its number. Grows to the largest number seen.
class Links {
 public:
  static constexpr std::uint32_t kEnd = ~0U;
  struct Link {
    std::uint32_t previous = kEnd;
    std::uint32_t next = kEnd;
    std::uint8_t level = 0;
    bool waits = false;
  };
  [[nodiscard]] Link& of(std::uint32_t number) {
    if (number >= links_.size()) links_.resize(std::size_t{number} + 1);
    return links_[number];
  }

 private:
  std::vector<Link> links_;
};

/// Numbers in a line with levels: pop() takes from the lowest level that has any.
class WaitingLine {
 public:
  /// Levels are 0, served first, to kLevels - 1.
  static constexpr std::uint32_t kLevels = 8;

  explicit WaitingLine(Links& links) noexcept : links_(&links) {
    first_.fill(Links::kEnd);
    last_.fill(Links::kEnd);
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool holds(std::uint32_t number) const { return links_->of(number).waits; }

  /// Behind those of its level. Requires: it waits nowhere; level < kLevels. O(1) amortised.
  void push_back(std::uint32_t number, std::uint8_t level = 0) {
    insert(number, last_[level], Links::kEnd, level);
  }
  /// Before those of its level.
  void push_front(std::uint32_t number, std::uint8_t level = 0) {
    insert(number, Links::kEnd, first_[level], level);
  }

  /// The one at the front. Requires: size() > 0.
  std::uint32_t pop() {
    HG_ASSERT(size_ > 0);
    const std::uint32_t number = first_[static_cast<std::size_t>(std::countr_zero(filled_))];
    remove(number);
    return number;
  }

  /// Takes one out, wherever it is. Requires: holds(number).
  void remove(std::uint32_t number) {
    Links::Link& link = links_->of(number);
    HG_ASSERT(link.waits);
    link.waits = false;
    (link.previous == Links::kEnd ? first_[link.level] : links_->of(link.previous).next) =
        link.next;
    (link.next == Links::kEnd ? last_[link.level] : links_->of(link.next).previous) = link.previous;
    if (first_[link.level] == Links::kEnd) filled_ &= ~(1U << link.level);
    --size_;
  }

 private:
  void insert(std::uint32_t number, std::uint32_t previous, std::uint32_t next,
              std::uint8_t level) {
    Links::Link& link = links_->of(number);
    HG_ASSERT(!link.waits && level < kLevels);
    link = {.previous = previous, .next = next, .level = level, .waits = true};
    (previous == Links::kEnd ? first_[level] : links_->of(previous).next) = number;
    (next == Links::kEnd ? last_[level] : links_->of(next).previous) = number;
    filled_ |= 1U << level;
    ++size_;
  }

  Links* links_;
  std::array<std::uint32_t, kLevels> first_{};
  std::array<std::uint32_t, kLevels> last_{};
  std::uint32_t filled_ = 0;  // bit i: level i has one
  std::size_t size_ = 0;
};

}  // namespace headgate::sim
