#include "headgate/load/gate_report.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <nlohmann/json.hpp>

namespace headgate::load {
namespace {

using stats::GateVerdict;

stats::GateFinding finding(const char* metric, GateVerdict verdict, double change) {
  stats::GateFinding found;
  found.metric = stats::find_gate_metric(metric).value();
  found.verdict = verdict;
  found.pairs = 12;
  found.baseline = 2e6;
  found.candidate = 2e6 * (1 + change);
  found.change = change;
  found.low = change - 0.01;
  found.high = change + 0.01;
  found.effects = std::vector<double>(12, change);
  return found;
}

GateReport report_with(std::vector<stats::GateFinding> findings) {
  return {.baseline = "http://a/",
          .candidate = "http://b/",
          .how = "12 pairs",
          .findings = std::move(findings),
          .alpha = 0.01,
          .causes = {},
          .notes = {}};
}

TEST_CASE("gate report: the exit code is the worst verdict, and invalid before all") {
  const auto pass = finding("p50", GateVerdict::kPass, 0);
  const auto unsure = finding("p99", GateVerdict::kInconclusive, 0.1);
  const auto worse = finding("p99", GateVerdict::kRegression, 0.3);
  CHECK(exit_code(report_with({pass})) == ExitCode::kYes);
  CHECK(exit_code(report_with({pass, unsure})) == ExitCode::kInconclusive);
  CHECK(exit_code(report_with({unsure, worse, pass})) == ExitCode::kNo);
  GateReport invalid = report_with({pass});
  invalid.causes.emplace_back("the generator was late");
  CHECK(exit_code(invalid) == ExitCode::kInvalid);
  CHECK_THAT(to_text(invalid, false), Catch::Contains("verdict  INVALID"));
}

TEST_CASE("gate report: GitHub reads an annotation a line, with its special letters escaped") {
  // docs.github.com, workflow commands: %, CR and LF in values, and : and , in properties besides.
  const std::string text = github_text(report_with(
      {finding("p50", GateVerdict::kRegression, 0.2), finding("p99", GateVerdict::kPass, 0)}));
  CHECK_THAT(text, Catch::StartsWith("::error title=p50 REGRESSION::+20.00 %25 (+19.00 %25 … "
                                     "+21.00 %25), 2ms to 2.4ms, 12 pairs; +5 %25 is allowed\n"));
  CHECK_THAT(text, Catch::Contains("\n::notice title=p99 PASS::"));
  GateReport invalid = report_with({finding("p50", GateVerdict::kInconclusive, 0)});
  invalid.causes.emplace_back("a\nb");
  CHECK_THAT(github_text(invalid), Catch::Contains("::warning title=p50 INCONCLUSIVE::") &&
                                       Catch::Contains("::error title=INVALID::a%0Ab\n"));
}

TEST_CASE("gate report: in JUnit a regression is a failure and what is not sure an error") {
  const std::string text = junit_text(report_with({finding("p50", GateVerdict::kRegression, 0.2),
                                                   finding("p99", GateVerdict::kInconclusive, 0.1),
                                                   finding("throughput", GateVerdict::kPass, 0)}));
  CHECK_THAT(text, Catch::Contains("tests=\"3\" failures=\"1\" errors=\"1\""));
  CHECK_THAT(text, Catch::Contains("p50 changes by less than +5 %"));
  CHECK_THAT(text, Catch::Contains("throughput changes by less than -5 %"));
}

TEST_CASE("gate report: the Markdown is a heading and a table with a row for each metric") {
  const std::string text =
      markdown_text(report_with({finding("p50", GateVerdict::kRegression, 0.2)}));
  CHECK_THAT(text, Catch::StartsWith("## REGRESSION\n") &&
                       Catch::Contains("| p50 | 2ms | 2.4ms | +20.00 % | +19.00 % … +21.00 % | "
                                       "+5 % | REGRESSION |\n"));
}

TEST_CASE("gate report: an end that is not known is null in JSON, and said so in text") {
  auto unsure = finding("p50", GateVerdict::kInconclusive, 0.2);
  unsure.low = -1;  // the logarithm of the ratio was minus infinity
  unsure.high = std::numeric_limits<double>::infinity();
  const GateReport report = report_with({unsure});
  const auto json = gate_json(report);
  CHECK(json["verdict"] == "INCONCLUSIVE");
  CHECK(json["metrics"][0]["change"]["high"].is_null());
  CHECK(json["metrics"][0]["effects"].size() == 12);
  CHECK_THAT(to_text(report, false), Catch::Contains("not known"));
}

}  // namespace
}  // namespace headgate::load
