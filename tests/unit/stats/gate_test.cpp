#include "headgate/stats/gate.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <vector>

#include "headgate/core/random.hpp"

namespace headgate::stats {
namespace {

GateMetric metric_named(const char* name) { return find_gate_metric(name).value(); }

/// Near enough to normal: the sum of twelve uniform numbers less six.
double noise(Random& random) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += random.uniform();
  return sum;
}

/// Runs a gate to its end on what `pair` gives.
GateVerdict verdict_of(Gate gate,
                       const std::function<std::pair<GateFigures, GateFigures>()>& pair) {
  while (!gate.done()) {
    const auto [a, b] = pair();
    gate.add(a, b);
    if (gate.look_due()) gate.look();
  }
  return overall(gate.findings());
}

TEST_CASE("gate: names are those of expectations, the response time's also short") {
  CHECK(metric_named("p99").name == "response_time.p99");
  CHECK(metric_named("response_time.p50").label == "p50");
  CHECK(metric_named("service_time.p90").name == "service_time.p90");
  CHECK(metric_named("throughput").worse == Worse::kLower);
  CHECK(metric_named("p50").least_effect == 0.05);
  CHECK(metric_named("p99").least_effect == 0.10);
  CHECK(metric_named("failed_share").least_effect == 0.001);
  CHECK(find_gate_metric("troughput").error().why.contains("did you mean throughput?"));
  CHECK_FALSE(find_gate_metric("offered").has_value());
}

TEST_CASE("gate: a least effect can be set for a metric that is gated") {
  std::vector<GateMetric> metrics = gate_metrics_default();
  CHECK(set_least_effect(metrics, "p99=20%").has_value());
  CHECK(metrics[1].least_effect == 0.2);
  CHECK(set_least_effect(metrics, "failed_share=0.5%").has_value());
  CHECK_FALSE(set_least_effect(metrics, "p99").has_value());
  CHECK_FALSE(set_least_effect(metrics, "p99=20").has_value());
  CHECK_FALSE(set_least_effect(metrics, "p90=20%").has_value());
  CHECK_FALSE(set_least_effect(metrics, "throughput=100%").has_value());
}

TEST_CASE("gate: equal measurements pass at the first look, twice as long ones regress") {
  const auto fixed = [](double a, double b) {
    return [a, b] { return std::pair{GateFigures{a}, GateFigures{b}}; };
  };
  const Gate gate{{metric_named("p50")}, {}};
  CHECK(verdict_of(gate, fixed(10, 10)) == GateVerdict::kPass);
  CHECK(verdict_of(gate, fixed(10, 20)) == GateVerdict::kRegression);
  CHECK(verdict_of(gate, fixed(10, 5)) == GateVerdict::kPass);
  const Gate rate{{metric_named("throughput")}, {}};
  CHECK(verdict_of(rate, fixed(100, 200)) == GateVerdict::kPass);
  CHECK(verdict_of(rate, fixed(100, 90)) == GateVerdict::kRegression);
  CHECK(verdict_of(rate, fixed(100, 0)) == GateVerdict::kRegression);
  const Gate share{{metric_named("failed_share")}, {}};
  CHECK(verdict_of(share, fixed(0, 0)) == GateVerdict::kPass);
  CHECK(verdict_of(share, fixed(0, 0.002)) == GateVerdict::kRegression);
  CHECK(verdict_of(share, fixed(0.002, 0)) == GateVerdict::kPass);
}

TEST_CASE("gate: a change of just the least effect is neither") {
  Random random{3};
  const Gate gate{{metric_named("p50")}, {}};
  CHECK(verdict_of(gate, [&random] {
          const double b = 10.5 * std::exp(0.01 * noise(random));
          return std::pair{GateFigures{10.0}, GateFigures{b}};
        }) == GateVerdict::kInconclusive);
}

TEST_CASE("gate: fewer pairs than ten decide nothing, and neither do figures that are missing") {
  Gate few{{metric_named("p50")}, {.least = 10, .most = 9}};
  CHECK(verdict_of(few, [] { return std::pair{GateFigures{1.0}, GateFigures{2.0}}; }) ==
        GateVerdict::kInconclusive);
  const Gate missing{{metric_named("p50")}, {.most = 20}};
  int pairs = 0;
  CHECK(verdict_of(missing, [&pairs] {
          const bool there = ++pairs <= 9;
          return std::pair{GateFigures{1.0},
                           GateFigures{there ? std::optional{2.0} : std::nullopt}};
        }) == GateVerdict::kInconclusive);
}

TEST_CASE("gate: the finding says by how much, with an interval, as a change of the baseline") {
  // Ten pairs, all B = 1.2 A: every Walsh average is ln 1.2.
  Gate gate{{metric_named("p50"), metric_named("throughput")}, {.most = 10}};
  for (int i = 1; i <= 10; ++i) {
    gate.add({10.0 * i, 50.0 * i}, {12.0 * i, 40.0 * i});
    if (gate.look_due()) gate.look();
  }
  const auto findings = gate.findings();
  CHECK(findings[0].verdict == GateVerdict::kRegression);
  CHECK(findings[0].change == Approx(0.2));
  CHECK(findings[0].low == Approx(0.2));
  CHECK(findings[0].high == Approx(0.2));
  CHECK(findings[0].baseline == 55);  // median of 10, 20 … 100
  CHECK(findings[0].candidate == 66);
  CHECK(findings[1].verdict == GateVerdict::kRegression);
  CHECK(findings[1].change == Approx(-0.2));
}

TEST_CASE("gate: noise that drifts and clings raises no more false alarms than promised") {
  // Noise of 20 % that remembers 95 % of itself from slot to slot, and a server that gets slower
  // all the time; the coin alone decides which slot is whose. The least effect is zero here, so
  // that alarms come as often as they ever can: at most 1 % of the gates, so 15 of 600 would be
  // wonder enough (binomial, p = 2e-3).
  Random random{11};
  int alarms = 0;
  for (int run = 0; run < 600; ++run) {
    std::vector<GateMetric> metrics{metric_named("p50"), metric_named("p99")};
    metrics[0].least_effect = metrics[1].least_effect = 0;
    double level = 0;
    double drift = 0;
    const auto slot = [&] {
      level = 0.95 * level + 0.31 * 0.2 * noise(random);
      drift += 0.01;
      return std::exp(level + drift);
    };
    alarms += verdict_of(Gate{metrics, {.most = 30}},
                         [&] {
                           std::vector<double> p50{slot(), slot()};
                           if (random.uniform() < 0.5) std::swap(p50[0], p50[1]);
                           // The tail follows the middle: the metrics depend on each other.
                           return std::pair{GateFigures{p50[0], p50[0] * 5},
                                            GateFigures{p50[1], p50[1] * 5}};
                         }) == GateVerdict::kRegression
                  ? 1
                  : 0;
  }
  CHECK(alarms <= 14);
}

TEST_CASE("gate: twice the least effect is found through noise of the same size") {
  Random random{12};
  int found = 0;
  for (int run = 0; run < 200; ++run) {
    found += verdict_of(Gate{{metric_named("p50")}, {}},
                        [&random] {
                          return std::pair{GateFigures{std::exp(0.05 * noise(random))},
                                           GateFigures{1.10 * std::exp(0.05 * noise(random))}};
                        }) == GateVerdict::kRegression
                 ? 1
                 : 0;
  }
  // ln 1.1 - ln 1.05 = 0.0465; the deviation of the estimate of 45 pairs is about 0.0108: 4.3 of
  // them, where the last look, at 0.0023, asks for 2.8. So 93 % or more of 200.
  CHECK(found >= 176);
}

TEST_CASE("gate: ten pairs are needed, more for very many metrics") {
  CHECK(pairs_needed(4, 0.01) == 10);
  CHECK(pairs_needed(20, 0.01) == 11);  // 20 / 2048 < 0.01 < 20 / 1024
}

}  // namespace
}  // namespace headgate::stats
