// The reader of the grammar: one pass from left to right, one function per rule. Each error names
// the column at which the text stopped making sense and shows a form that would.
#include "headgate/stats/expectation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "headgate/core/text.hpp"

namespace headgate::stats {
namespace {

constexpr std::string_view kBoundForm = "response_time.p99 < 20ms";
constexpr std::string_view kWithinForm = "response_time.mean = 10ms within 1.5%";
constexpr std::string_view kOrderForm = "response_time.mean: two_choices < random";
constexpr std::string_view kAtForm = "… at load=0.9,policy=random";
constexpr std::size_t kExpectationSizeMax = 4096;

struct RelationSign {
  std::string_view sign;
  Relation relation;
};
// The longer sign first: "<=" is no "<".
constexpr std::array kSigns = std::to_array<RelationSign>({{"<=", Relation::kAtMost},
                                                           {">=", Relation::kAtLeast},
                                                           {"<", Relation::kLess},
                                                           {">", Relation::kGreater},
                                                           {"=", Relation::kEqual}});

bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

bool is_upwards(Relation relation) noexcept {
  return relation == Relation::kLess || relation == Relation::kAtMost;
}

/// A place in the text. Taking something skips the blanks before it.
class Cursor {
 public:
  explicit Cursor(std::string_view text) noexcept : text_(text) {}

  [[nodiscard]] bool at_end() noexcept {
    skip_blanks();
    return at_ == text_.size();
  }

  /// The letters up to a blank or one of `stops`; empty if there are none.
  [[nodiscard]] std::string_view take_word(std::string_view stops) noexcept {
    skip_blanks();
    const std::size_t start = at_;
    while (at_ < text_.size() && !is_blank(text_[at_]) && !stops.contains(text_[at_])) ++at_;
    last_ = start;
    return text_.substr(start, at_ - start);
  }

  /// A metric's name: a colon ends it only before a blank, for targets are named host:port.
  [[nodiscard]] std::string_view take_metric() noexcept {
    skip_blanks();
    const std::size_t start = at_;
    while (at_ < text_.size() && !is_blank(text_[at_]) && !ends_metric()) ++at_;
    last_ = start;
    return text_.substr(start, at_ - start);
  }

  [[nodiscard]] std::optional<Relation> take_relation() noexcept {
    skip_blanks();
    last_ = at_;
    for (const auto& [sign, relation] : kSigns) {
      if (!text_.substr(at_).starts_with(sign)) continue;
      at_ += sign.size();
      return relation;
    }
    return std::nullopt;
  }

  [[nodiscard]] bool take(std::string_view token) noexcept {
    skip_blanks();
    last_ = at_;
    if (!text_.substr(at_).starts_with(token)) return false;
    at_ += token.size();
    return true;
  }

  /// `word` as a whole word.
  [[nodiscard]] bool take_keyword(std::string_view word) noexcept {
    skip_blanks();
    const auto rest = text_.substr(at_);
    if (!rest.starts_with(word)) return false;
    if (rest.size() > word.size() && !is_blank(rest[word.size()])) return false;
    last_ = at_;
    at_ += word.size();
    return true;
  }

  /// An error at the place of what was taken last.
  [[nodiscard]] std::unexpected<Error> wrong(std::string_view why, std::string_view form) const {
    return failed(Errc::kInvalidArgument, std::string{text_},
                  fmt::format("column {}: {}; write it like '{}'", last_ + 1, why, form));
  }

 private:
  [[nodiscard]] bool ends_metric() const noexcept {
    const char c = text_[at_];
    if (c == '<' || c == '>' || c == '=') return true;
    return c == ':' && (at_ + 1 == text_.size() || is_blank(text_[at_ + 1]));
  }

