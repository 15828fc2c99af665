// What guards a service, as it is written: every word, every error at its place.
#include "headgate/config/resilience_form.hpp"

#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "headgate/config/gateway_config.hpp"

namespace headgate::config {
namespace {

using namespace std::chrono_literals;
using namespace resilience;

std::string document(const std::string& guards) {
  return "listeners: [{name: http, bind: \"127.0.0.1:8080\"}]\n"
         "services: {s: {targets: [{url: \"http://127.0.0.1:9001\"}], " +
         guards + "}}\nroutes: [{name: r, service: s}]\n";
}

ServiceConfig read(const std::string& guards) {
  const auto loaded = load_gateway_text(document(guards), "g.yaml");
  std::string found;
  for (const Diagnostic& each : loaded.diagnostics) found += each.message + "\n";
  INFO(found);
  REQUIRE(loaded.ok());
  return loaded.value.services.front();
}

/// The first diagnostic, as `PATH: MESSAGE`.
std::string fault(const std::string& guards) {
  const auto loaded = load_gateway_text(document(guards), "g.yaml");
  if (loaded.diagnostics.empty()) return {};
  return loaded.diagnostics.front().path + ": " + loaded.diagnostics.front().message;
}

TEST_CASE("guards: nothing written is nothing there") {
  const ServiceConfig service = read("balance: {policy: round_robin}");
  CHECK_FALSE(service.breaker);
  CHECK_FALSE(service.outlier);
  CHECK_FALSE(service.retry);
  CHECK_FALSE(service.concurrency);
  CHECK_FALSE(service.throttle);
}

TEST_CASE("guards: the words of the breaker and of ejection") {
  const auto promised = read("breaker: {consecutive_failures: 7, open_for: 11s}").breaker.value();
  CHECK(promised.consecutive_failures == 7);
  CHECK(promised.open_for == 11s);
  CHECK_FALSE(promised.error_ratio);
  const auto breaker =
      read(
          "breaker: {error_ratio: 50%, slow_ratio: 0.8, slow: 70ms, window: 5s, min_requests: 9, "
          "half_open: 3, probe_timeout: 4s}")
          .breaker.value();
  CHECK(breaker.error_ratio->of_one == 0.5);
  CHECK(breaker.slow_ratio->of_one == 0.8);
  CHECK(breaker.slow == 70ms);
  CHECK(breaker.window == 5s);
  CHECK(breaker.min_requests == 9);
  CHECK(breaker.half_open == 3);
  CHECK(breaker.probe_timeout == 4s);
  const auto outlier =
      read(
          "outlier: {consecutive_failures: 3, success_rate: false, stdev_factor: 2.5, "
          "failure_percent: 85%, min_targets: 2, min_requests: 20, interval: 1s, base_time: 2s, "
          "max_time: 9s, max_ejected: 50%}")
          .outlier.value();
  CHECK(outlier.consecutive_failures == 3);
  CHECK_FALSE(outlier.success_rate);
  CHECK(outlier.stdev_factor == 2.5);
  CHECK(outlier.failure_percent.of_one == 0.85);
  CHECK(outlier.min_targets == 2);
  CHECK(outlier.min_requests == 20);
  CHECK(outlier.interval == 1s);
  CHECK(outlier.base_time == 2s);
  CHECK(outlier.max_time == 9s);
  CHECK(outlier.max_ejected.of_one == 0.5);
}

TEST_CASE("guards: the words of retries") {
  const auto promised = read(
                            "retry: {attempts: 2, on: [connect_failure, \"503\"], budget: 20%, "
                            "backoff: {base: 25ms, max: 250ms}}")
                            .retry.value();
  CHECK(promised.attempts == 2);
  CHECK(promised.on.words() == std::vector<std::string>{"connect_failure", "503"});
  CHECK(std::get<PercentBudget::Config>(promised.budget).share.of_one == 0.2);
  CHECK(promised.backoff.base == 25ms);
  CHECK(promised.backoff.max == 250ms);
  CHECK(promised.backoff.jitter == Jitter::kFull);
  const auto tokens = read(
                          "retry: {on: [5xx, reset, timeout], backoff: {jitter: decorrelated}, "
                          "budget: {tokens: {max_tokens: 7, token_ratio: 0.5}}}")
                          .retry.value();
  CHECK(tokens.on.words() == std::vector<std::string>{"reset", "timeout", "5xx"});
  CHECK(tokens.backoff.jitter == Jitter::kDecorrelated);
  CHECK(std::get<TokenBudget::Config>(tokens.budget).max_tokens == 7);
  CHECK(std::get<TokenBudget::Config>(tokens.budget).token_ratio == 0.5);
  const auto percent =
      read("retry: {budget: {percent: {share: 5%, min_per_second: 3, window: 30s}}}").retry.value();
  CHECK(std::get<PercentBudget::Config>(percent.budget).min_per_second == 3);
  CHECK(std::get<PercentBudget::Config>(percent.budget).window == 30s);
}

TEST_CASE("guards: the words of limits and of the throttle") {
  CHECK(std::get<FixedLimit>(*read("concurrency: {limit: 50}").concurrency).limit == 50);
  const auto aimd = std::get<Aimd::Config>(
      *read("concurrency: {aimd: {initial: 5, min: 2, max: 9, backoff: 80%, timeout: 3s}}")
           .concurrency);
  CHECK(aimd.range.initial == 5);
  CHECK(aimd.range.min == 2);
  CHECK(aimd.range.max == 9);
  CHECK(aimd.backoff.of_one == 0.8);
  CHECK(aimd.timeout == 3s);
  CHECK(std::get<Vegas::Config>(*read("concurrency: {vegas: {probe: 9}}").concurrency).probe == 9);
  const auto gradient = std::get<Gradient::Config>(
      *read("concurrency: {gradient: {smoothing: 30%, tolerance: 2, queue: 6, long_window: 99}}")
           .concurrency);
  CHECK(gradient.smoothing.of_one == 0.3);
  CHECK(gradient.tolerance == 2);
  CHECK(gradient.queue == 6);
  CHECK(gradient.long_window == 99);
  const auto throttle = read("throttle: {k: 1.5, window: 30s, min_requests: 7}").throttle.value();
  CHECK(throttle.k == 1.5);
  CHECK(throttle.window == 30s);
  CHECK(throttle.min_requests == 7);
}

TEST_CASE("guards: what is wrong is said at its place, with what would be right") {
  CHECK(fault("breaker: {open_for: 0s}") ==
        "services.s.breaker.open_for: 'open_for' must be above 0s and at most 24h");
  CHECK(fault("breaker: {consecutive_failures: 0}") ==
        "services.s.breaker.consecutive_failures: 'consecutive_failures' must be at least 1, "
        "unless error_ratio or slow_ratio is given");
  CHECK(fault("breaker: {open_four: 1s}").starts_with("services.s.breaker"));
  CHECK(fault("outlier: {max_ejected: 0%}") ==
        "services.s.outlier.max_ejected: 'max_ejected' must be above 0% and at most 100%");
  CHECK(fault("retry: {attempts: 11}") == "services.s.retry.attempts: 'attempts' must be 0 to 10");
  CHECK(fault("retry: {backoff: {base: 2s, max: 1s}}") ==
        "services.s.retry.backoff.max: 'backoff.max' must be at least base and at most 24h");
  CHECK(fault("retry: {on: [refused]}").find("there are: connect_failure, reset, timeout") !=
        std::string::npos);
  CHECK(fault("retry: {budget: {tokens: {max_tokens: 0}}}") ==
        "services.s.retry.budget.tokens.max_tokens: 'max_tokens' must be 1 to 1000");
  CHECK(fault("concurrency: {limit: 0}").starts_with("services.s.concurrency.limit: "));
  CHECK(fault("concurrency: {gradient: {max: 10}}") ==
        "services.s.concurrency.gradient.max: 'max' must be at least min and at most 1M");
  CHECK(fault("concurrency: {limit: 1, vegas: {}}").starts_with("services.s.concurrency"));
  CHECK(fault("throttle: {k: 1}") == "services.s.throttle.k: 'k' must be 1.001 to 100");
}

}  // namespace
}  // namespace headgate::config
