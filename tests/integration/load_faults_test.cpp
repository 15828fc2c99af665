// Every way in which a request can end badly, against a server that does it on request: the
// client's buckets must be the server's counts, exactly.
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>

#include "support/faulty_server.hpp"
#include "support/loadgen.hpp"

namespace headgate::test {
namespace {

using namespace std::chrono_literals;

/// 40 requests to one path on 4 connections.
LoadResult forty(const FaultyServer& server, const std::string& path, const Argv& flags = {}) {
  Argv argv{"--url", "http://" + server.address() + path, "-n", "40", "-c", "4"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  LoadResult result = run_load(argv);
  CAPTURE(path, result.ended.err);
  REQUIRE(result.json.is_object());
  CHECK(server.requests(path) == 40);
  CHECK(result.total("scheduled") == 40);
  return result;
}

TEST_CASE("faults: sound answers of every framing are ok") {
  const FaultyServer server;
  for (const std::string path : {"/200", "/chunked", "/interim", "/until-close", "/last"}) {
    CAPTURE(path);
    const LoadResult result = forty(server, path);
    CHECK(result.total("ok") == 40);
    CHECK(result.json["statuses"]["200"] == 40);
    CHECK(result.json["errors"].empty());
    CHECK(result.json["response_time"]["count"] == 40);
  }
}

TEST_CASE("faults: a refusal is no failure, a failure no refusal, and neither is timed") {
  const FaultyServer server;
  const auto bucket = [&server](const std::string& path, const char* name) {
    const LoadResult result = forty(server, path);
    CHECK(result.json["response_time"]["count"] == 0);
    return result.total(name);
  };
  CHECK(bucket("/429", "refused") == 40);
  CHECK(bucket("/shed", "refused") == 40);
  CHECK(bucket("/503", "failed") == 40);
  CHECK(bucket("/404", "failed") == 40);
  CHECK(bucket("/500", "failed") == 40);
}

TEST_CASE("faults: each break of the transport is failed under its own name") {
  const FaultyServer server;
  const auto count = [&server](const std::string& path, const char* error) {
    const LoadResult result = forty(server, path);
    CHECK(result.total("failed") == 40);
    CHECK(result.json["errors"].size() == 1);
    return result.json["errors"].value(error, 0);
  };
  CHECK(count("/closed", "connection_closed") == 40);
  CHECK(count("/reset", "connection_reset") == 40);
  CHECK(count("/half", "truncated_response") == 40);
  CHECK(count("/garbage", "bad_response") == 40);
  CHECK(count("/two-lengths", "bad_response") == 40);
}

TEST_CASE("faults: a reset within a body is a reset") {
  // The bytes before it may have been read or be lost with it; both are the same failure.
  const FaultyServer server;
  const LoadResult result = forty(server, "/reset-half");
  CHECK(result.total("failed") == 40);
  CHECK(result.json["errors"]["connection_reset"] == 40);
}

TEST_CASE("faults: an answer that does not come is timed out, and timed as that long") {
  const FaultyServer server;
  const LoadResult result = forty(server, "/silent", {"--timeout", "100ms"});
  CHECK(result.total("timed_out") == 40);
  const auto response = result.histogram("response_time");
  CHECK(response.count() == 40);
  CHECK(response.min() >= 99ms);             // to three digits
  CHECK(result.json["series"].size() >= 2);  // ten rounds of 100 ms on four connections
}

TEST_CASE("faults: in a closed loop what is unanswered at the end is in flight") {
  const FaultyServer server;
  const LoadResult result =
      run_load({"--url", "http://" + server.address() + "/silent", "-d", "300ms", "-c", "4"});
  CHECK(result.total("scheduled") == 4);
  CHECK(result.total("in_flight") == 4);
  CHECK(server.requests() == 4);
  // 0.3 s of the run and the second of grace at its end.
  CHECK(result.histogram("response_time").min() >= 1299ms);
}

TEST_CASE("faults: in an open loop what finds no connection is not sent, and timed too") {
  const FaultyServer server;
  const LoadResult result = run_load(
      {"--url", "http://" + server.address() + "/silent", "-R", "100/s", "-d", "500ms", "-c", "4"});
  CHECK(result.total("scheduled") == 50);  // 100/s for half a second, the first at once
  CHECK(result.total("in_flight") == 4);
  CHECK(result.total("not_sent") == 46);
  CHECK(server.requests() == 4);
  const auto response = result.histogram("response_time");
  CHECK(response.count() == 50);
  CHECK(response.min() >= 1000ms);  // even the last one due, at 490 ms, waited out the grace
  CHECK(result.json["service_time"]["count"] == 4);
}

TEST_CASE("faults: what waits longer than the timeout is given up unsent") {
  const FaultyServer server;
  const LoadResult result = run_load({"--url", "http://" + server.address() + "/silent", "-R",
                                      "100/s", "-n", "20", "-c", "1", "--timeout", "200ms"});
  // The one connection is held for 200 ms by each request it is given, and none is answered.
  CHECK(result.total("scheduled") == 20);
  CHECK(result.total("timed_out") + result.total("not_sent") == 20);
  CHECK(result.total("timed_out") == server.requests());
  CHECK(result.total("not_sent") > 0);
}

TEST_CASE("faults: several targets with weights are each counted for themselves") {
  const FaultyServer server;
  const TempDir dir;
  const std::string base = "http://" + server.address();
  const std::string plan = dir.write("plan.yaml",
                                     "targets:\n"
                                     "- {url: \"" +
                                         base +
                                         "/200\", weight: 6}\n"
                                         "- {url: \"" +
                                         base +
                                         "/429\", weight: 3}\n"
                                         "- {url: \"" +
                                         base +
                                         "/half\", weight: 1}\n"
                                         "connections: 8\ncount: 500\nthreads: 2\n");
  const LoadResult result = run_load({"--plan", plan});
  REQUIRE(result.json.is_object());
  CHECK(result.total("scheduled") == 500);
  const auto target = [&](const char* path) { return result.json["targets"][base + path]; };
  CHECK(target("/200")["ok"] == server.requests("/200"));
  CHECK(target("/429")["refused"] == server.requests("/429"));
  CHECK(target("/half")["failed"] == server.requests("/half"));
  CHECK(server.requests() == 500);
  // Binomial, n = 500: deviations 11, 10 and 7; four of them.
  CHECK(server.requests("/200") == Approx(300).margin(44));
  CHECK(server.requests("/429") == Approx(150).margin(41));
  CHECK(server.requests("/half") == Approx(50).margin(27));
}

TEST_CASE("faults: a target that dies is met with pauses, and its errors are named") {
  auto server = std::make_unique<FaultyServer>();
  const TempDir dir;
  const std::string file = dir.path() + "/result.json";
  Process load{{command("loadgen"), "run", "--url", "http://" + server->address() + "/200", "-d",
                "2s", "-c", "4", "--json", file}};
  REQUIRE(eventually([&server] { return server->requests() > 100; }));
  server.reset();
  CHECK(load.wait().exit_code != 5);  // it was there at the start
  const auto json = nlohmann::json::parse(read_file(file));
  const std::uint64_t refused = json["errors"]["connection_refused"];
  CHECK(refused > 0);
  // Pauses of 10, 20, … 160 ms: 4 clients, at most 2 s; a hot loop would be thousands.
  CHECK(refused < 4 * (5 + 2000 / 160));
  CHECK(json["totals"]["ok"] > 100);
}

}  // namespace
}  // namespace headgate::test
