// What a run is expected to show, in the one grammar that scenarios, plans, flags and alerts share:
//
//   response_time.p99 < 20ms
//   response_time.mean = 10ms within 1.5% at load=0.9
//   response_time.mean: two_choices < round_robin < random at load=0.9
//
//   expectation = metric relation value ["within" share] [at]
//               | metric ":" word (order word)+ [at]
//   relation    = "<" | "<=" | ">" | ">=" | "="       order = "<" | "<=" | ">" | ">="
//   at          = "at" dimension "=" word ("," dimension "=" word)*
//
// Comparisons use the value of an estimate, not its interval: the interval is shown in what was
// observed. The exception is `=` without `within`, where equality of two measured numbers would be
// chance: it asks that the interval hold the value (a figure without an interval must equal it).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/units.hpp"
#include "headgate/stats/interval.hpp"
#include "headgate/stats/metric.hpp"

namespace headgate::stats {

enum class Relation { kLess, kAtMost, kGreater, kAtLeast, kEqual };

/// metric RELATION value [within].
struct Bound {
  Relation relation = Relation::kLess;
  double value = 0;             ///< in the unit of the metric's kind
  std::optional<Share> within;  ///< only with kEqual; a share of `value`
};

/// metric: words[0] RELATION words[1] …: the points that differ only in one dimension, by its
/// values.
struct Order {
  std::vector<std::string> words;   ///< at least two, all different
  std::vector<Relation> relations;  ///< one less than words; all upwards or all downwards
};

struct Expectation {
  std::string text;    ///< as written
  std::string metric;  ///< a name that find_metric knows
  MetricKind kind = MetricKind::kDuration;
  std::variant<Bound, Order> claim;
  std::map<std::string, std::string> at;  ///< dimension -> word; empty: every point
  std::string why;                        ///< what the object form gives as the reason, or empty
};

/// Fails with kInvalidArgument: `where` is the text, `why` shows the position and the right form.
[[nodiscard]] Result<Expectation> parse_expectation(std::string_view text);

/// One point of a sweep, or the whole of a run without one (then `at` is empty).
struct Point {
  std::map<std::string, std::string> at;  ///< {"load": "0.9", "policy": "two_choices"}
  /// The figure of that name in the unit of its kind; nothing if this run has none.
  std::function<std::optional<Estimate>(std::string_view)> metric;
  /// The same figure of this point less that of another one, where both met the same chance and
  /// their difference is known better than each of them; may be empty, or give nothing.
  std::function<std::optional<Estimate>(std::string_view, const Point& other)> difference = {};
};

struct Verdict {
  bool passed = false;
  std::string observed;  ///< for people: the figures with their intervals, or what was missing
  /// Whether the intervals leave no doubt of it: a bound cuts no interval, a figure asked `within`
  /// a share is known as exactly as that, and of a chain the interval of each difference leaves out
  /// zero or, where no difference is known, the intervals do not overlap. Figures without an
  /// interval leave none.
  bool certain = true;
  /// Of one in doubt: how many times the data would settle it if the figures stayed as they are, as
  /// intervals shrink with its square root; infinite if they lie at the very bound.
  double effort = 1;
};

/// Whether all points that `at` selects meet the claim. No point selected, or a figure missing, is
/// a "no" that says so: an expectation never passes unseen. An Order is judged once for each group
/// of points that agree in all other dimensions. Words of `at` match by text or, if both are
/// numbers, by value (`0.9` is `0.90`).
[[nodiscard]] Verdict evaluate(const Expectation& expectation, std::span<const Point> points);

}  // namespace headgate::stats
