#include "headgate/resilience/catalog.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <string_view>

#include "headgate/core/text.hpp"
#include "headgate/resilience/adaptive_concurrency.hpp"
#include "headgate/resilience/adaptive_lifo.hpp"
#include "headgate/resilience/breaker.hpp"
#include "headgate/resilience/bulkhead.hpp"
#include "headgate/resilience/client_throttle.hpp"
#include "headgate/resilience/codel.hpp"
#include "headgate/resilience/hedge.hpp"
#include "headgate/resilience/outlier.hpp"
#include "headgate/resilience/retry.hpp"

namespace headgate::resilience {
namespace {

std::string_view fallback(std::string_view entry, std::string_view option) {
  const auto found = find_entry(catalog(), "", entry);
  REQUIRE(found);
  for (const OptionInfo& info : (*found)->options) {
    if (info.name == option) return info.fallback;
  }
  FAIL(entry << " has no " << option);
  return {};
}

Duration duration(std::string_view entry, std::string_view option) {
  return parse_duration(fallback(entry, option)).value();
}
std::int64_t count(std::string_view entry, std::string_view option) {
  return parse_count(fallback(entry, option)).value();
}
double share(std::string_view entry, std::string_view option) {
  return parse_share(fallback(entry, option)).value().of_one;
}

TEST_CASE("resilience: every rule says what it does, what it promises and where it comes from") {
  std::set<std::string_view> names;
  for (const CatalogEntry& entry : catalog()) {
    CAPTURE(entry.name);
    CHECK(names.insert(entry.name).second);
    CHECK_FALSE(entry.summary.empty());
    CHECK_FALSE(entry.guarantee.empty());
    CHECK_FALSE(entry.source.empty());
    std::set<std::string_view> options;
    for (const OptionInfo& option : entry.options) {
      CHECK(options.insert(option.name).second);
      CHECK_FALSE(option.doc.empty());
      CHECK_FALSE(option.fallback.empty());
    }
  }
  CHECK(names.size() == 15);
}

TEST_CASE(
    "resilience: the catalog's defaults of the breaker and of ejection are those of the code") {
  const Breaker::Config breaker;
  CHECK(count("breaker", "consecutive_failures") == breaker.consecutive_failures);
  CHECK(duration("breaker", "slow") == breaker.slow);
  CHECK(duration("breaker", "window") == breaker.window);
  CHECK(count("breaker", "min_requests") == breaker.min_requests);
  CHECK(duration("breaker", "open_for") == breaker.open_for);
  CHECK(count("breaker", "half_open") == breaker.half_open);
  CHECK(duration("breaker", "probe_timeout") == breaker.probe_timeout);
  const Outlier::Config outlier;
  CHECK(count("outlier", "consecutive_failures") == outlier.consecutive_failures);
  CHECK(parse_number(fallback("outlier", "stdev_factor")).value() == outlier.stdev_factor);
  CHECK(share("outlier", "failure_percent") == outlier.failure_percent.of_one);
  CHECK(count("outlier", "min_targets") == outlier.min_targets);
  CHECK(count("outlier", "min_requests") == outlier.min_requests);
  CHECK(duration("outlier", "interval") == outlier.interval);
  CHECK(duration("outlier", "base_time") == outlier.base_time);
  CHECK(duration("outlier", "max_time") == outlier.max_time);
  CHECK(share("outlier", "max_ejected") == outlier.max_ejected.of_one);
}

TEST_CASE("resilience: the catalog's defaults of retries and hedges are those of the code") {
  CHECK(count("retry", "attempts") == RetryPolicy::Config{}.attempts);
  CHECK(count("token_budget", "max_tokens") == TokenBudget::Config{}.max_tokens);
  CHECK(parse_number(fallback("token_budget", "token_ratio")).value() ==
        TokenBudget::Config{}.token_ratio);
  CHECK(share("percent_budget", "share") == PercentBudget::Config{}.share.of_one);
  CHECK(count("percent_budget", "min_per_second") == PercentBudget::Config{}.min_per_second);
  CHECK(duration("percent_budget", "window") == PercentBudget::Config{}.window);
  CHECK(duration("backoff", "base") == Backoff::Config{}.base);
  CHECK(duration("backoff", "max") == Backoff::Config{}.max);
  CHECK(parse_jitter(fallback("backoff", "jitter")).value() == Backoff::Config{}.jitter);
  CHECK(share("hedge", "percentile") == Hedge::Config{}.percentile.of_one);
  CHECK(count("hedge", "min_samples") == Hedge::Config{}.min_samples);
  CHECK(duration("hedge", "window") == Hedge::Config{}.window);
  CHECK(share("hedge", "budget") == Hedge::Config{}.budget.share.of_one);
}

void check_range_of(std::string_view entry, const LimitRange& range) {
  CHECK(count(entry, "initial") == range.initial);
  CHECK(count(entry, "min") == range.min);
  CHECK(count(entry, "max") == range.max);
}

TEST_CASE("resilience: the catalog's defaults of limits and shedders are those of the code") {
  check_range_of("aimd", Aimd::Config{}.range);
  CHECK(share("aimd", "backoff") == Aimd::Config{}.backoff.of_one);
  CHECK(duration("aimd", "timeout") == Aimd::Config{}.timeout);
  check_range_of("vegas", Vegas::Config{}.range);
  CHECK(count("vegas", "probe") == Vegas::Config{}.probe);
  check_range_of("gradient", Gradient::Config{}.range);
  CHECK(share("gradient", "smoothing") == Gradient::Config{}.smoothing.of_one);
  CHECK(parse_number(fallback("gradient", "tolerance")).value() == Gradient::Config{}.tolerance);
  CHECK(count("gradient", "queue") == Gradient::Config{}.queue);
  CHECK(count("gradient", "long_window") == Gradient::Config{}.long_window);
  CHECK(count("bulkhead", "limit") == Bulkhead::Config{}.limit);
  CHECK(count("bulkhead", "queue") == Bulkhead::Config{}.queue);
  CHECK(duration("bulkhead", "max_wait") == Bulkhead::Config{}.max_wait);
  CHECK(duration("codel", "target") == Codel::Config{}.target);
  CHECK(duration("codel", "interval") == Codel::Config{}.interval);
  CHECK(count("adaptive_lifo", "capacity") == AdaptiveLifo::Config{}.capacity);
  CHECK(duration("adaptive_lifo", "target") == AdaptiveLifo::Config{}.target);
  CHECK(duration("adaptive_lifo", "interval") == AdaptiveLifo::Config{}.interval);
  CHECK(parse_number(fallback("client_throttle", "k")).value() == ClientThrottle::Config{}.k);
  CHECK(duration("client_throttle", "window") == ClientThrottle::Config{}.window);
  CHECK(count("client_throttle", "min_requests") == ClientThrottle::Config{}.min_requests);
}

}  // namespace
}  // namespace headgate::resilience
