// `loadgen search` as a command: its answer, its exit codes, every flag.
#include <catch2/catch.hpp>

#include "support/loadgen.hpp"

namespace headgate::test {
namespace {

Ended search_with(const Argv& flags) {
  Argv argv{"search"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  return loadgen(argv);
}

TEST_CASE("search: the limit of a server with a known capacity, roughly even in a few seconds") {
  // One worker, 5 ms each: at 200/s it is full, and one that comes evenly never waits below that.
  // Poisson load waits: M/D/1 has 2 % over 50 ms at about 180/s, so the answer lies between.
  TestUpstream upstream{{"--time", "5ms", "--workers", "1"}};
  const TempDir dir;
  const std::string file = dir.path() + "/s.json";
  const Ended ended =
      search_with({"--slo", "response_time.p95 < 50ms", "--url", upstream.url(), "--max-time", "8s",
                   "--start-rate", "50/s", "--max-rate", "1000/s", "--json", file, "--seed", "3"});
  CAPTURE(ended.out, ended.err);
  const auto json = nlohmann::json::parse(read_file(file));
  CHECK(json["format"] == "headgate.search/1");
  CHECK(json["seed"] == 3);
  CHECK(json["slices"].size() > 5);
  CHECK((ended.exit_code == 0 || ended.exit_code == 3));
  CHECK(json["highest_rate"]["high"].get<double>() > 120);
  CHECK(json["highest_rate"]["low"].get<double>() < 220);
  CHECK(ended.err.empty());  // no progress in a pipe
  CHECK_THAT(ended.out, Catch::Contains("highest rate"));
}

TEST_CASE("search: a promise that never holds is a no, one that always does says up to where") {
  TestUpstream upstream{{"--time", "30ms", "--workers", "100"}};
  const Ended never =
      search_with({"--slo", "response_time.mean < 10ms", upstream.url(),  // bare, as for run
                   "--start-rate", "20/s", "--max-time", "10s"});
  CAPTURE(never.out, never.err);
  CHECK(never.exit_code == 1);
  CHECK_THAT(never.out, Catch::Contains("does not hold even at 20/s"));
  const Ended always = search_with({"--slo",        "failed_share <= 10%",
                                    "--url",        upstream.url(),
                                    "--start-rate", "50/s",
                                    "--max-rate",   "200/s",
                                    "--max-time",   "5s",
                                    "-c",           "20",
                                    "-t",           "1",
                                    "-m",           "GET",
                                    "-H",           "x: y",
                                    "-b",           "z",
                                    "--timeout",    "2s"});
  CAPTURE(always.out, always.err);
  CHECK(always.exit_code == 0);
  CHECK_THAT(always.out, Catch::Contains("at least 200/s"));
}

TEST_CASE("search: too little time gives bounds without an interval, and exit 3") {
  TestUpstream upstream;
  const TempDir dir;
  const std::string plan =
      dir.write("plan.yaml", "targets: [{url: \"" + upstream.url() + "\"}]\nconnections: 4\n");
  const Ended ended =
      search_with({"--slo", "response_time.p99 < 20ms", "--plan", plan, "--max-time", "300ms"});
  CAPTURE(ended.out, ended.err);
  CHECK(ended.exit_code == 3);
  CHECK_THAT(ended.out, Catch::Contains("give a longer --max-time"));
}

TEST_CASE("search: wrong usage is exit 2, and a dead target exit 5") {
  const auto complaint = [](const Argv& flags) {
    Argv argv{"--url", "http://127.0.0.1:1/"};
    argv.insert(argv.end(), flags.begin(), flags.end());
    const Ended ended = search_with(argv);
    CHECK(ended.exit_code == 2);
    return ended.err;
  };
  CHECK_THAT(complaint({}), Catch::Contains("--slo"));
  CHECK_THAT(complaint({"--slo", "throughput > 5/s"}), Catch::Contains("no promise"));
  CHECK_THAT(complaint({"--slo", "response_time.max < 5ms"}), Catch::Contains("no promise"));
  CHECK_THAT(complaint({"--slo", "response_time.p98 < 5ms"}), Catch::Contains("p98"));
  const std::string slo = "response_time.p99 < 20ms";
  CHECK_THAT(complaint({"--slo", slo, "--max-time", "9"}), Catch::Contains("unit"));
  CHECK_THAT(complaint({"--slo", slo, "--start-rate", "0/s"}), Catch::Contains("below 1/s"));
  CHECK_THAT(complaint({"--slo", slo, "--start-rate", "20/s", "--max-rate", "10/s"}),
             Catch::Contains("above --max-rate"));
  CHECK_THAT(search_with({"--slo", slo}).err, Catch::Contains("--url"));
  const Ended dead = search_with({"--slo", slo, "--url", "http://127.0.0.1:1/"});
  CHECK(dead.exit_code == 5);
  CHECK_THAT(dead.err, Catch::Contains("connection refused"));
}

}  // namespace
}  // namespace headgate::test
