#include "headgate/report/comparison.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "headgate/core/text.hpp"
#include "headgate/report/json.hpp"
#include "headgate/report/table.hpp"

namespace headgate::report {
namespace {

using stats::Estimate;
using stats::MetricKind;

/// Requests that a gateway sent to each target of each service.
using TargetCounts = std::map<std::string, std::map<std::string, std::uint64_t>>;

std::unexpected<Error> wrong(std::string_view document, std::string why) {
  return failed(Errc::kInvalidArgument, std::string{document}, std::move(why));
}

Result<Json> parse(std::string_view text, std::string_view document, std::string_view format) {
  Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return wrong(document, "is not JSON");
  if (!json.is_object() || json.value("format", "") != format) {
    return wrong(document, fmt::format("is not a '{}' document", format));
  }
  return json;
}

Result<double> number(const Json& json, const std::string& pointer, std::string_view document) {
  const Json::json_pointer at{pointer};
  if (!json.contains(at) || !json.at(at).is_number()) {
    return wrong(document, fmt::format("has no number at {}", pointer));
  }
  return json.at(at).get<double>();
}

Result<Estimate> estimate(const Json& point, const std::string& pointer) {
  const auto value = number(point, pointer + "/value", "the prediction");
  const auto low = number(point, pointer + "/low", "the prediction");
  const auto high = number(point, pointer + "/high", "the prediction");
  const auto confidence = number(point, pointer + "/confidence", "the prediction");
  for (const auto* part : {&value, &low, &high, &confidence}) {
    if (!*part) return std::unexpected(part->error());
  }
  return Estimate{.value = *value, .low = *low, .high = *high, .confidence = *confidence};
}

Result<TargetCounts> count_targets(std::string_view log) {
  TargetCounts counts;
  std::size_t line = 0;
  while (!log.empty()) {
    ++line;
    const std::string_view text = log.substr(0, log.find('\n'));
    log.remove_prefix(std::min(text.size() + 1, log.size()));
    const Json record = Json::parse(text, nullptr, false);
    if (!record.is_object())
      return wrong("the access log", fmt::format("line {} is not JSON", line));
    const auto target = record.find("target");
    if (target == record.end() || !target->is_string()) continue;  // never sent anywhere
    ++counts[record.value("service", "")][target->get<std::string>()];
  }
  return counts;
}

double difference(MetricKind kind, double measured, double predicted) {
  if (kind == MetricKind::kShare) return measured - predicted;
  if (predicted == 0) return measured == 0 ? 0 : HUGE_VAL;
  return measured / predicted - 1;
}

class Comparison {
 public:
  Comparison(Json measured, Json point)
      : measured_(std::move(measured)), point_(std::move(point)) {}

  Result<void> add_documents() {
    const Json& totals = measured_.value("totals", Json::object());
    double finished = 0;
    for (const char* part : {"ok", "refused", "failed", "timed_out"}) {
      finished += totals.value(part, 0.0);
    }
    const double refused = finished == 0 ? 0 : totals.value("refused", 0.0) / finished;
    for (const auto& [name, pointer] : {std::pair{"response_time.p50", "/response_time/p50_ns"},
                                        {"response_time.p95", "/response_time/p95_ns"},
                                        {"response_time.p99", "/response_time/p99_ns"}}) {
      const auto value = number(measured_, pointer, "the measurement");
      if (!value) return std::unexpected(value.error());
      if (auto added = add(name, *value, pointer); !added) return added;
    }
    const auto throughput = number(measured_, "/throughput_per_s", "the measurement");
    if (!throughput) return std::unexpected(throughput.error());
    if (auto added = add("throughput", *throughput, "/throughput"); !added) return added;
    return add("refused_share", refused, "/refused_share");
  }

  Result<void> add_shares(const TargetCounts& counts) {
    for (const auto& [service, targets] : counts) {
      double total = 0;
      for (const auto& [target, count] : targets) total += static_cast<double>(count);
      for (const auto& [target, count] : targets) {
        const std::string pointer =
            "/services/" + escaped(service) + "/targets/" + escaped(target) + "/share";
        auto added = add(fmt::format("services.{}.targets.{}.share", service, target),
                         static_cast<double>(count) / total, pointer);
        if (!added) return added;
      }
    }
    return {};
  }

