#include "headgate/bus/pattern.hpp"

#include <algorithm>

namespace headgate::bus {
namespace {

/// Cuts the first segment off `rest`; `rest` has no data() once the last one is gone.
std::string_view take_segment(std::string_view& rest) noexcept {
  const std::size_t dot = rest.find('.');
  const std::string_view segment = rest.substr(0, dot);
  rest = dot == std::string_view::npos ? std::string_view{} : rest.substr(dot + 1);
  return segment;
}

bool is_over(std::string_view rest) noexcept { return rest.data() == nullptr; }

}  // namespace

Result<Pattern> Pattern::compile(std::string_view text) {
  constexpr std::size_t kLongest = 249;
  const auto wrong = [text](const char* why) {
    return failed(Errc::kInvalidArgument, std::string{text}, why);
  };
  if (text.empty() || text.size() > kLongest) return wrong("a pattern has 1 to 249 characters");
  for (std::string_view rest = text; !is_over(rest);) {
    const std::string_view segment = take_segment(rest);
    if (segment.empty()) return wrong("a pattern has no empty segment");
    if (segment == ">" && !is_over(rest)) return wrong("'>' stands only at the end of a pattern");
    if (segment.size() > 1 && segment.find_first_of("*>") != std::string_view::npos) {
      return wrong("'*' and '>' stand for whole segments: orders.*.created, orders.>");
    }
  }
  return Pattern{std::string{text}};
}

bool Pattern::matches(std::string_view name) const noexcept {
  if (name.empty()) return false;
  std::string_view pattern = text_;
  while (!is_over(pattern)) {
    const std::string_view wanted = take_segment(pattern);
    if (is_over(name)) return false;
    if (wanted == ">") return true;
    const std::string_view segment = take_segment(name);
    if (wanted != "*" && wanted != segment) return false;
  }
  return is_over(name);
}

PatternSet::PatternSet() : nodes_(1) {}

void PatternSet::add(const Pattern& pattern, std::uint32_t number) {
  std::size_t at = 0;
  for (std::string_view rest = pattern.text(); !is_over(rest);) {
    const std::string_view segment = take_segment(rest);
    if (segment == ">") {
      if (std::ranges::find(nodes_[at].rest, number) == nodes_[at].rest.end()) {
        nodes_[at].rest.push_back(number);
      }
      return;
    }
    std::size_t& next = segment == "*" ? nodes_[at].any : nodes_[at].words[std::string{segment}];
    if (next == 0) next = nodes_.size();
    at = next;
    if (at == nodes_.size()) nodes_.emplace_back();
  }
  if (std::ranges::find(nodes_[at].here, number) == nodes_[at].here.end()) {
    nodes_[at].here.push_back(number);
  }
}

}  // namespace headgate::bus
