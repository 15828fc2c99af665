// `loadgen gate` and `loadgen ab` as commands: verdicts as exit codes, what they print and write.
#include <signal.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "support/loadgen.hpp"

namespace headgate::test {
namespace {

/// A shell line that starts a server which takes `time` for each request.
std::string serving(const std::string& time) {
  return command("loadgen") + " serve --bind 127.0.0.1:0 --workers 64 --time " + time;
}

std::string read_file_if_any(const std::string& path) {
  return std::filesystem::exists(path) ? read_file(path) : std::string{};
}

/// Flags of a short trial.
Argv short_trial(const std::string& a, const std::string& b, const Argv& more = {}) {
  Argv argv{"ab",   "--a-cmd",  a,      "--b-cmd",    b,   "-c", "16", "--slice-time",
            "30ms", "--warmup", "30ms", "--max-time", "6s"};
  argv.insert(argv.end(), more.begin(), more.end());
  return argv;
}

TEST_CASE("ab: a server that takes three times as long is a regression, in every output") {
  const TempDir dir;
  const auto file = [&dir](const char* name) { return dir.path() + "/" + name; };
  const Ended ended =
      loadgen(short_trial(serving("1ms"), serving("3ms"),
                          {"--metric", "p50,throughput", "--json", file("r.json"), "--junit",
                           file("r.xml"), "--markdown", file("r.md"), "--github", "--seed", "5"}));
  CAPTURE(ended.out, ended.err);
  REQUIRE(ended.exit_code == 1);
  CHECK_THAT(ended.out, Catch::Contains("verdict  REGRESSION"));
  CHECK_THAT(ended.out, Catch::Contains("::error title=p50 REGRESSION::"));
  CHECK_THAT(read_file(file("r.xml")), Catch::Contains("<failure type=\"failed\""));
  CHECK_THAT(read_file(file("r.md")), Catch::StartsWith("## REGRESSION"));
  const auto json = nlohmann::json::parse(read_file(file("r.json")));
  CHECK(json["format"] == "headgate.ab/1");
  CHECK(json["verdict"] == "REGRESSION");
  CHECK(json["seed"] == 5);
  CHECK(json["metrics"][0]["metric"] == "response_time.p50");
  CHECK(json["metrics"][0]["change"]["value"].get<double>() > 0.5);
  // Blocks are ABBA or BAAB, both occur, and the members of a pair have one seed.
  std::map<std::size_t, std::string> orders;
  for (const auto& slice : json["slices"]) {
    orders[slice["block"]] += slice["side"].get<std::string>();
  }
  std::set<std::string> seen;
  for (const auto& [block, order] : orders) seen.insert(order);
  CHECK(seen == std::set<std::string>{"ABBA", "BAAB"});
  CHECK(json["slices"][0]["seed"] == json["slices"][1]["seed"]);
  CHECK(json["slices"][1]["seed"] != json["slices"][2]["seed"]);
  CHECK(json["metrics"][0]["pairs"].get<std::size_t>() >= 10);
}

TEST_CASE("ab: a server beside itself is no regression") {
  TestUpstream upstream{{"--time", "1ms", "--workers", "64"}};
  const Ended ended = loadgen({"ab", "--a", upstream.url(), "--b", upstream.url(), "-R", "400/s",
                               "-c", "8", "--slice-time", "40ms", "--warmup", "30ms", "--max-time",
                               "5s", "--metric", "p50,failed_share", "--min-effect", "p50=60%"});
  CAPTURE(ended.out, ended.err);
  CHECK(ended.exit_code != 1);
  CHECK_THAT(ended.out, Catch::Contains(upstream.url()));
  CHECK(ended.err.empty());  // no progress in a pipe
}

TEST_CASE("ab: a duet measures both at once and finds the slower one") {
  const Ended ended = loadgen(
      short_trial(serving("1ms"), serving("4ms"),
                  {"--duet", "-R", "400/s", "--metric", "p50", "--spending", "obrien-fleming"}));
  CAPTURE(ended.out, ended.err);
  CHECK(ended.exit_code == 1);
  CHECK_THAT(ended.out, Catch::Contains("each a duet of 30ms"));
}

TEST_CASE("ab: too few slices are inconclusive, and it says how many pairs are needed") {
  TestUpstream upstream;
  const Ended ended =
      loadgen({"ab", "--a", upstream.url(), "--b", upstream.url(), "--slices", "8", "--slice-time",
               "20ms", "--warmup", "10ms", "--metric", "failed_share"});
  CHECK(ended.exit_code == 3);
  CHECK_THAT(ended.out, Catch::Contains("10 pairs are needed"));
  CHECK_THAT(ended.out, Catch::Contains("verdict  INCONCLUSIVE"));
}

TEST_CASE("ab: method, headers, body, path and plan reach the server") {
  const TempDir dir;
  TestUpstream upstream;
  const std::string plan = dir.write(
      "plan.yaml", "targets: [{url: \"http://127.0.0.1:1/\"}]\narrivals: {poisson: 200/s}\n");
  const Ended ended = loadgen({"ab",
                               "--a",
                               upstream.url(),
                               "--b-cmd",
                               serving("0ms"),
                               "--path",
                               "/x",
                               "--plan",
                               plan,
                               "-m",
                               "PUT",
                               "-b",
                               "hi",
                               "-H",
                               "x-api-key: k1",
                               "--timeout",
                               "1s",
                               "-t",
                               "1",
                               "--arrival",
                               "constant",
                               "--slices",
                               "4",
                               "--slice-time",
                               "20ms",
                               "--warmup",
                               "10ms",
                               "--alpha",
                               "0.05"});
  CHECK(ended.exit_code == 3);
  CHECK_THAT(ended.out, Catch::Contains("alpha 5 %"));
}

TEST_CASE("ab: wrong usage is exit 2 and says what is wrong") {
  const auto complaint = [](const Argv& flags) {
    Argv argv{"ab"};
    argv.insert(argv.end(), flags.begin(), flags.end());
    const Ended ended = loadgen(argv);
    CHECK(ended.exit_code == 2);
    CHECK(ended.out.empty());
    return ended.err;
  };
  const std::string url = "http://127.0.0.1:1/";
  CHECK_THAT(complaint({"--a", url}), Catch::Contains("--b URL or --b-cmd"));
  CHECK_THAT(complaint({"--a", url, "--a-cmd", "true", "--b", url}),
             Catch::Contains("either --a URL or --a-cmd"));
  CHECK_THAT(complaint({"--a", url, "--b", url, "--metric", "p49"}), Catch::Contains("p49"));
  CHECK_THAT(complaint({"--a", url, "--b", url, "--min-effect", "p99"}),
             Catch::Contains("p99=10%"));
  CHECK_THAT(complaint({"--a", url, "--b", url, "--max-time", "1"}), Catch::Contains("unit"));
  CHECK_THAT(complaint({"--a", url, "--b", url, "--max-time", "1s"}), Catch::Contains("no room"));
  CHECK_THAT(complaint({"--a", url, "--b", url, "--slices", "3"}), Catch::Contains("--slices"));
  CHECK_THAT(complaint({"--a", url, "--b", url, "-R", "5x"}), Catch::Contains("5x"));
  CHECK_THAT(complaint({"--a", url, "--b", url, "-H", "x"}), Catch::Contains("name: value"));
  CHECK_THAT(complaint({"--a", "ftp://x/", "--b", url}), Catch::Contains("ftp"));
  CHECK_FALSE(complaint({"--a", url, "--b", url, "--alpha", "2"}).empty());
  CHECK_FALSE(complaint({"--a", url, "--b", url, "--spending", "all"}).empty());
  CHECK_FALSE(complaint({"--a", url, "--b", url, "--plan", "missing.yaml"}).empty());
}

TEST_CASE("ab: who cannot be reached, or does not get ready, is exit 5") {
  const Ended refused = loadgen({"ab", "--a", "http://127.0.0.1:1/", "--b", "http://127.0.0.1:1/"});
  CHECK(refused.exit_code == 5);
  CHECK_THAT(refused.err, Catch::Contains("connection refused"));
  const Ended ended = loadgen({"ab", "--a-cmd", "exit 0", "--b", "http://127.0.0.1:1/"});
  CHECK(ended.exit_code == 5);
  CHECK_THAT(ended.err, Catch::Contains("ended before it was ready"));
}

TEST_CASE("ab: Ctrl-C ends it with what is there, and the servers that it started") {
  const TempDir dir;
  const std::string file = dir.path() + "/r.json";
  const std::string marked = "echo $$ > " + dir.path() + "/pid; exec " + serving("1ms");
  Process trial{{command("loadgen"), "ab", "--a-cmd", marked, "--b-cmd", serving("1ms"),
                 "--slice-time", "50ms", "--warmup", "50ms", "--json", file, "--metric", "max"}};
  REQUIRE(eventually([&] { return !read_file_if_any(dir.path() + "/pid").empty(); }));
  trial.signal(SIGINT);
  const Ended ended = trial.wait();
  CHECK(ended.exit_code == 3);
  CHECK_THAT(ended.out, Catch::Contains("interrupted"));
  CHECK(nlohmann::json::parse(read_file(file))["interrupted"] == true);
  const pid_t pid = std::stoi(read_file(dir.path() + "/pid"));
  CHECK(kill(pid, 0) != 0);
}

TEST_CASE("gate: stored runs, pair by pair, decide the exit code") {
  // Ten short runs of each; the faster first, so that the slower is a regression of it.
  TestUpstream fast{{"--time", "1ms", "--workers", "8"}};
  TestUpstream slow{{"--time", "3ms", "--workers", "8"}};
  const TempDir dir;
  Argv gate{"gate", "--metric", "p50"};
  Argv reversed{"gate", "--metric", "p50"};
  for (int i = 0; i < 10; ++i) {
    for (TestUpstream* upstream : {&fast, &slow}) {
      const std::string which = upstream == &fast ? "a" : "b";
      const std::string file = dir.path() + "/" + which + std::to_string(i) + ".json";
      const Ended one = loadgen({"run", "--url", upstream->url(), "-n", "20", "--json", file});
      REQUIRE(one.exit_code == 0);
      gate.insert(gate.end(), {which == "a" ? "--baseline" : "--candidate", file});
      reversed.insert(reversed.end(), {which == "b" ? "--baseline" : "--candidate", file});
    }
  }
  const Ended worse = loadgen(gate);
  CAPTURE(worse.out, worse.err);
  CHECK(worse.exit_code == 1);
  CHECK_THAT(worse.out, Catch::Contains("10 pairs of runs"));
  CHECK(loadgen(reversed).exit_code == 0);
}

TEST_CASE("gate: every output, from a few runs that decide nothing") {
  TestUpstream upstream;
  const TempDir dir;
  const std::string file = dir.path() + "/run.json";
  REQUIRE(loadgen({"run", "--url", upstream.url(), "-n", "20", "--json", file}).exit_code == 0);
  const Ended ended = loadgen({"gate",
                               "--baseline",
                               file,
                               "--baseline",
                               file,
                               "--candidate",
                               file,
                               "--candidate",
                               file,
                               "--json",
                               dir.path() + "/g.json",
                               "--junit",
                               dir.path() + "/g.xml",
                               "--markdown",
                               dir.path() + "/g.md",
                               "--github",
                               "--alpha",
                               "0.05",
                               "--min-effect",
                               "p99=20%"});
  CHECK(ended.exit_code == 3);
  CHECK_THAT(ended.out, Catch::Contains("2 pairs, and 10 are needed"));
  CHECK_THAT(ended.out, Catch::Contains("::warning title=p99 INCONCLUSIVE::"));
  const auto json = nlohmann::json::parse(read_file(dir.path() + "/g.json"));
  CHECK(json["format"] == "headgate.gate/1");
  CHECK(json["alpha"] == 0.05);
  CHECK(json["metrics"][1]["least_effect"] == 0.2);
  CHECK_THAT(read_file(dir.path() + "/g.xml"), Catch::Contains("inconclusive"));
  CHECK_THAT(read_file(dir.path() + "/g.md"), Catch::StartsWith("## INCONCLUSIVE"));
}

TEST_CASE("gate: a file that is missing, or no result, or cannot be written is exit 2") {
  const TempDir dir;
  const std::string other = dir.write("other.json", "{\"format\": \"x\"}");
  const Ended missing =
      loadgen({"gate", "--baseline", dir.path() + "/none.json", "--candidate", other});
  CHECK(missing.exit_code == 2);
  CHECK_THAT(missing.err, Catch::Contains("none.json"));
  const Ended wrong = loadgen({"gate", "--baseline", other, "--candidate", other});
  CHECK(wrong.exit_code == 2);
  CHECK_THAT(wrong.err, Catch::Contains("other.json") && Catch::Contains("headgate.load/1"));
  CHECK(loadgen({"gate", "--baseline", other}).exit_code == 2);
}

TEST_CASE("ab and gate: every example of the help works") {
  TestUpstream upstream{{"--time", "1ms", "--workers", "64"}};
  const TempDir dir;
  int examples = 0;
  for (const char* subcommand : {"ab", "gate"}) {
    for (std::string example : examples_of(subcommand)) {
      example =
          std::regex_replace(example, std::regex{"127\\.0\\.0\\.1:900[12]"}, upstream.address());
      example = std::regex_replace(example, std::regex{"-d 15s"}, "-d 1s");
      example =
          std::regex_replace(example, std::regex{"'loadgen "}, "'" + command("loadgen") + " ");
      CAPTURE(example);
      const Ended ended = run_example(dir, example);
      CAPTURE(ended.out, ended.err);
      // Which verdict it is depends on the machine; usage and reachability do not.
      CHECK(ended.exit_code != 2);
      CHECK(ended.exit_code != 5);
      ++examples;
    }
  }
  CHECK(examples == 5);
}

}  // namespace
}  // namespace headgate::test
