// `loadgen bus` as a user runs it.
#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "support/loadgen.hpp"

namespace headgate::test {
namespace {

struct BusResult {
  Ended ended;
  nlohmann::json json;
};

BusResult run_bus(const Argv& flags) {
  const TempDir dir;
  const std::string file = dir.path() + "/bus.json";
  Argv argv{"bus", "--json", file};
  argv.insert(argv.end(), flags.begin(), flags.end());
  BusResult result{.ended = loadgen(argv), .json = {}};
  if (std::filesystem::exists(file)) result.json = nlohmann::json::parse(read_file(file));
  return result;
}

TEST_CASE("bus: a topic in memory, every flag of its shape and pace") {
  const auto [ended, json] =
      run_bus({"--store",  "memory", "--durability", "memory",  "--topic",     "t",
               "--topics", "2",      "--partitions", "2",       "--producers", "1",
               "--groups", "2",      "--consumers",  "2",       "--size",      "100B",
               "-R",       "2k/s",   "--arrival",    "poisson", "--inflight",  "50",
               "-d",       "800ms",  "--warmup",     "200ms",   "--drain",     "1s",
               "--memory", "64MiB",  "--seed",       "7"});
  INFO(ended.out << ended.err);
  CHECK(json["format"] == "headgate.bus/1");
  CHECK(json["durability"] == "memory");
  CHECK(json["held"] == true);
  const std::uint64_t ok = json["totals"]["ok"];
  CHECK(json["totals"]["scheduled"] == ok);
  CHECK(static_cast<double>(ok) == Approx(1600).margin(200));  // five deviations of 40
  REQUIRE(json["groups"].size() == 2);
  for (const auto& group : json["groups"]) {
    CHECK(group["published"] == ok);
    CHECK(group["consumed"] == ok);
    CHECK(group["lost"] == 0);
    CHECK(group["duplicated"] == 0);
  }
  const auto decoded = stats::Histogram::decode(json["publish_time"]["hdr"].get<std::string>());
  CHECK(decoded->count() == json["publish_time"]["count"]);
  CHECK(json["publish_time"]["count"] < ok);  // without the warm-up
  CHECK_THAT(ended.out, Catch::Contains("durability memory") && Catch::Contains("accounts  held"));
}

TEST_CASE("bus: a journal to disk, its messages there for the next run and not counted again") {
  const TempDir dir;
  const Argv flags{
      "--store", "journal:" + dir.path() + "/j", "--durability", "disk", "-n", "3000", "--size",
      "256B"};
  for (int round = 0; round < 2; ++round) {
    const auto [ended, json] = run_bus(flags);
    INFO(ended.out << ended.err);
    CHECK(ended.exit_code == 0);
    CHECK(json["store"] == "journal");
    CHECK(json["durability"] == "disk");
    CHECK(json["groups"][0]["consumed"] == 3000);
    CHECK(json["groups"][0]["foreign"] == 0);
  }
}

TEST_CASE("bus: a queue with leases, some deliveries given back, none lost") {
  const auto [ended, json] = run_bus({"--queue", "work", "--consumers", "3", "--nack", "10%",
                                      "--lease", "5s", "--max-deliveries", "50", "-n", "2000"});
  INFO(ended.out << ended.err);
  CHECK(ended.exit_code == 0);
  CHECK(json["queue"] == "work");
  CHECK(json["groups"][0]["settled"] == 2000);
  CHECK(json["groups"][0]["redelivered"].get<int>() > 100);
  CHECK(json["groups"][0]["settle_time"]["count"] == 2000);
}

TEST_CASE("bus: a backlog by plan and workload, and expectations of it") {
  const TempDir dir;
  const std::string plan =
      dir.write("bus.yaml",
                "workload: 1-topic-4-partitions-1kb-2p-2c-max-rate-backlog\nbacklog: 5k\n"
                "expect: ['lost <= 0', 'backlog.max >= 5000']\n");
  const auto [ended, json] = run_bus({"--plan", plan, "--expect", "duplicated > 0"});
  INFO(ended.out << ended.err);
  CHECK(ended.exit_code == 1);  // nothing is duplicated
  CHECK(json["backlog"]["built"] == 5000);
  CHECK(json["expect"][0]["passed"] == true);
  CHECK(json["expect"][1]["passed"] == true);
  CHECK(json["expect"][2]["passed"] == false);
}

TEST_CASE("bus: rows for each second and test cases for CI") {
  const TempDir dir;
  const std::string csv = dir.path() + "/bus.csv";
  const std::string junit = dir.path() + "/bus.xml";
  const Ended ended = loadgen({"bus", "-R", "1k/s", "-d", "1500ms", "--groups", "2", "--csv", csv,
                               "--junit", junit, "--expect", "throughput > 1G/s"});
  INFO(ended.out << ended.err);
  std::istringstream rows{read_file(csv)};
  std::string row;
  std::getline(rows, row);
  CHECK(row == "second,scheduled,published,consumed_0,consumed_1,backlog\r");
  std::array<std::uint64_t, 4> sums{};
  while (std::getline(rows, row)) {
    std::istringstream cells{row};
    std::string cell;
    std::getline(cells, cell, ',');
    for (std::uint64_t& sum : sums) {
      REQUIRE(std::getline(cells, cell, ','));
      sum += std::stoull(cell);
    }
  }
  CHECK(sums == std::array<std::uint64_t, 4>{1500, 1500, 1500, 1500});
  const std::string cases = read_file(junit);
  CHECK_THAT(cases, Catch::Contains("tests=\"3\"") && Catch::Contains("comes once, whole") &&
                        Catch::Contains("throughput"));
  // A failure, or an error if the run was not valid.
  CHECK_THAT(cases, Catch::Contains("<failure") || Catch::Contains("<error"));
  const Ended nowhere = loadgen({"bus", "-n", "10", "--junit", dir.path() + "/no/x.xml"});
  CHECK(nowhere.exit_code == 2);
  CHECK_THAT(nowhere.err, Catch::Contains("there is no folder for it"));
  CHECK(nowhere.out.empty());  // before the run, not after it
}

TEST_CASE("bus: Ctrl-C ends it with what was measured") {
  Process process{{command("loadgen"), "bus", "-R", "1k/s", "-d", "60s", "--workload",
                   "1-topic-1-partition-100b"}};
  std::this_thread::sleep_for(Milliseconds{500});
  process.signal(SIGINT);
  const Ended ended = process.wait();
  INFO(ended.out << ended.err);
  CHECK_THAT(ended.out, Catch::Contains("interrupted") && Catch::Contains("accounts  held"));
}

TEST_CASE("bus: what cannot be is said, with its exit code") {
  const auto ends = [](const Argv& flags, int code, const std::string& words) {
    Argv argv{"bus"};
    argv.insert(argv.end(), flags.begin(), flags.end());
    const Ended ended = loadgen(argv);
    INFO(ended.err);
    CHECK(ended.exit_code == code);
    CHECK_THAT(ended.err, Catch::Contains(words));
  };
  ends({"--store", "sqlite:x"}, 2, "a store is written memory, journal:DIR or kafka:HOST:PORT");
  ends({"--durability", "disk"}, 2, "the memory store cannot give more than memory");
  ends({"--durability", "fsync"}, 2, "durability is memory, os or disk");
  ends({"--workload", "1-topic-json"}, 2, "'json' is not known");
  ends({"--size", "8B"}, 2, "a message has 32B");
  ends({"--rate", "0/s"}, 2, "a rate is more than zero");
  ends({"--queue", "q", "--groups", "2"}, 2, "a queue has one topic");
  ends({"--linger", "soon"}, 2, "--linger soon");
  ends({"--plan", "/nowhere/bus.yaml"}, 2, "/nowhere/bus.yaml");
  ends({"--partitions", "0"}, 2, "--partitions");
  const TempDir dir;
  ends({"--plan", dir.write("p.yaml", "partition: 2\n")}, 2, "did you mean 'partitions'?");
}

TEST_CASE("schema: of both plans, as JSON") {
  for (const Argv& which : {Argv{}, Argv{"load"}, Argv{"bus"}}) {
    Argv argv{"schema"};
    argv.insert(argv.end(), which.begin(), which.end());
    const auto schema = nlohmann::json::parse(loadgen(argv).out);
    CHECK(schema["properties"].contains("arrivals"));
    CHECK(schema["properties"].contains("workload") == (which == Argv{"bus"}));
  }
}

}  // namespace
}  // namespace headgate::test
