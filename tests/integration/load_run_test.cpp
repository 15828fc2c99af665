// `loadgen run` as a command: flags and plans, exit codes, what it prints and writes, how it ends.
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <regex>

#include "support/faulty_server.hpp"
#include "support/loadgen.hpp"

namespace headgate::test {
namespace {

using namespace std::chrono_literals;

/// An address that nobody listens on: bound, and never made to listen.
class DeadAddress {
 public:
  DeadAddress() : fd_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    REQUIRE(bind(fd_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    REQUIRE(getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
  }
  DeadAddress(const DeadAddress&) = delete;
  DeadAddress& operator=(const DeadAddress&) = delete;
  ~DeadAddress() { close(fd_); }
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  int fd_;
  std::string url_;
};

TEST_CASE("run: a target that is dead at the start is exit 5, with a word on why") {
  const DeadAddress dead;
  const Ended ended = loadgen({"run", "--url", dead.url(), "-d", "1s"});
  CHECK(ended.exit_code == 5);
  CHECK_THAT(ended.err, Catch::Contains(dead.url()) && Catch::Contains("connection refused"));
  CHECK(ended.out.empty());
}

TEST_CASE("run: one of two targets may be dead; its requests fail, each counted") {
  const DeadAddress dead;
  TestUpstream upstream;
  const LoadResult result =
      run_load({"--url", upstream.url(), "--url", dead.url(), "-n", "60", "-c", "4"});
  CHECK(went_through(result.ended.exit_code));
  CHECK(result.total("scheduled") == 60);
  CHECK(result.total("ok") == result.json["targets"][upstream.url()]["ok"]);
  CHECK(result.total("failed") == 60 - result.total("ok"));
  CHECK(result.json["errors"]["connection_refused"] == result.total("failed"));
  CHECK(result.total("failed") > 0);
}

TEST_CASE("run: wrong usage is exit 2, and says what is wrong") {
  const auto complaint = [](const Argv& flags) {
    Argv argv{"run", "--url", "http://127.0.0.1:1/"};
    argv.insert(argv.end(), flags.begin(), flags.end());
    const Ended ended = loadgen(argv);
    CHECK(ended.exit_code == 2);
    return ended.err;
  };
  CHECK_THAT(complaint({"-d", "5"}), Catch::Contains("unit"));
  CHECK_THAT(complaint({"-R", "100x"}), Catch::Contains("100x"));
  CHECK_THAT(complaint({"-R", "0/s"}), Catch::Contains("more than zero"));
  CHECK_THAT(complaint({"--expect", "respnse_time.p99 < 1s"}),
             Catch::Contains("response_time.p99"));
  CHECK_THAT(complaint({"-H", "no colon"}), Catch::Contains("name: value"));
  CHECK_THAT(complaint({"-H", "Content-Length: 5"}), Catch::Contains("Content-Length"));
  CHECK_THAT(complaint({"--url", "ftp://x/"}), Catch::Contains("ftp://x/"));
  CHECK_FALSE(complaint({"--arrival", "bursty"}).empty());
  CHECK_FALSE(complaint({"-c", "0"}).empty());
  CHECK_THAT(complaint({"--html", "/no/such/x.html"}), Catch::Contains("/no/such/x.html"));
  CHECK_THAT(complaint({"--url", "p.yaml"}), Catch::Contains("a plan is read by --plan p.yaml"));
  CHECK_THAT(loadgen({"run"}).err, Catch::Contains("--url"));
  CHECK(loadgen({"run"}).exit_code == 2);
  CHECK(loadgen({}).exit_code == 2);
}

TEST_CASE("run: a plan that is wrong is exit 2, with the place of the fault") {
  const TempDir dir;
  const std::string plan =
      dir.write("plan.yaml", "targets: [{url: \"http://127.0.0.1:1/\"}]\nrat: 5\n");
  const Ended ended = loadgen({"run", "--plan", plan});
  CHECK(ended.exit_code == 2);
  CHECK_THAT(ended.err, Catch::Contains("plan.yaml:2:1"));
  CHECK(loadgen({"run", "--plan", dir.path() + "/missing.yaml"}).exit_code == 2);
}

TEST_CASE("run: an expectation that fails is exit 1, and is in the result") {
  TestUpstream upstream{{"--time", "20ms", "--workers", "100"}};
  const LoadResult result =
      run_load({"--url", upstream.url(), "-n", "50", "-c", "5", "--expect",
                "response_time.p50 < 10ms", "--expect", "failed_share <= 0%"});
  CHECK(result.ended.exit_code == 1);
  REQUIRE(result.json["expect"].size() == 2);
  CHECK(result.json["expect"][0]["passed"] == false);
  CHECK(result.json["expect"][1]["passed"] == true);
  CHECK_THAT(result.ended.out, Catch::Contains("FAILED"));
}

TEST_CASE("run: a plan's own expectations count, beside those of the flags") {
  const FaultyServer server;
  const TempDir dir;
  const std::string plan =
      dir.write("plan.yaml", "targets: [{url: \"http://" + server.address() +
                                 "/500\"}]\ncount: 10\nexpect: [\"failed_share < 0.1%\"]\n");
  const LoadResult result = run_load({"--plan", plan, "--expect", "failed_share >= 99%"});
  CHECK(result.ended.exit_code == 1);
  CHECK(result.json["expect"][0]["passed"] == false);
  CHECK(result.json["expect"][1]["passed"] == true);
}

TEST_CASE("run: flags override the plan") {
  TestUpstream upstream;
  const TempDir dir;
  const std::string plan = dir.write(
      "plan.yaml", "targets: [{url: \"" + upstream.url() +
                       "\"}]\narrivals: {poisson: 100/s}\nconnections: 2\ncount: 5\nseed: 4\n");
  const LoadResult result =
      run_load({"--plan", plan, "-n", "9", "-c", "3", "-R", "900/s", "--arrival", "constant"});
  CHECK(result.total("ok") == 9);
  CHECK(result.json["load"] == "open loop, constant 900/s, 3 connections, 1 thread");
  CHECK(result.json["seed"] == 4);
}

TEST_CASE("run: Ctrl-C ends it with what was measured so far") {
  const FaultyServer server;
  const TempDir dir;
  const std::string file = dir.path() + "/result.json";
  const auto start = std::chrono::steady_clock::now();
  Process load{{command("loadgen"), "run", "--url", "http://" + server.address() + "/200", "-R",
                "200/s", "-d", "10m", "-c", "4", "--json", file}};
  REQUIRE(eventually([&server] { return server.requests() > 50; }));
  load.signal(SIGINT);
  const Ended ended = load.wait();
  CHECK(went_through(ended.exit_code));
  CHECK(std::chrono::steady_clock::now() - start < 60s);
  const auto json = nlohmann::json::parse(read_file(file));
  CHECK(json["interrupted"] == true);
  const auto& totals = json["totals"];
  std::uint64_t sum = 0;
  for (const char* key : {"ok", "refused", "failed", "timed_out", "in_flight", "not_sent"}) {
    sum += totals[key].get<std::uint64_t>();
  }
  CHECK(totals["scheduled"] == sum);
  CHECK(totals["ok"] > 50);
  CHECK(server.requests() >= totals["ok"]);
  // The rate is over the time that it ran, not over the ten minutes that were asked for.
  CHECK(json["offered_per_s"].get<double>() > 100);
  CHECK_THAT(ended.out, Catch::Contains("interrupted"));
}

TEST_CASE("run: a result that cannot be written is exit 2, and the figures are still printed") {
  TestUpstream upstream;
  const Ended ended = loadgen({"run", "--url", upstream.url(), "-n", "10", "--json", "/dev/full"});
  CHECK(ended.exit_code == 2);
  CHECK_THAT(ended.err, Catch::Contains("/dev/full"));
  CHECK_THAT(ended.out, Catch::Contains("10 scheduled = 10 ok"));
}

TEST_CASE("run: a pipe gets neither progress nor colour") {
  TestUpstream upstream;
  const Ended ended = loadgen({"run", "--url", upstream.url(), "-n", "10"});
  CHECK(ended.err.empty());
  CHECK_FALSE(ended.out.contains('\033'));
  CHECK_FALSE(ended.out.contains('\r'));
}

TEST_CASE("run: method, headers and body are sent as given") {
  const FaultyServer server;
  const LoadResult result =
      run_load({"--url", "http://" + server.address() + "/200", "-n", "3", "-m", "DELETE", "-H",
                "x-api-key: k1", "-H", "Host: api.example.com"});
  CHECK(result.total("ok") == 3);
  CHECK_THAT(server.last_head(), Catch::StartsWith("DELETE /200 HTTP/1.1\r\n") &&
                                     Catch::Contains("x-api-key: k1\r\n") &&
                                     Catch::Contains("Host: api.example.com\r\n"));
}

TEST_CASE("run: every example of the help works") {
  TestUpstream upstream{{"--time", "exponential:2ms"}};
  const TempDir dir;
  const std::vector<std::string> examples = examples_of("run");
  for (const std::string& example : examples) {
    CAPTURE(example);
    const std::regex place{"127\\.0\\.0\\.1:9001"};
    const Ended ended = run_example(dir, std::regex_replace(example, place, upstream.address()));
    CHECK(went_through(ended.exit_code));
  }
  CHECK(examples.size() >= 3);
}

TEST_CASE("schema: a JSON Schema that knows the words of a plan") {
  const Ended ended = loadgen({"schema"});
  CHECK(ended.exit_code == 0);
  const auto schema = nlohmann::json::parse(ended.out);
  for (const char* word : {"targets", "arrivals", "connections", "threads", "duration", "timeout",
                           "requests", "expect"}) {
    CAPTURE(word);
    CHECK(schema["properties"].contains(word));
  }
}

}  // namespace
}  // namespace headgate::test
