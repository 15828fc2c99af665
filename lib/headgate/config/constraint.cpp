#include "headgate/config/constraint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <compare>
#include <optional>

#include "headgate/core/text.hpp"

namespace headgate::config {
namespace {

using Relation = Constraint::Relation;

constexpr std::string_view kConstraintForm = "write comparisons such as load < 1 and clients >= 10";

// The longer sign before the one that it begins with.
constexpr std::array<std::pair<std::string_view, Relation>, 6> kSigns{{{"<=", Relation::kAtMost},
                                                                       {">=", Relation::kAtLeast},
                                                                       {"!=", Relation::kUnequal},
                                                                       {"<", Relation::kLess},
                                                                       {">", Relation::kGreater},
                                                                       {"=", Relation::kEqual}}};

std::string_view without_blanks(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(' '), text.size());
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

std::optional<Constraint::Comparison> parse_comparison(std::string_view text) {
  const auto sign = text.find_first_of("<>=!");
  if (sign == std::string_view::npos) return std::nullopt;
  for (const auto& [written, relation] : kSigns) {
    if (!text.substr(sign).starts_with(written)) continue;
    const auto left = without_blanks(text.substr(0, sign));
    const auto right = without_blanks(text.substr(sign + written.size()));
    const bool has_more = right.find_first_of("<>=!") != right.npos || right.ends_with(" and");
    if (left.empty() || right.empty() || has_more) break;
    return Constraint::Comparison{std::string{left}, relation, std::string{right}};
  }
  return std::nullopt;
}

// Two values of one kind, so that 500us is less than 2ms, and 90 % less than 0.95.
std::optional<std::partial_ordering> compare(std::string_view a, std::string_view b) {
  if (const auto x = parse_share(a), y = parse_share(b); x && y) return x->of_one <=> y->of_one;
  if (const auto x = parse_number(a), y = parse_number(b); x && y) return *x <=> *y;
  if (const auto x = parse_duration(a), y = parse_duration(b); x && y) return *x <=> *y;
  if (const auto x = parse_rate(a), y = parse_rate(b); x && y) {
    return x->per_second() <=> y->per_second();
  }
  if (const auto x = parse_count(a), y = parse_count(b); x && y) return *x <=> *y;
  if (const auto x = parse_bytes(a), y = parse_bytes(b); x && y) return x->count <=> y->count;
  return std::nullopt;
}

bool meets(Relation relation, std::partial_ordering order) {
  switch (relation) {
    case Relation::kLess:
      return order < 0;
    case Relation::kAtMost:
      return order <= 0;
    case Relation::kGreater:
      return order > 0;
    case Relation::kAtLeast:
      return order >= 0;
    case Relation::kEqual:
      return order == 0;
    case Relation::kUnequal:
      break;
  }
  return order != 0;
}

const std::string* value_of(Constraint::At at, std::string_view name) {
  const auto found = std::ranges::find(at, name, &std::pair<std::string, std::string>::first);
  return found == at.end() ? nullptr : &found->second;
}

}  // namespace

Result<Constraint> Constraint::parse(std::string_view text) {
  constexpr std::string_view kAnd = " and ";
  Constraint constraint;
  for (std::string_view rest = text;;) {
    const auto end = rest.find(kAnd);
    const auto comparison = parse_comparison(rest.substr(0, end));
    if (!comparison) {
      return failed(Errc::kInvalidArgument, std::string{text}, std::string{kConstraintForm});
    }
    constraint.comparisons_.push_back(*comparison);
    if (end == std::string_view::npos) return constraint;
    rest.remove_prefix(end + kAnd.size());
  }
}

Result<bool> Constraint::allows(At at) const {
  for (const Comparison& comparison : comparisons_) {
    const std::string* left = value_of(at, comparison.left);
    if (left == nullptr) {
      return failed(Errc::kInvalidArgument, comparison.left,
                    fmt::format("the sweep has no dimension '{}'", comparison.left));
    }
    const std::string* other = value_of(at, comparison.right);
    const std::string& right = other == nullptr ? comparison.right : *other;
    if (const auto order = compare(*left, right)) {
      if (!meets(comparison.relation, *order)) return false;
    } else if (comparison.relation == Relation::kEqual ||
               comparison.relation == Relation::kUnequal) {
      if ((*left == right) != (comparison.relation == Relation::kEqual)) return false;
    } else {
      return failed(Errc::kInvalidArgument, comparison.left,
                    fmt::format("'{}' and '{}' have no order", *left, right));
    }
  }
  return true;
}

}  // namespace headgate::config
