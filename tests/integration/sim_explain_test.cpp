// `sim explain` as its users meet it.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "support/process.hpp"

namespace headgate {
namespace {

using test::Argv;
using test::Ended;
using test::TempDir;

// One server of ten is five times as slow, and random picks do not notice.
constexpr const char* kSlowServer = R"(
arrivals: {poisson: 100/s}
services:
  orders:
    targets: 10
    time: {exponential: 10ms}
    balance: {policy: random}
    except: [{target: 3, time: {exponential: 50ms}}]
sweep: {policy: {path: services.orders.balance.policy, values: [random, two_choices]}}
run: {jobs: 20k, replications: 2, seed: 1}
)";

Ended explain(Argv arguments) {
  arguments.insert(arguments.begin(), {test::command("sim"), "explain"});
  return test::run(arguments);
}

TEST_CASE("sim explain: the slowest requests are those of the slow server") {
  const TempDir directory;
  const std::string file = directory.write("s.yaml", kSlowServer);
  const std::string json = directory.path() + "/why.json";
  const Ended ended = explain({file, "--at", "policy=random", "--slowest", "1%", "--json", json});
  CAPTURE(ended.out, ended.err);
  REQUIRE(ended.exit_code == 0);
  CHECK(ended.err.empty());
  const auto document = nlohmann::json::parse(test::read_file(json));
  CHECK(document["format"] == "headgate.explain/1");
  REQUIRE(document["points"].size() == 1);
  const auto& point = document["points"][0];
  CHECK(point["at"]["policy"] == "random");
  CHECK(point["requests"] == 20'000);
  CHECK(point["slowest"]["requests"] == 200);
  double at_slow_one = 0;
  double of_all = 0;
  for (const auto& stage : point["stages"]) {
    if (stage["target"] == "orders/3") at_slow_one += stage["slowest_share"].get<double>();
    of_all += stage["slowest_share"].get<double>();
  }
  CHECK(of_all == Approx(1));
  // M/M/1 of 50 ms at half load takes 100 ms on average; the nine others 11 ms, of which e^-9 are
  // as slow as that.
  CHECK(at_slow_one > 0.95);
  CHECK(ended.out.contains("of the "));
}

TEST_CASE("sim explain: without --at every point is explained") {
  const TempDir directory;
  const Ended ended = explain({directory.write("s.yaml", kSlowServer), "--set", "run.jobs=1k"});
  CHECK(ended.exit_code == 0);
  CHECK(ended.out.contains("policy=random, 1000 requests"));
  CHECK(ended.out.contains("policy=two_choices, 1000 requests"));
}

TEST_CASE("sim explain: what is asked wrongly is said, with what would be right") {
  const TempDir directory;
  const std::string file = directory.write("s.yaml", kSlowServer);
  const auto refused = [&](const Argv& more) {
    Argv argv{file};
    argv.insert(argv.end(), more.begin(), more.end());
    const Ended ended = explain(argv);
    CHECK(ended.exit_code == 2);
    CHECK(ended.out.empty());
    return ended.err;
  };
  CHECK(refused({"--at", "policy=best"}) ==
        "sim: --at: no point of the scenario is there: its points are policy=random; "
        "policy=two_choices\n");
  CHECK(refused({"--at", "policy"}).contains("takes DIMENSION=VALUE"));
  CHECK(refused({"--slowest", "100%"}).contains("a share between 0 and 1"));
  CHECK(refused({"--set", "nothing"}).contains("--set takes PATH=VALUE"));
}

}  // namespace
}  // namespace headgate
