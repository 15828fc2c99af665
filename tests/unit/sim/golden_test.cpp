// Same seed, same bytes, whatever built the program: every preset compares with one committed file.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "headgate/report/file.hpp"
#include "headgate/sim/experiment.hpp"
#include "headgate/sim/results.hpp"

namespace headgate::sim {
namespace {

const std::string kFolder = std::string{HG_SOURCE_DIR} + "/tests/golden/sim/";

// The histogram's text form is left out: its compression is the zlib's affair, and all that it says
// is in the figures beside it.
std::string without_hdr(report::Json results) {
  for (report::Json& point : results["points"]) {
    point["response_time"].erase("hdr");
    point["queue_time"].erase("hdr");
  }
  return report::to_text(results);
}

TEST_CASE("golden: the mixture comes out byte for byte in every build") {
  const auto scenario = config::load_scenario_file(kFolder + "mixture.yaml");
  for (const config::Diagnostic& diagnostic : scenario.diagnostics) {
    UNSCOPED_INFO(config::to_text(diagnostic));
  }
  REQUIRE(scenario.ok());
  const auto results = run_experiment(scenario.value, {.threads = 2});
  REQUIRE(results.has_value());
  const std::string actual = without_hdr(results_json(*results));
  const std::string beside = std::string{HG_BUILD_DIR} + "/mixture.json";
  std::ofstream{beside} << actual;
  INFO("if the change is meant, copy " << beside << " to " << kFolder);
  const auto golden = report::read_file(kFolder + "mixture.json");
  REQUIRE(golden.has_value());
  CHECK(actual == *golden);
}

}  // namespace
}  // namespace headgate::sim