  void skip_blanks() noexcept {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    last_ = at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t last_ = 0;  // where the thing taken last began
};

/// The error of `result`, or `number` of its value. (g++ 12 has no std::expected::transform.)
template <class T, class Number>
Result<double> to_number(const Result<T>& result, Number number) {
  if (!result) return std::unexpected(result.error());
  return number(*result);
}

/// The number of `word` in the unit of `kind`.
Result<double> parse_value(MetricKind kind, std::string_view word) {
  switch (kind) {
    case MetricKind::kDuration:
      return to_number(parse_duration(word),
                       [](Duration value) { return static_cast<double>(value.count()); });
    case MetricKind::kRate:
      return to_number(parse_rate(word), [](const Rate& rate) { return rate.per_second(); });
    case MetricKind::kShare:
      return to_number(parse_share(word), [](Share share) { return share.of_one; });
    case MetricKind::kCount:
      break;
  }
  if (const auto count = parse_count(word)) return static_cast<double>(*count);
  return parse_number(word);
}

Result<Bound> parse_bound(Cursor& cursor, MetricKind kind) {
  Bound bound;
  const auto relation = cursor.take_relation();
  if (!relation) return cursor.wrong("a comparison (< <= > >= =) or ': ' is missing", kBoundForm);
  bound.relation = *relation;
  const std::string_view word = cursor.take_word("<>=");
  if (word.empty()) return cursor.wrong("a value is missing", kBoundForm);
  const auto value = parse_value(kind, word);
  if (!value) {
    return cursor.wrong(fmt::format("'{}' {}", word, value.error().why), kBoundForm);
  }
  bound.value = *value;

  if (!cursor.take_keyword("within")) return bound;
  if (bound.relation != Relation::kEqual)
    return cursor.wrong("'within' goes with '='", kWithinForm);
  const std::string_view width = cursor.take_word("<>=");
  const auto within = parse_share(width);
  if (!within) {
    return cursor.wrong(fmt::format("'{}' {}", width, within.error().why), kWithinForm);
  }
  bound.within = *within;
  return bound;
}

Result<Order> parse_order(Cursor& cursor) {
  Order order;
  while (true) {
    const std::string_view word = cursor.take_word("<>=,");
    if (word.empty()) return cursor.wrong("a value of a sweep is missing", kOrderForm);
    if (std::ranges::find(order.words, word) != order.words.end()) {
      return cursor.wrong(fmt::format("'{}' comes twice", word), kOrderForm);
    }
    order.words.emplace_back(word);
    const auto relation = cursor.take_relation();
    if (!relation) break;
    if (*relation == Relation::kEqual) {
      return cursor.wrong("a chain takes < <= > >=, not =", kOrderForm);
    }
    if (!order.relations.empty() && is_upwards(*relation) != is_upwards(order.relations.front())) {
      return cursor.wrong("a chain goes one way, upwards or downwards", kOrderForm);
    }
    order.relations.push_back(*relation);
  }
  if (order.words.size() < 2) return cursor.wrong("a second value is missing", kOrderForm);
  return order;
}

Result<std::map<std::string, std::string>> parse_at(Cursor& cursor) {
  std::map<std::string, std::string> at;
  do {
    const std::string_view dimension = cursor.take_word("=,");
    if (dimension.empty()) return cursor.wrong("a dimension of the sweep is missing", kAtForm);
    if (at.contains(std::string{dimension})) {
      return cursor.wrong(fmt::format("'{}' comes twice", dimension), kAtForm);
    }
    if (!cursor.take("=")) return cursor.wrong("'=' is missing", kAtForm);
    const std::string_view word = cursor.take_word("=,");
    if (word.empty()) return cursor.wrong("a value is missing", kAtForm);
    at.emplace(dimension, word);
  } while (cursor.take(","));
  return at;
}

}  // namespace

Result<Expectation> parse_expectation(std::string_view text) {
  Cursor cursor{text.substr(0, kExpectationSizeMax)};
  if (text.size() > kExpectationSizeMax) return cursor.wrong("the text is too long", kBoundForm);

  Expectation expectation;
  expectation.text = text;
  const std::string_view name = cursor.take_metric();
  if (name.empty()) return cursor.wrong("a metric is missing", kBoundForm);
  const auto metric = find_metric(name);
  if (!metric) {
    return cursor.wrong(fmt::format("'{}' {}", name, metric.error().why), kBoundForm);
  }
  expectation.metric = name;
  expectation.kind = metric->kind;

  if (cursor.take(":")) {
    auto order = parse_order(cursor);
    if (!order) return std::unexpected(std::move(order.error()));
    expectation.claim = std::move(*order);
  } else {
    const auto bound = parse_bound(cursor, metric->kind);
    if (!bound) return std::unexpected(bound.error());
    expectation.claim = *bound;
  }
  if (cursor.take_keyword("at")) {
    auto at = parse_at(cursor);
    if (!at) return std::unexpected(std::move(at.error()));
    expectation.at = std::move(*at);
  }
  if (!cursor.at_end()) return cursor.wrong("the expectation should have ended here", kWithinForm);
  return expectation;
}

}  // namespace headgate::stats
