// What `sim theory` calls a pass, and that its cases are what they claim to be.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "headgate/config/scenario_config.hpp"
#include "headgate/sim/figures.hpp"
#include "headgate/sim/plan.hpp"
#include "headgate/sim/theory/check.hpp"
#include "headgate/stats/metric.hpp"

namespace headgate::sim::theory {
namespace {

const std::string kHalfLoaded =
    "arrivals: {poisson: 500/s}\n"
    "services: {s: {time: {exponential: 1ms}}}\n"
    "run: {jobs: 1k}\n";

// M/M/1 at half load: two milliseconds.
Setup setup_of(double exact_ns, double tolerance_ns) {
  return {.family = {.name = "M/M/1", .formula = "1 / (1 - load)", .source = "Kleinrock"},
          .name = "load 0.5",
          .scenario = kHalfLoaded,
          .claims = {{"response_time.mean", exact_ns, tolerance_ns}}};
}

SetupFindings findings_of(const Setup& setup, std::uint64_t requests_max = 100'000'000) {
  auto findings = check(std::span{&setup, 1}, {.requests_max = requests_max});
  REQUIRE(findings.has_value());
  REQUIRE(findings->size() == 1);
  return std::move(findings->front());
}

TEST_CASE("theory: a right value holds, and replications are added until the interval is narrow") {
  const SetupFindings findings = findings_of(setup_of(2e6, 0.1e6));
  REQUIRE(findings.findings.size() == 1);
  const Finding& finding = findings.findings[0];
  CHECK(finding.holds == Holds::kYes);
  CHECK(findings.looks == 1);
  CHECK(finding.estimate.confidence == 0.999);
  CHECK((finding.estimate.high - finding.estimate.low) / 2 <= 0.1e6);
  CHECK(findings.requests > 24 * 1100);  // the first look at 24 of them was not enough
  CHECK(all_hold(std::span{&findings, 1}));
}

TEST_CASE("theory: a wrong value does not hold") {
  const SetupFindings findings = findings_of(setup_of(2.2e6, 0.1e6));
  CHECK(findings.findings[0].holds == Holds::kNo);
  CHECK(findings.looks == 2);  // it was not by chance
  CHECK_FALSE(all_hold(std::span{&findings, 1}));
  CHECK(findings_text(std::span{&findings, 1}, false).find("0 of 1 cases hold") !=
        std::string::npos);
}

TEST_CASE("theory: a right value does not hold where the interval is too wide to say so") {
  const SetupFindings findings = findings_of(setup_of(2e6, 0.001e6), 30'000);
  CHECK(findings.findings[0].holds == Holds::kTooWide);
  CHECK_FALSE(all_hold(std::span{&findings, 1}));
  CHECK(findings.requests < 60'000);
}

TEST_CASE("theory: a figure that the scenario has not does not hold") {
  Setup setup = setup_of(2e6, 1e6);
  setup.claims[0].figure = "services.t.utilisation";
  const SetupFindings findings = findings_of(setup);
  CHECK(findings.findings[0].holds == Holds::kNoFigure);
  CHECK_FALSE(all_hold(std::span{&findings, 1}));
}

TEST_CASE("theory: a scenario that cannot be read is an error that names the case and the place") {
  Setup setup = setup_of(2e6, 1e6);
  setup.scenario = "arrivals: {poison: 500/s}\n";
  const auto findings = check(std::span{&setup, 1}, {});
  REQUIRE_FALSE(findings.has_value());
  CHECK(findings.error().code == Errc::kInvalidConfig);
  CHECK(findings.error().where == "M/M/1: load 0.5");
  CHECK(findings.error().why.find("did you mean 'poisson'?") != std::string::npos);
}

TEST_CASE("theory: an interrupted check has found nothing out") {
  const std::atomic<bool> stop{true};
  const Setup setup = setup_of(2e6, 1e6);
  const auto findings = check(std::span{&setup, 1}, {.stop = &stop});
  REQUIRE(findings.has_value());
  CHECK(findings->front().findings[0].holds == Holds::kUnchecked);
  CHECK_FALSE(all_hold(*findings));
}

TEST_CASE("theory: the findings are the same bytes for any number of threads") {
  std::vector<Setup> setups;
  for (const char* name : {"a", "b", "c", "d", "e"}) {
    setups.push_back(setup_of(2e6, 0.2e6));
    setups.back().name = name;
  }
  const auto document = [&setups](unsigned threads, std::uint64_t seed) {
    const auto findings = check(setups, {.threads = threads, .seed = seed});
    REQUIRE(findings.has_value());
    return report::to_text(findings_json(*findings, seed));
  };
  const std::string one = document(1, 1);
  CHECK(one == document(2, 1));
  CHECK(one == document(8, 1));
  CHECK(one != document(1, 2));
  const auto parsed = nlohmann::json::parse(one);
  CHECK(parsed["format"] == "headgate.theory/1");
  CHECK(parsed["held"] == 5);
  CHECK(parsed["passed"] == true);
  // Scenarios of other names have streams of their own.
  const auto value = [&parsed](std::size_t i) {
    return parsed["scenarios"][i]["cases"][0]["estimate"]["value"].get<double>();
  };
  CHECK(value(0) != value(1));
}

TEST_CASE("theory: at least eighty cases in fourteen families, none of them twice") {
  const std::vector<Setup> setups = all_setups();
  std::set<std::string> families;
  std::set<std::string> quick_families;
  std::set<std::string> names;
  std::size_t claims = 0;
  for (const Setup& setup : setups) {
    families.insert(setup.family.name);
    if (setup.quick) quick_families.insert(setup.family.name);
    CHECK(names.insert(setup.family.name + ": " + setup.name).second);
    claims += setup.claims.size();
    CHECK_FALSE(setup.family.formula.empty());
    CHECK_FALSE(setup.family.source.empty());
  }
  CHECK(claims >= 80);
  CHECK(families.size() >= 14);
  CHECK(quick_families == families);
}

TEST_CASE("theory: every scenario can be planned and has every figure that is claimed of it") {
  for (const Setup& setup : all_setups()) {
    CAPTURE(setup.family.name, setup.name, setup.scenario);
    const auto scenario = config::load_scenario_text(setup.scenario, "case.yaml");
    REQUIRE(scenario.ok());
    REQUIRE(scenario.value.points.size() == 1);
    const auto plan = make_plan(scenario.value.base());
    REQUIRE(plan.has_value());
    const FigureNames names(*plan);
    for (const Claim& claim : setup.claims) {
      CAPTURE(claim.figure);
      CHECK(names.find(claim.figure) != FigureNames::kNone);
      CHECK(stats::find_metric(claim.figure).has_value());
    }
  }
}

TEST_CASE("theory: no case allows more than 2 % of a mean, 3 % of a quantile, 0.005 of a share") {
  for (const Setup& setup : all_setups()) {
    for (const Claim& claim : setup.claims) {
      CAPTURE(setup.family.name, setup.name, claim.figure, claim.exact, claim.tolerance);
      const double share = claim.tolerance / claim.exact;
      const bool quantile = claim.figure.find(".p") != std::string::npos;
      const bool loss = claim.figure.ends_with("_share") && claim.figure != "waited_share";
      if (claim.figure == "waited_share") {
        CHECK(claim.tolerance <= 0.0050001);
      } else if (loss) {
        CHECK(claim.tolerance <= std::max(0.02 * claim.exact, 5e-4) + 1e-12);
      } else {
        CHECK(share <= (quantile ? 0.0300001 : 0.0200001));
      }
    }
  }
}

}  // namespace
}  // namespace headgate::sim::theory
