#include "headgate/report/json.hpp"

#include <array>
#include <nlohmann/json.hpp>

namespace headgate::report {
namespace {

constexpr std::array kQuantiles = std::to_array<NamedQuantile>({{"p50", "p50_ns", 0.5},
                                                                {"p90", "p90_ns", 0.9},
                                                                {"p95", "p95_ns", 0.95},
                                                                {"p99", "p99_ns", 0.99},
                                                                {"p999", "p999_ns", 0.999}});

}  // namespace

std::span<const NamedQuantile> named_quantiles() noexcept { return kQuantiles; }

Json timing_json(const stats::Histogram& histogram) {
  Json json;
  json["count"] = histogram.count();
  json["mean_ns"] = histogram.mean_ns();
  for (const NamedQuantile& quantile : kQuantiles) {
    json[quantile.key] = histogram.quantile(quantile.q).count();
  }
  json["max_ns"] = histogram.max().count();
  json["hdr"] = histogram.encode();
  if (histogram.overflow() > 0) json["above_1h"] = histogram.overflow();
  return json;
}

Json estimate_json(const stats::Estimate& estimate) {
  Json json;
  json["value"] = estimate.value;
  json["low"] = estimate.low;
  json["high"] = estimate.high;
  json["confidence"] = estimate.confidence;
  return json;
}

Json totals_json(const stats::Totals& totals) {
  totals.check();
  Json json;
  json["scheduled"] = totals.scheduled;
  json["ok"] = totals.ok;
  json["refused"] = totals.refused;
  json["failed"] = totals.failed;
  json["timed_out"] = totals.timed_out;
  json["in_flight"] = totals.in_flight;
  json["not_sent"] = totals.not_sent;
  return json;
}

Json verdict_json(const stats::Expectation& expectation, const stats::Verdict& verdict) {
  Json json;
  json["expect"] = expectation.text;
  if (!expectation.why.empty()) json["why"] = expectation.why;
  json["passed"] = verdict.passed;
  json["observed"] = verdict.observed;
  return json;
}

std::string to_text(const Json& document) {
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace headgate::report
