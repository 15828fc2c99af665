#include "headgate/gateway/guard_json.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "headgate/core/text.hpp"

namespace headgate::gateway {
namespace {

using Json = nlohmann::ordered_json;
using namespace resilience;

Json breaker_json(const Breaker::Config& config) {
  Json json = {{"consecutive_failures", config.consecutive_failures},
               {"slow", to_text(config.slow)},
               {"window", to_text(config.window)},
               {"min_requests", config.min_requests},
               {"open_for", to_text(config.open_for)},
               {"half_open", config.half_open},
               {"probe_timeout", to_text(config.probe_timeout)}};
  if (config.error_ratio) json["error_ratio"] = to_text(*config.error_ratio);
  if (config.slow_ratio) json["slow_ratio"] = to_text(*config.slow_ratio);
  return json;
}

Json outlier_json(const Outlier::Config& config) {
  return {{"consecutive_failures", config.consecutive_failures},
          {"success_rate", config.success_rate},
          {"stdev_factor", config.stdev_factor},
          {"failure_percent", to_text(config.failure_percent)},
          {"min_targets", config.min_targets},
          {"min_requests", config.min_requests},
          {"interval", to_text(config.interval)},
          {"base_time", to_text(config.base_time)},
          {"max_time", to_text(config.max_time)},
          {"max_ejected", to_text(config.max_ejected)}};
}

Json budget_json(const RetryPolicy::BudgetConfig& config) {
  if (const auto* tokens = std::get_if<TokenBudget::Config>(&config)) {
    return {{"tokens", {{"max_tokens", tokens->max_tokens}, {"token_ratio", tokens->token_ratio}}}};
  }
  const auto& percent = std::get<PercentBudget::Config>(config);
  return {{"percent",
           {{"share", to_text(percent.share)},
            {"min_per_second", percent.min_per_second},
            {"window", to_text(percent.window)}}}};
}

Json retry_json(const RetryPolicy::Config& config) {
  return {{"attempts", config.attempts},
          {"on", config.on.words()},
          {"budget", budget_json(config.budget)},
          {"backoff",
           {{"base", to_text(config.backoff.base)},
            {"max", to_text(config.backoff.max)},
            {"jitter", to_text(config.backoff.jitter)}}}};
}

Json range_json(const LimitRange& range) {
  return {{"initial", range.initial}, {"min", range.min}, {"max", range.max}};
}

struct ConcurrencyJson {
  Json operator()(const FixedLimit& fixed) const { return {{"limit", fixed.limit}}; }
  Json operator()(const Aimd::Config& config) const {
    Json json = range_json(config.range);
    json["backoff"] = to_text(config.backoff);
    json["timeout"] = to_text(config.timeout);
    return {{"aimd", json}};
  }
  Json operator()(const Vegas::Config& config) const {
    Json json = range_json(config.range);
    json["probe"] = config.probe;
    return {{"vegas", json}};
  }
  Json operator()(const Gradient::Config& config) const {
    Json json = range_json(config.range);
    json["smoothing"] = to_text(config.smoothing);
    json["tolerance"] = config.tolerance;
    json["queue"] = config.queue;
    json["long_window"] = config.long_window;
    return {{"gradient", json}};
  }
};

}  // namespace

void add_guards(nlohmann::ordered_json& json, const config::ServiceConfig& service) {
  if (service.breaker) json["breaker"] = breaker_json(*service.breaker);
  if (service.outlier) json["outlier"] = outlier_json(*service.outlier);
  if (service.retry) json["retry"] = retry_json(*service.retry);
  if (service.concurrency) {
    json["concurrency"] = std::visit(ConcurrencyJson{}, *service.concurrency);
  }
  if (service.throttle) {
    json["throttle"] = {{"k", service.throttle->k},
                        {"window", to_text(service.throttle->window)},
                        {"min_requests", service.throttle->min_requests}};
  }
}

}  // namespace headgate::gateway
