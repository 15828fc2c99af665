// A study in parts, made by processes of their own and joined: the bytes of a whole run.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace headgate {
namespace {

using test::Argv;
using test::Ended;
using test::TempDir;

const std::string kShardedScenario = std::string{HG_SOURCE_DIR} + "/scenarios/token_bucket.yaml";

Ended sim_of(Argv arguments) {
  arguments.insert(arguments.begin(), test::command("sim"));
  return test::run(arguments);
}

Argv with_run(Argv arguments, const std::string& run) {
  arguments.insert(arguments.end(), {"--set", "run=" + run, "--threads", "1"});
  return arguments;
}

// The whole run and its parts, `replications` of each of nine points.
struct Study {
  TempDir directory;
  std::string run;
  std::string scenario = kShardedScenario;

  [[nodiscard]] std::string path(const std::string& name) const {
    return directory.path() + "/" + name;
  }
  [[nodiscard]] Ended whole() const {
    return sim_of(with_run({"run", scenario, "--json", path("whole")}, run));
  }
  void part(const std::string& shard, const std::string& name) const {
    const Ended ended =
        sim_of(with_run({"run", scenario, "--shard", shard, "--json", path(name)}, run));
    CAPTURE(ended.err);
    CHECK(ended.exit_code == 0);
    CHECK(ended.out.empty());
  }
};

TEST_CASE("sim merge: parts of GNU parallel are joined to the bytes of a whole run") {
  const Study study{.directory = {}, .run = "{jobs: 300, replications: 3, seed: 5}"};
  const Ended whole = study.whole();
  CHECK(whole.err.empty());
  // Eleven parts of 27 replications: they end within points, and begin there.
  const Ended parallel = test::run({"parallel",
                                    "-j2",
                                    test::command("sim"),
                                    "run",
                                    kShardedScenario,
                                    "--set",
                                    "'run=" + study.run + "'",
                                    "--threads",
                                    "1",
                                    "--shard",
                                    "{}/11",
                                    "--json",
                                    study.path("{}.part"),
                                    ":::",
                                    "1",
                                    "2",
                                    "3",
                                    "4",
                                    "5",
                                    "6",
                                    "7",
                                    "8",
                                    "9",
                                    "10",
                                    "11"});
  CAPTURE(parallel.err);
  REQUIRE(parallel.exit_code == 0);
  Argv merge{"merge", "--json", study.path("merged")};
  for (int i = 11; i >= 1; --i) merge.push_back(study.path(std::to_string(i) + ".part"));
  const Ended merged = sim_of(merge);
  CAPTURE(merged.err);
  CHECK(test::read_file(study.path("merged")) == test::read_file(study.path("whole")));
  CHECK(merged.out == whole.out);
  CHECK(merged.exit_code == whole.exit_code);
}

TEST_CASE("sim merge: one long run, and more parts than work, join too") {
  const Study study{.directory = {}, .run = "{jobs: 600, replications: 1}"};
  const Ended whole = study.whole();
  CHECK(whole.err.empty());
  Argv merge{"merge", "--json", study.path("merged")};
  for (int i = 1; i <= 12; ++i) {
    const std::string name = std::to_string(i) + ".part";
    study.part(std::to_string(i) + "/12", name);
    merge.push_back(study.path(name));
  }
  CHECK(sim_of(merge).exit_code == whole.exit_code);
  CHECK(test::read_file(study.path("merged")) == test::read_file(study.path("whole")));
}

TEST_CASE("sim merge: what topics, queues and subscribers did joins too") {
  for (const char* name : {"kafka_linger_acks", "lease_length"}) {
    const Study study{.directory = {},
                      .run = "{jobs: 200, replications: 2}",
                      .scenario = std::string{HG_SOURCE_DIR} + "/scenarios/" + name + ".yaml"};
    CAPTURE(name, study.whole().err);
    Argv merge{"merge", "--json", study.path("merged")};
    for (int i = 1; i <= 3; ++i) {
      study.part(std::to_string(i) + "/3", std::to_string(i));
      merge.push_back(study.path(std::to_string(i)));
    }
    const Ended merged = sim_of(merge);
    CAPTURE(merged.err);
    CHECK(merged.out.find("age.p99") != std::string::npos);
    CHECK(test::read_file(study.path("merged")) == test::read_file(study.path("whole")));
  }
}

TEST_CASE("sim merge: parts that do not make a whole are refused by name") {
  const Study study{.directory = {}, .run = "{jobs: 50, replications: 2}"};
  study.part("1/3", "1");
  study.part("2/3", "2");
  study.part("3/3", "3");
  const auto error_of = [&](const Argv& parts) {
    Argv argv{"merge"};
    for (const std::string& part : parts) argv.push_back(study.path(part));
    const Ended ended = sim_of(argv);
    CHECK(ended.exit_code == 2);
    CHECK(ended.out.empty());
    return ended.err;
  };
  CHECK(error_of({"1", "3"}) == "sim: part 2/3: is missing\n");
  CHECK(error_of({"1", "2", "3", "1"}) == "sim: part 1/3: is there twice\n");
  Study other{.directory = {}, .run = "{jobs: 60, replications: 2}"};
  other.part("2/3", "other");
  const Ended mixed = sim_of({"merge", study.path("1"), other.path("other"), study.path("3")});
  CHECK(mixed.exit_code == 2);
  CHECK(mixed.err == "sim: part 2/3: is not of this scenario as it stands now\n");
  CHECK(error_of({"1", "2", "none"}).find("none") != std::string::npos);
  const std::string noise = study.directory.write("noise", "{\"format\": 1}");
  CHECK(sim_of({"merge", noise}).err.find("is no") != std::string::npos);
}

TEST_CASE("sim run --shard: what cannot be shared out is refused") {
  const TempDir directory;
  const std::string mm1 = std::string{HG_SOURCE_DIR} + "/scenarios/mm1.yaml";
  const std::string json = directory.path() + "/p";
  const Ended precision = sim_of({"run", mm1, "--shard", "1/2", "--json", json});
  CHECK(precision.exit_code == 2);
  CHECK(precision.err.find("mm1.yaml:9:18: error[GW003] decides as it goes") != std::string::npos);
  const std::string fixed = "run={jobs: 50, replications: 2}";
  for (const char* shard : {"0/2", "3/2", "1", "a/b", "1/2/3"}) {
    CAPTURE(shard);
    const Ended ended = sim_of({"run", mm1, "--set", fixed, "--shard", shard, "--json", json});
    CHECK(ended.exit_code == 2);
    CHECK(ended.err.find("as in 3/16") != std::string::npos);
  }
  CHECK(sim_of({"run", mm1, "--set", fixed, "--shard", "1/2"}).err.find("needs --json") !=
        std::string::npos);
}

}  // namespace
}  // namespace headgate
