// `sim` as its users meet it: every shipped scenario, equal bytes, exit codes, signals.
#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace headgate {
namespace {

using test::Argv;
using test::Ended;
using test::TempDir;

const std::string kScenarios = std::string{HG_SOURCE_DIR} + "/scenarios/";

Ended sim(Argv arguments) {
  arguments.insert(arguments.begin(), test::command("sim"));
  return test::run(arguments);
}

std::vector<std::string> scenarios() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(kScenarios)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path().string());
  }
  std::ranges::sort(files);
  return files;
}

TEST_CASE("sim: every scenario gives equal bytes again, on one thread and on two") {
  const TempDir directory;
  REQUIRE(scenarios().size() >= 4);
  for (const std::string& file : scenarios()) {
    CAPTURE(file);
    // Short, so that it is quick under sanitizers too; the claims may then be in doubt. Some ask
    // what happens in an overload, which has no steady state: they run for a time.
    const bool timed = test::read_file(file).find("run: {duration:") != std::string::npos;
    const std::string length = timed ? "duration: 2s" : "jobs: 3k";
    const Argv reduced{"run", file, "--set", "run={" + length + ", replications: 4, seed: 5}"};
    std::vector<std::string> results;
    for (const char* threads : {"1", "2", "2"}) {
      Argv argv = reduced;
      const std::string json = directory.path() + "/" + std::to_string(results.size()) + ".json";
      argv.insert(argv.end(), {"--threads", threads, "--json", json});
      const Ended ended = sim(argv);
      CAPTURE(ended.err);
      CHECK((ended.exit_code == 0 || ended.exit_code == 1 || ended.exit_code == 3));
      CHECK(ended.err.empty());
      results.push_back(test::read_file(json));
    }
    CHECK(results[0] == results[1]);
    CHECK(results[0] == results[2]);
    const auto document = nlohmann::json::parse(results[0]);
    CHECK(document["format"] == "headgate.sim/1");
    CHECK_FALSE(document["question"].get<std::string>().empty());
    CHECK_FALSE(document["expect"].empty());
  }
}

TEST_CASE("sim: the whole of M/M/1 at half load is as expected") {
  const Ended ended =
      sim({"run", kScenarios + "mm1.yaml", "--set", "sweep.load=[0.5]", "--set",
           "run={jobs: 60k, seed: 1}", "--set", "expect=['response_time.mean = 20ms within 3%']"});
  CAPTURE(ended.out);
  CHECK(ended.exit_code == 0);
  CHECK(ended.out.find("Why should a server not be loaded beyond 80 %?") == 0);
  CHECK(ended.out.find("response_time.mean") != std::string::npos);
}

TEST_CASE("sim: results lie beside a manifest, and tell nothing of the machine themselves") {
  const TempDir directory;
  const std::string json = directory.path() + "/r.json";
  sim({"run", kScenarios + "mmc.yaml", "--set", "run={jobs: 500, replications: 2}", "--json",
       json});
  const auto manifest = nlohmann::json::parse(test::read_file(json + ".manifest.json"));
  CHECK(manifest["command"].at(1) == "run");
  CHECK(manifest["started_at"].is_string());
  const std::string results = test::read_file(json);
  CHECK(results.find(manifest["started_at"].get<std::string>()) == std::string::npos);
  CHECK(results.find(directory.path()) == std::string::npos);
}

TEST_CASE("sim: an expectation that fails is exit 1, one in doubt is exit 3") {
  const std::string mm1 = kScenarios + "mm1.yaml";
  const std::string run = "run={jobs: 2k, replications: 5}";
  const auto code = [&](const std::string& expect) {
    return sim({"run", mm1, "--set", run, "--set", "expect=['" + expect + "']"}).exit_code;
  };
  CHECK(code("response_time.mean < 10s") == 0);
  CHECK(code("response_time.mean < 1ms") == 1);
  CHECK(code("response_time.mean = 100ms within 0.01% at load=0.9") == 3);
}

