// The judge of expectations: selects the points, compares, and says what it saw.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

#include "headgate/core/text.hpp"
#include "headgate/stats/expectation.hpp"

namespace headgate::stats {
namespace {

using At = std::map<std::string, std::string>;

/// How many points `observed` lists; a sweep can have thousands.
constexpr std::size_t kShownMax = 8;

bool same_word(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto number_a = parse_number(a);
  const auto number_b = parse_number(b);
  return number_a && number_b && *number_a == *number_b;
}

bool holds(Relation relation, double left, double right) noexcept {
  switch (relation) {
    case Relation::kLess:
      return left < right;
    case Relation::kAtMost:
      return left <= right;
    case Relation::kGreater:
      return left > right;
    case Relation::kAtLeast:
      return left >= right;
    case Relation::kEqual:
      break;
  }
  return left == right;
}

bool meets(const Estimate& estimate, const Bound& bound) noexcept {
  if (bound.relation != Relation::kEqual) return holds(bound.relation, estimate.value, bound.value);
  if (!bound.within) return estimate.low <= bound.value && bound.value <= estimate.high;
  return std::abs(estimate.value - bound.value) <= bound.within->of_one * std::abs(bound.value);
}

/// Whether every value of the interval would be judged as the estimate itself is.
bool certain(const Estimate& estimate, const Bound& bound) noexcept {
  if (bound.relation != Relation::kEqual) {
    const bool low = holds(bound.relation, estimate.low, bound.value);
    return low == holds(bound.relation, estimate.high, bound.value);
  }
  if (!bound.within) return true;  // the interval itself was asked
  const double tolerance = bound.within->of_one * std::abs(bound.value);
  if (meets(estimate, bound)) return (estimate.high - estimate.low) / 2 <= tolerance;
  return estimate.high < bound.value - tolerance || estimate.low > bound.value + tolerance;
}

/// How many times the data bring an interval that is `half` wide to each side down to `room`.
double effort(double half, double room) noexcept {
  return room > 0 ? (half / room) * (half / room) : std::numeric_limits<double>::infinity();
}

double effort(const Estimate& estimate, const Bound& bound) noexcept {
  const double half = (estimate.high - estimate.low) / 2;
  const double off = std::abs(estimate.value - bound.value);
  if (bound.relation != Relation::kEqual) return effort(half, off);
  const double tolerance = bound.within ? bound.within->of_one * std::abs(bound.value) : 0;
  return effort(half, off <= tolerance ? tolerance : off - tolerance);
}

/// Whether two intervals have no value in common; two figures without interval never have.
bool apart(const Estimate& a, const Estimate& b) noexcept {
  return a.high < b.low || b.high < a.low || (a.confidence <= 0 && b.confidence <= 0);
}

bool selected(const Point& point, const At& at) {
  return std::ranges::all_of(at, [&](const auto& wanted) {
    const auto found = point.at.find(wanted.first);
    return found != point.at.end() && same_word(found->second, wanted.second);
  });
}

std::string at_text(const At& at) {
  std::string text;
  for (const auto& [dimension, word] : at) {
    text += fmt::format("{}{}={}", text.empty() ? "" : ",", dimension, word);
  }
  return text;
}

std::string estimate_text(MetricKind kind, const Estimate& estimate) {
  std::string value = metric_text(kind, estimate.value);
  if (estimate.confidence <= 0) return value;
  return fmt::format("{} ({} to {}, {:.4g}%)", value, metric_text(kind, estimate.low),
                     metric_text(kind, estimate.high), estimate.confidence * 100);
}

/// What was seen of one point or group.
struct Finding {
  bool passed = false;
  bool certain = true;
  std::string what;
  double effort = 1;  ///< if it is not certain
};

/// Gathers one line per finding; those that fail come first.
class Findings {
 public:
  void add(const At& at, const Finding& finding) {
    auto& lines = finding.passed ? passed_ : failed_;
    lines.push_back(at.empty() ? finding.what : fmt::format("{}: {}", at_text(at), finding.what));
    in_doubt_ = in_doubt_ || !finding.certain;
    if (!finding.certain) effort_ = std::max(effort_, finding.effort);
    failed_surely_ = failed_surely_ || (!finding.passed && finding.certain);
  }

  /// One sure "no" settles the whole; otherwise a doubt anywhere is a doubt of all.
  [[nodiscard]] Verdict verdict() const {
    std::vector<std::string> lines = failed_;
    lines.insert(lines.end(), passed_.begin(), passed_.end());
    std::string observed;
    for (std::size_t i = 0; i < std::min(lines.size(), kShownMax); ++i) {
      observed += (i == 0 ? "" : "; ") + lines[i];
    }
    if (lines.size() > kShownMax) {
      observed += fmt::format("; and {} more", lines.size() - kShownMax);
    }
    return {.passed = failed_.empty() && !passed_.empty(),
            .observed = std::move(observed),
            .certain = failed_surely_ || !in_doubt_,
            .effort = effort_};
  }