  Result<void> apply(const std::vector<Tolerance>& within) {
    for (const Tolerance& tolerance : within) {
      const auto row = std::ranges::find(rows_, tolerance.metric, &ComparedMetric::name);
      if (row == rows_.end()) return wrong(tolerance.metric, "is not among the compared metrics");
      row->most = tolerance.most;
    }
    return {};
  }

  std::vector<ComparedMetric> take() { return std::move(rows_); }

 private:
  // RFC 6901: `~` and `/` have a meaning in pointers.
  static std::string escaped(const std::string& name) {
    std::string text;
    for (const char c : name) text += c == '~' ? "~0" : c == '/' ? "~1" : std::string{c};
    return text;
  }

  Result<void> add(const std::string& name, double measured, const std::string& pointer) {
    const auto metric = stats::find_metric(name);
    if (!metric) return std::unexpected(metric.error());
    const auto predicted = estimate(point_, pointer);
    if (!predicted) return std::unexpected(predicted.error());
    rows_.push_back({.name = name,
                     .kind = metric->kind,
                     .measured = measured,
                     .predicted = *predicted,
                     .difference = difference(metric->kind, measured, predicted->value),
                     .most = {}});
    return {};
  }

  Json measured_;
  Json point_;
  std::vector<ComparedMetric> rows_;
};

std::string difference_text(const ComparedMetric& row) {
  return fmt::format("{:+.1f}{}", 100 * row.difference,
                     row.kind == MetricKind::kShare ? " points" : " %");
}

}  // namespace

Result<Tolerance> parse_tolerance(std::string_view text) {
  const auto sign = text.find('=');
  if (sign == std::string_view::npos) {
    return failed(Errc::kInvalidArgument, std::string{text},
                  "must be written like response_time.p50=15%");
  }
  const auto metric = stats::find_metric(text.substr(0, sign));
  if (!metric) return std::unexpected(metric.error());
  const auto share = parse_share(text.substr(sign + 1));
  if (!share) return std::unexpected(share.error());
  return Tolerance{.metric = std::string{text.substr(0, sign)}, .most = share->of_one};
}

Result<std::vector<ComparedMetric>> compare(const ComparisonInput& input,
                                            const std::vector<Tolerance>& within) {
  auto measured = parse(input.measured, "the measurement", "headgate.load/1");
  if (!measured) return std::unexpected(std::move(measured.error()));
  const auto predicted = parse(input.predicted, "the prediction", "headgate.sim/1");
  if (!predicted) return std::unexpected(predicted.error());
  const Json points = predicted->value("points", Json::array());
  if (points.size() != 1) {
    return wrong("the prediction",
                 fmt::format("has {} points; one measurement is compared with one", points.size()));
  }
  Comparison comparison{std::move(*measured), points.front()};
  if (auto added = comparison.add_documents(); !added) return std::unexpected(added.error());
  const auto counts = count_targets(input.access_log);
  if (!counts) return std::unexpected(counts.error());
  if (auto added = comparison.add_shares(*counts); !added) return std::unexpected(added.error());
  if (auto applied = comparison.apply(within); !applied) return std::unexpected(applied.error());
  return comparison.take();
}

std::string to_text(const std::vector<ComparedMetric>& comparison, bool colour) {
  Table table{{{"", Align::kLeft},
               {"measured", Align::kRight},
               {"predicted", Align::kRight},
               {"interval", Align::kLeft},
               {"difference", Align::kRight},
               {"", Align::kLeft}}};
  for (const ComparedMetric& row : comparison) {
    const auto text = [&row](double value) { return stats::metric_text(row.kind, value); };
    std::string verdict;
    if (row.most) {
      const std::string_view word = row.agrees() ? "within" : "NOT within";
      verdict = painted(fmt::format("{} {:g} {}", word, 100 * *row.most,
                                    row.kind == MetricKind::kShare ? "points" : "%"),
                        row.agrees() ? Paint::kGreen : Paint::kRed, colour);
    }
    const bool has_interval = row.predicted.confidence > 0;
    table.add({row.name, text(row.measured), text(row.predicted.value),
               has_interval
                   ? fmt::format("{} … {}", text(row.predicted.low), text(row.predicted.high))
                   : std::string{},
               difference_text(row), verdict});
  }
  return table.to_text();
}

}  // namespace headgate::report
