// Which topics a subscription means: `orders.*.created`, `orders.>`.
//
// A topic name is cut at its dots into segments. In a pattern `*` stands for exactly one segment
// and a last `>` for one or more; every other segment stands for itself. Compiled once, matched
// without allocation.
//
// A set of patterns is a trie over segments: matching one name walks at most the branches "this
// word", "*" and ">" at each level, so the cost depends on the name and on the patterns that share
// its beginning, not on the number of patterns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "headgate/core/result.hpp"

namespace headgate::bus {

class Pattern {
 public:
  /// Fails with kInvalidArgument: empty, more than 249 characters, an empty segment, `>` before the
  /// end, or a wildcard inside a longer segment.
  [[nodiscard]] static Result<Pattern> compile(std::string_view text);

  /// Whether `name` is one of those meant. O(length), no allocation.
  [[nodiscard]] bool matches(std::string_view name) const noexcept;
  [[nodiscard]] const std::string& text() const noexcept { return text_; }

 private:
  explicit Pattern(std::string text) : text_(std::move(text)) {}

  std::string text_;  // checked by compile()
};

/// Many patterns, each with a number of the caller's.
class PatternSet {
 public:
  PatternSet();

  /// The same pattern and number may be added more than once; each is found once.
  void add(const Pattern& pattern, std::uint32_t number);

  /// Calls `found(number)` for every pattern that matches `name`, once per added pair, in an order
  /// that depends on the patterns only. No allocation.
  template <class Found>
  void match(std::string_view name, Found&& found) const {
    if (!name.empty()) walk(0, name, found);
  }

 private:
  struct Node {
    std::map<std::string, std::size_t, std::less<>> words;  // next segment -> index into nodes_
    std::size_t any = 0;                                    // behind `*`; 0: none (the root is 0)
    std::vector<std::uint32_t> here;                        // patterns that end here
    std::vector<std::uint32_t> rest;                        // patterns that end in `>` here
  };

  [[nodiscard]] static std::size_t child(const Node& node, std::string_view segment) noexcept {
    const auto found = node.words.find(segment);
    return found == node.words.end() ? 0 : found->second;
  }
  // Depth is bounded by the segments of the longest pattern.
  template <class Found>
  void walk(std::size_t at, std::string_view name, Found& found) const;

  std::vector<Node> nodes_;
};

template <class Found>
void PatternSet::walk(std::size_t at, std::string_view name, Found& found) const {
  const Node& node = nodes_[at];
  for (const std::uint32_t number : node.rest) found(number);
  const std::size_t dot = name.find('.');
  const std::string_view segment = name.substr(0, dot);
  for (const std::size_t next : {node.any, child(node, segment)}) {
    if (next == 0) continue;
    if (dot == std::string_view::npos) {
      for (const std::uint32_t number : nodes_[next].here) found(number);
    } else {
      walk(next, name.substr(dot + 1), found);
    }
  }
}

}  // namespace headgate::bus