 private:
  std::vector<std::string> passed_;
  std::vector<std::string> failed_;
  bool in_doubt_ = false;
  bool failed_surely_ = false;
  double effort_ = 1;
};

Verdict judge_bound(const Expectation& expectation, const Bound& bound,
                    const std::vector<const Point*>& points) {
  Findings findings;
  for (const Point* point : points) {
    const auto estimate = point->metric(expectation.metric);
    if (!estimate) {
      findings.add(point->at, {.passed = false, .what = "this run has no " + expectation.metric});
    } else {
      findings.add(point->at, {.passed = meets(*estimate, bound),
                               .certain = certain(*estimate, bound),
                               .what = estimate_text(expectation.kind, *estimate),
                               .effort = effort(*estimate, bound)});
    }
  }
  return findings.verdict();
}

/// The dimensions whose values hold all words of the chain.
std::vector<std::string> dimensions_of(const Order& order,
                                       const std::vector<const Point*>& points) {
  std::map<std::string, std::set<std::string>> values;
  for (const Point* point : points) {
    for (const auto& [dimension, word] : point->at) values[dimension].insert(word);
  }
  std::vector<std::string> found;
  for (const auto& dimension : values) {
    const auto has = [&](const std::string& wanted) {
      return std::ranges::any_of(dimension.second,
                                 [&](const std::string& word) { return same_word(word, wanted); });
    };
    if (std::ranges::all_of(order.words, has)) found.push_back(dimension.first);
  }
  return found;
}

std::optional<Estimate> difference_of(const Point& a, const Point& b, const std::string& metric) {
  if (!a.difference) return std::nullopt;
  const auto found = a.difference(metric, b);
  return found && found->confidence > 0 ? found : std::nullopt;
}

/// How many times the data would set two neighbours of a chain apart.
double chain_effort(const Estimate& a, const Estimate& b,
                    const std::optional<Estimate>& difference) noexcept {
  if (difference)
    return effort((difference->high - difference->low) / 2, std::abs(difference->value));
  return effort((a.high - a.low + b.high - b.low) / 2, std::abs(a.value - b.value));
}

/// ", two_choices - random -3.9ms (-5.1ms to -2.7ms, 95%)".
std::string difference_text(MetricKind kind, const Order& order, std::size_t place,
                            const Estimate& difference) {
  return fmt::format(", {} - {} {}", order.words[place], order.words[place + 1],
                     estimate_text(kind, difference));
}

/// Judges the chain among `group`, points that differ in `dimension` only.
void judge_group(const Expectation& expectation, const Order& order, const std::string& dimension,
                 const At& others, const std::vector<const Point*>& group, Findings& findings) {
  std::vector<Estimate> values;
  std::vector<const Point*> members;
  Finding finding{.passed = true, .what = {}};
  for (const std::string& word : order.words) {
    const auto point = std::ranges::find_if(
        group, [&](const Point* p) { return same_word(p->at.at(dimension), word); });
    const auto estimate =
        point == group.end() ? std::nullopt : (*point)->metric(expectation.metric);
    if (!estimate) {
      findings.add(others, {.what = fmt::format("no {} of {}", expectation.metric, word)});
      return;
    }
    values.push_back(*estimate);
    members.push_back(*point);
    finding.what += fmt::format("{}{} {}", finding.what.empty() ? "" : ", ", word,
                                estimate_text(expectation.kind, *estimate));
  }
  bool failed_surely = false;
  for (std::size_t i = 0; i < order.relations.size(); ++i) {
    const bool met = holds(order.relations[i], values[i].value, values[i + 1].value);
    const auto differ = difference_of(*members[i], *members[i + 1], expectation.metric);
    if (differ) finding.what += difference_text(expectation.kind, order, i, *differ);
    const bool sure =
        differ ? certain(*differ, {.relation = order.relations[i], .value = 0, .within = {}})
               : apart(values[i], values[i + 1]);
    if (!sure)
      finding.effort = std::max(finding.effort, chain_effort(values[i], values[i + 1], differ));
    finding.passed = finding.passed && met;
    finding.certain = finding.certain && sure;
    failed_surely = failed_surely || (!met && sure);
  }
  finding.certain = finding.certain || failed_surely;
  findings.add(others, finding);
}

Verdict judge_order(const Expectation& expectation, const Order& order,
                    const std::vector<const Point*>& points) {
  const auto dimensions = dimensions_of(order, points);
  if (dimensions.empty()) {
    return {.passed = false, .observed = "no dimension of the sweep has all values of the chain"};
  }
  if (dimensions.size() > 1) {
    return {.passed = false,
            .observed = fmt::format("the chain may mean {} or {}: rename a value", dimensions[0],
                                    dimensions[1])};
  }
  std::map<At, std::vector<const Point*>> groups;
  for (const Point* point : points) {
    At others = point->at;
    if (others.erase(dimensions[0]) == 1) groups[others].push_back(point);
  }
  Findings findings;
  for (const auto& [others, group] : groups) {
    judge_group(expectation, order, dimensions[0], others, group, findings);
  }
  return findings.verdict();
}

}  // namespace

Verdict evaluate(const Expectation& expectation, std::span<const Point> points) {
  std::vector<const Point*> chosen;
  for (const Point& point : points) {
    if (selected(point, expectation.at)) chosen.push_back(&point);
  }
  if (chosen.empty()) {
    return {.passed = false,
            .observed = expectation.at.empty() ? "the run has no point"
                                               : "no point has " + at_text(expectation.at)};
  }
  if (const auto* const order = std::get_if<Order>(&expectation.claim)) {
    return judge_order(expectation, *order, chosen);
  }
  return judge_bound(expectation, std::get<Bound>(expectation.claim), chosen);
}

}  // namespace headgate::stats
