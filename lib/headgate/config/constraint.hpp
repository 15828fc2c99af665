// `load < 1 and policy != random`: which points of a sweep are worth running.
//
//   constraint = comparison ("and" comparison)*
//   comparison = dimension ("<" | "<=" | ">" | ">=" | "=" | "!=") (value | dimension)
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "headgate/core/result.hpp"

namespace headgate::config {

class Constraint {
 public:
  enum class Relation { kLess, kAtMost, kGreater, kAtLeast, kEqual, kUnequal };
  struct Comparison {
    std::string left;  ///< a dimension
    Relation relation;
    std::string right;  ///< a dimension if there is one of that name, else a value
  };
  using At = std::span<const std::pair<std::string, std::string>>;

  /// Fails with kInvalidArgument; `why` shows the right form.
  [[nodiscard]] static Result<Constraint> parse(std::string_view text);

  /// Whether the point that has these values of its dimensions meets every comparison. Numbers,
  /// durations, rates, shares and counts compare by what they mean, other texts are equal or not.
  /// Fails with kInvalidArgument if a dimension is not there or two values cannot be ordered;
  /// `where` is the dimension.
  [[nodiscard]] Result<bool> allows(At at) const;

  [[nodiscard]] std::span<const Comparison> comparisons() const noexcept { return comparisons_; }

 private:
  std::vector<Comparison> comparisons_;  // at least one
};

}  // namespace headgate::config
