#include "headgate/stats/metric.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace headgate::stats {
namespace {

std::string why_unknown(std::string_view name) {
  const auto metric = find_metric(name);
  REQUIRE_FALSE(metric);
  return metric.error().why;
}

TEST_CASE("metric: every name that the interfaces promise is known with its kind") {
  for (const std::string timing : {"response_time", "service_time", "send_lag", "queue_time"}) {
    for (const std::string statistic : {"mean", "p50", "p90", "p95", "p99", "p999", "max"}) {
      const auto metric = find_metric(timing + "." + statistic);
      REQUIRE(metric);
      CHECK(metric->kind == MetricKind::kDuration);
    }
  }
  for (const char* name : {"offered", "throughput", "goodput"}) {
    CHECK(find_metric(name).value().kind == MetricKind::kRate);
  }
  for (const char* name : {"refused_share", "failed_share", "timed_out_share", "waited_share",
                           "services.orders.utilisation", "services.orders.shed_share",
                           "services.orders.targets.b.share"}) {
    CHECK(find_metric(name).value().kind == MetricKind::kShare);
  }
  for (const char* name :
       {"attempts_per_request", "services.orders.queue.mean", "topics.requests.lag.max"}) {
    CHECK(find_metric(name).value().kind == MetricKind::kCount);
  }
  CHECK(find_metric("queues.work.age.max").value().kind == MetricKind::kDuration);
}

TEST_CASE("metric: a family takes names with dots, slashes and colons, but no empty ones") {
  CHECK(find_metric("queues.work.dead.age.max"));
  CHECK(find_metric("services.orders.targets.orders/0.share"));
  CHECK(find_metric("services.orders.targets.127.0.0.1:9001.share"));
  CHECK_FALSE(find_metric("queues..age.max"));
  CHECK_FALSE(find_metric("services.orders.targets.share"));
  CHECK_FALSE(find_metric("services.orders.targets..share"));
}

TEST_CASE("metric: a slip gets the right name back") {
  CHECK(why_unknown("response_time.p9") == "is no metric; did you mean 'response_time.p90'?");
  CHECK(why_unknown("trouhgput") == "is no metric; did you mean 'throughput'?");
  CHECK(why_unknown("service.orders.utilisation") ==
        "is no metric; did you mean 'services.orders.utilisation'?");
  CHECK(why_unknown("response_time").find("response_time.p999") != std::string::npos);
  CHECK(why_unknown("services.orders.queue.max").find("services.NAME.queue.mean") !=
        std::string::npos);
  CHECK(why_unknown("latency").find("response_time.p99") != std::string::npos);
  CHECK_FALSE(find_metric(""));
}

TEST_CASE("metric: values read as people write them") {
  CHECK(metric_text(MetricKind::kDuration, 850) == "850ns");
  CHECK(metric_text(MetricKind::kDuration, 12'345'678) == "12.35ms");
  CHECK(metric_text(MetricKind::kDuration, 2.5e9) == "2.5s");
  CHECK(metric_text(MetricKind::kRate, 298.04) == "298/s");
  CHECK(metric_text(MetricKind::kRate, 123'456.7) == "123457/s");
  CHECK(metric_text(MetricKind::kShare, 0.001) == "0.1%");
  CHECK(metric_text(MetricKind::kCount, 4.05) == "4.05");
}

}  // namespace
}  // namespace headgate::stats