TEST_CASE("sim: what cannot be read is exit 2 and says where") {
  const TempDir directory;
  const std::string file = directory.write(
      "wrong.yaml", "arrivals: {poison: 5/s}\nservices: {s: {time: {exponential: 1ms}}}\n");
  const Ended unknown = sim({"run", file});
  CHECK(unknown.exit_code == 2);
  CHECK(unknown.err.find("wrong.yaml:1:12") != std::string::npos);
  CHECK(unknown.err.find("poisson") != std::string::npos);  // did you mean
  CHECK(unknown.out.empty());
  CHECK(sim({"run", directory.path() + "/none.yaml"}).exit_code == 2);
  CHECK(sim({"run"}).exit_code == 2);
  CHECK(sim({"run", kScenarios + "mm1.yaml", "--set", "seed"}).exit_code == 2);
  CHECK(sim({"run", kScenarios + "mm1.yaml", "--pdf", "x.pdf"}).exit_code == 2);
  const std::string two = directory.write("two.yaml",
                                          "arrivals: {poisson: 5/s}\nservices: {a: {time: "
                                          "{exponential: 1ms}}, b: {time: {exponential: 1ms}}}\n");
  const Ended no_plan = sim({"run", two});
  CHECK(no_plan.exit_code == 2);
  CHECK(no_plan.err.find("exactly one service") != std::string::npos);
}

TEST_CASE("sim: the seed flag and the seed in the file are one") {
  const TempDir directory;
  const auto json = [&](const Argv& more) {
    const std::string path = directory.path() + "/seed.json";
    Argv argv{"run", kScenarios + "mm1.yaml", "--set", "run={jobs: 500, replications: 2}", "--json",
              path};
    argv.insert(argv.end(), more.begin(), more.end());
    sim(argv);
    return test::read_file(path);
  };
  CHECK(json({"--seed", "9"}) == json({"--set", "run.seed=9"}));
  CHECK(json({"--seed", "9"}) != json({"--seed", "8"}));
}

// Whether the process is sim already (not yet the test's own image, just forked) and has a handler
// for `number` in place. Source: proc(5), Name and SigCgt.
bool catches(pid_t pid, int number) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  bool is_sim = false;
  for (std::string line; std::getline(status, line);) {
    if (line == "Name:\tsim") is_sim = true;
    if (!line.starts_with("SigCgt:")) continue;
    const auto mask = std::stoull(line.substr(7), nullptr, 16);
    return is_sim && ((mask >> (number - 1)) & 1U) != 0;
  }
  return false;
}

TEST_CASE("sim: on SIGINT it ends cleanly with what was measured") {
  const TempDir directory;
  const std::string json = directory.path() + "/cut.json";
  test::Process process({test::command("sim"), "run", kScenarios + "mm1.yaml", "--set",
                         "run={jobs: 2G, replications: 2}", "--json", json});
  REQUIRE(test::eventually([&] { return catches(process.pid(), SIGINT); }));
  process.signal(SIGINT);
  const Ended ended = process.wait();
  CHECK(ended.exit_code == 3);
  CHECK(ended.out.find("interrupted") != std::string::npos);
  CHECK(nlohmann::json::parse(test::read_file(json))["interrupted"] == true);
}

TEST_CASE("sim: help ends in examples that work") {
  const Ended help = sim({"run", "--help"});
  CHECK(help.exit_code == 0);
  const auto examples = help.out.find("Examples:");
  REQUIRE(examples != std::string::npos);
  CHECK(help.out.find("sim run scenarios/mm1.yaml", examples) != std::string::npos);
  const Ended schema = sim({"schema"});
  CHECK(schema.exit_code == 0);
  CHECK(nlohmann::json::parse(schema.out)["properties"].contains("arrivals"));
}

}  // namespace
}  // namespace headgate
