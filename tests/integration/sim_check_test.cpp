// `sim check`, `sim list` and `sim new`: reading without running, and starting from what is there.
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "support/process.hpp"

namespace headgate {
namespace {

using test::Argv;
using test::Ended;
using test::TempDir;

const std::string kScenarioFolder = std::string{HG_SOURCE_DIR} + "/scenarios/";

Ended run_sim(Argv arguments) {
  arguments.insert(arguments.begin(), test::command("sim"));
  return test::run(arguments);
}

TEST_CASE("sim check: a scenario that can be run is counted, not run") {
  const Ended ended = run_sim({"check", kScenarioFolder + "mm1.yaml", "--set",
                               "sweep.load=0.5..0.95 step 0.05", "--set", "run.jobs=2G"});
  CAPTURE(ended.err);
  CHECK(ended.exit_code == 0);
  CHECK(ended.out == kScenarioFolder + "mm1.yaml: ok, 10 points\n");
}

TEST_CASE("sim check and sim run: a load without a steady state is an error at its line") {
  const TempDir directory;
  const std::string file = directory.write("over.yaml",
                                           "arrivals: {poisson: 1/s}\n"
                                           "services: {s: {time: {exponential: 10ms}}}\n"
                                           "sweep:\n"
                                           "  load: [0.9, 1.2]\n");
  for (const char* command : {"check", "run"}) {
    const Ended ended = run_sim({command, file});
    CHECK(ended.exit_code == 2);
    CHECK(ended.out.empty());
    CHECK(ended.err.find("over.yaml:4:3: error[GW003] 120/s for services.s") != std::string::npos);
    CHECK(ended.err.find("run.duration") != std::string::npos);
  }
  CHECK(run_sim({"check", file, "--set", "run.duration=10s"}).exit_code == 0);
}

TEST_CASE("sim check: every wrong file is said, and the others are still checked") {
  const TempDir directory;
  const std::string wrong = directory.write("wrong.yaml", "arrivals: {poisson: 5}\n");
  const Ended ended = run_sim({"check", wrong, kScenarioFolder + "mmc.yaml"});
  CHECK(ended.exit_code == 2);
  CHECK(ended.err.find("wrong.yaml:1:21") != std::string::npos);
  CHECK(ended.out.find("mmc.yaml: ok, 2 points") != std::string::npos);
}

TEST_CASE("sim list: every shipped scenario stands there with its question") {
  const Ended ended = run_sim({"list"});
  CHECK(ended.exit_code == 0);
  for (const auto& entry : std::filesystem::directory_iterator(kScenarioFolder)) {
    if (entry.path().extension() != ".yaml") continue;
    CAPTURE(entry.path());
    CHECK(ended.out.find("\n" + entry.path().stem().string() + " ") != std::string::npos);
  }
  CHECK(ended.out.find("Why should a server not be loaded beyond 80 %?") != std::string::npos);
  CHECK(ended.out.find("limited") == std::string::npos);  // a gateway, not a scenario
}

TEST_CASE("sim new: the copy can be run, and nothing is overwritten") {
  const TempDir directory;
  const std::string file = directory.path() + "/studies/limits.yaml";
  const Ended ended = run_sim({"new", "limits", "--from", "token_bucket", "-o", file});
  CAPTURE(ended.err);
  CHECK(ended.exit_code == 0);
  CHECK(test::read_file(file) == test::read_file(kScenarioFolder + "token_bucket.yaml"));
  CHECK(std::filesystem::exists(directory.path() + "/studies/gateways/limited.yaml"));
  CHECK(run_sim({"check", file}).exit_code == 0);
  const Ended again = run_sim({"new", "limits", "-o", file});
  CHECK(again.exit_code == 2);
  CHECK(again.err.find("is there already") != std::string::npos);
  const Ended unknown = run_sim({"new", "x", "--from", "balancer"});
  CHECK(unknown.exit_code == 2);
  CHECK(unknown.err.find("did you mean 'balancers'?") != std::string::npos);
}

}  // namespace
}  // namespace headgate
