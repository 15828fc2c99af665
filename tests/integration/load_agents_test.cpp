// Several agents and one schedule, as real processes.
#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <thread>

#include "support/free_port.hpp"
#include "support/loadgen.hpp"
#include "support/recording_upstream.hpp"

namespace headgate::test {
namespace {

/// The numbers of the requests `GET /n/NUMBER` in what a server has received, with repeats.
std::multiset<std::uint64_t> numbers_in(const std::string& received) {
  std::multiset<std::uint64_t> numbers;
  const std::string begin = "GET /n/";
  for (std::size_t at = received.find(begin); at != std::string::npos;
       at = received.find(begin, at + 1)) {
    numbers.insert(std::stoull(received.substr(at + begin.size(), 20)));
  }
  return numbers;
}

std::string bus() { return "tcp:127.0.0.1:" + std::to_string(free_port()); }

Argv run_with(const Argv& flags) {
  Argv argv{command("loadgen"), "run"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  return argv;
}

TEST_CASE("agents: three send each request of one schedule once, and their sum is exact") {
  RecordingUpstream upstream;
  const TempDir dir;
  const std::string plan = dir.write("plan.yaml", "targets: [{url: \"http://" + upstream.address() +
                                                      "/\"}]\n"
                                                      "requests: [{path: \"/n/{sequence}\"}]\n"
                                                      "arrivals: {poisson: 600/s}\n");
  const LoadResult result =
      run_load({"--agents", "3", "--local", "--plan", plan, "-c", "7", "-t", "2", "-n", "900"});
  INFO(result.ended.err << result.ended.out);
  REQUIRE(result.json.is_object());
  CHECK(result.total("scheduled") == 900);
  CHECK(result.total("ok") == 900);
  std::multiset<std::uint64_t> whole;
  for (std::uint64_t i = 0; i < 900; ++i) whole.insert(i);
  CHECK(numbers_in(upstream.take_received()) == whole);
  CHECK(result.histogram("response_time").count() == 900);
  std::uint64_t shares = 0;
  REQUIRE(result.json["agents"].size() == 3);
  for (const auto& [name, agent] : result.json["agents"].items()) {
    CHECK(agent["scheduled"] == 300);
    CHECK(std::abs(agent["clock_offset_ns"].get<double>()) < 5e6);
    shares += agent["scheduled"].get<std::uint64_t>();
  }
  CHECK(shares == 900);
}

TEST_CASE("agents: one that is killed is missed, and the rest is counted") {
  const TestUpstream upstream;
  const std::string address = bus();
  const TempDir dir;
  std::vector<Process> agents;
  for (const char* name : {"a", "b"}) {
    agents.emplace_back(
        Argv{command("loadgen"), "agent", "--join", address, "--once", "--name", name});
  }
  Process run{run_with({"--agents", "2", "--join", address, "--url", upstream.url(), "-c", "4",
                        "-R", "200/s", "-d", "2s", "--json", dir.path() + "/r.json"})};
  REQUIRE(eventually([&] { return run.err().contains("start: all ready"); }));
  agents[1].signal(SIGKILL);
  const Ended ended = run.wait();
  INFO(ended.err << ended.out);
  CHECK(ended.exit_code == 4);
  CHECK_THAT(ended.out, Catch::Contains("agent b is missing: nothing was heard of it for 3 s"));
  const auto json = nlohmann::json::parse(read_file(dir.path() + "/r.json"));
  CHECK(json["totals"]["scheduled"] == 200);  // a's half of 400
  CHECK(json["agents"]["a"]["scheduled"] == 200);
  CHECK(json["agents"]["b"].contains("missing"));
  CHECK_THAT(ended.out, Catch::Contains("200 of the schedule's 400 requests are missing"));
  CHECK(agents[0].wait().exit_code == 0);
}

TEST_CASE("agents: with --progress a pipe gets a line for each second of all of them") {
  const TestUpstream upstream;
  const Ended ended = run(run_with({"--agents", "2", "--local", "--url", upstream.url(), "-c", "2",
                                    "-R", "100/s", "-d", "2300ms", "--progress"}));
  CAPTURE(ended.err);
  CHECK(went_through(ended.exit_code));
  const std::regex lines{
      "start: all ready\n"
      "1 s  (9[0-9]|1[01][0-9])/s  p50 \\S+  p99 \\S+  max \\S+\n"
      "2 s  (9[0-9]|1[01][0-9])/s  p50 \\S+  p99 \\S+  max \\S+\n"
      "finished: "};
  CHECK(std::regex_search(ended.err, lines));
}

TEST_CASE("agents: Ctrl-C ends all of them with what was measured") {
  const TestUpstream upstream;
  Process run{run_with({"--agents", "2", "--local", "--url", upstream.url(), "-c", "2", "-R",
                        "100/s", "-d", "60s"})};
  REQUIRE(eventually([&] { return run.err().contains("start: all ready"); }));
  std::this_thread::sleep_for(Milliseconds{1200});  // some are sent by then
  run.signal(SIGINT);
  const Ended ended = run.wait();
  INFO(ended.err);
  CHECK_THAT(ended.out, Catch::Contains("interrupted") && Catch::Contains("local-1"));
}

TEST_CASE("agents: what cannot be is said, with its exit code") {
  const auto ends = [](const Argv& flags, int code, const std::string& words) {
    const Ended ended = run(run_with(flags));
    INFO(ended.err);
    CHECK(ended.exit_code == code);
    CHECK_THAT(ended.err, Catch::Contains(words));
  };
  const TestUpstream upstream;
  const Argv base{"--url", upstream.url()};
  const auto with = [&base](Argv more) {
    more.insert(more.end(), base.begin(), base.end());
    return more;
  };
  ends(with({"--agents", "2", "-c", "2"}), 2, "where do they join? give --join BUS, or --local");
  ends(with({"--agents", "2", "--local"}), 2, "each agent needs a connection, and there are 1");
  ends(with({"--agents", "1", "--join", "http://x"}), 2, "a bus is written tcp:HOST:PORT or");
  ends(with({"--agents", "2", "-c", "2", "--join", bus(), "--join-timeout", "200ms"}), 5,
       "0 of 2 agents joined within 0 s; start `loadgen agent --join tcp:127.0.0.1:");
  ends(with({"--slice", "3/3"}), 2, "a slice is written I/N, I from 0");
  ends(with({"--slice", "0/2"}), 2, "there are fewer connections than slices");
  ends({"--agents", "1", "--local", "--url",
        "http://127.0.0.1:" + std::to_string(free_port()) + "/"},
       5, "agent local-0: ");
  CHECK(loadgen({"agent"}).exit_code == 2);
}

TEST_CASE("agents: a standby waits for its start, and a slice is its part of the schedule") {
  const TestUpstream upstream;
  const Ended ended =
      run({"/bin/sh", "-c",
           "echo \"start $(date +%s%N)\" | " + command("loadgen") +
               " run --standby --slice 1/3 -c 3 -n 100 -R 1k/s --url " + upstream.url()});
  CHECK(ended.out.starts_with("ready\n"));
  CHECK_THAT(ended.out, Catch::Contains("33 scheduled"));  // 1, 4, … 97 + 1
  const Ended unheard =
      run({"/bin/sh", "-c",
           command("loadgen") + " run --standby --url " + upstream.url() + " </dev/null"});
  CHECK(unheard.exit_code == 2);
  CHECK_THAT(unheard.err, Catch::Contains("expected `start UNIX_NS`"));
}

}  // namespace
}  // namespace headgate::test
