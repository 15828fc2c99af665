// `sim compare` and `sim capacity` as their users meet them.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "support/process.hpp"

namespace headgate {
namespace {

using test::Argv;
using test::Ended;
using test::TempDir;

const std::string kShipped = std::string{HG_SOURCE_DIR} + "/scenarios/";

Ended command_of(Argv arguments) {
  arguments.insert(arguments.begin(), test::command("sim"));
  return test::run(arguments);
}

TEST_CASE("sim compare: two configs meet the same customers, and their difference is certain") {
  const TempDir directory;
  const std::string b = directory.write("b.yaml",
                                        "arrivals: {poisson: 50/s}\n"
                                        "services: {server: {time: {exponential: 9.9ms}}}\n"
                                        "sweep: {load: [0.5, 0.7]}\n");
  const std::string json = directory.path() + "/c.json";
  const Ended ended = command_of({"compare", kShipped + "mm1.yaml", b, "--set",
                                  "run={jobs: 4k, replications: 6, seed: 2}", "--set", "expect=[]",
                                  "--json", json});
  CAPTURE(ended.err);
  CHECK(ended.exit_code == 0);
  CHECK(ended.out.find("load=0.5") == 0);
  CHECK(ended.out.find("A is more") != std::string::npos);
  const auto document = nlohmann::json::parse(test::read_file(json));
  REQUIRE(document["points"].size() == 1);  // 0.8 and 0.9 are A's alone, 0.7 is B's
  // At equal loads the queues are one in two scales of time: 20 ms against 19.8 ms.
  const auto& mean = document["points"][0]["figures"]["response_time.mean"];
  CHECK(mean["correlation"] > 0.999);
  CHECK(mean["difference"]["low"] > 0.1e6);
  CHECK(mean["difference"]["low"] < 0.2e6);
  CHECK(mean["difference"]["high"] > 0.2e6);
}

TEST_CASE("sim compare: scenarios without a point in common are refused") {
  const Ended ended = command_of({"compare", kShipped + "mm1.yaml", kShipped + "mm1.yaml", "--set",
                                  "run={jobs: 50, replications: 2}", "--set", "sweep.load=[0.1]"});
  CHECK(ended.exit_code == 0);
  const TempDir directory;
  const std::string b = directory.write("b.yaml",
                                        "arrivals: {poisson: 50/s}\n"
                                        "services: {server: {time: {exponential: 10ms}}}\n");
  const Ended apart = command_of({"compare", kShipped + "mm1.yaml", b, "--set",
                                  "run={jobs: 50, replications: 2}", "--set", "expect=[]"});
  CHECK(apart.exit_code == 2);
  CHECK(apart.err.find("no point in common") != std::string::npos);
}

TEST_CASE("sim capacity: a table, a document, and errors at their lines") {
  const TempDir directory;
  const std::string json = directory.path() + "/c.json";
  const Ended ended = command_of({"capacity", kShipped + "mm1.yaml", "--set", "sweep={}", "--set",
                                  "expect=[]", "--set", "run={jobs: 2k, replications: 4}", "--slo",
                                  "response_time.p99 < 200ms", "--json", json});
  CAPTURE(ended.err);
  CHECK(ended.exit_code == 0);
  CHECK(ended.out.find("highest rate") != std::string::npos);
  const auto document = nlohmann::json::parse(test::read_file(json));
  CHECK(document["format"] == "headgate.capacity/1");
  // ln(100) * 10 ms / (1 - load) = 200 ms at 77 % load.
  CHECK(document["highest"]["low"] < 77);
  CHECK(document["highest"]["high"] > 77);
  const Ended swept =
      command_of({"capacity", kShipped + "mm1.yaml", "--slo", "response_time.p99 < 200ms"});
  CHECK(swept.exit_code == 2);
  CHECK(swept.err.find("mm1.yaml:8:1: error[GW003] has several points") != std::string::npos);
  CHECK(command_of({"capacity", kShipped + "mm1.yaml", "--slo", "p99"}).exit_code == 2);
}

}  // namespace
}  // namespace headgate
