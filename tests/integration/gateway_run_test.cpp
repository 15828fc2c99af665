// The life of `gwctl run`: how it starts, what its admin pages say, how it ends.
#include <signal.h>

#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "support/gateway.hpp"
#include "support/scripted_upstream.hpp"

namespace headgate::test {
namespace {

TEST_CASE("run: a config with errors ends with 1, an unreadable one with 2, each with its place") {
  const TempDir folder;
  const Ended wrong =
      run({command("gwctl"), "run", folder.write("a.yaml", "listeners: []\nrats: 1\n")});
  CHECK(wrong.exit_code == 1);
  CHECK(wrong.out.empty());
  CHECK(wrong.err.find("a.yaml:2:1: error[") != std::string::npos);
  const Ended unreadable = run({command("gwctl"), "run", folder.write("b.yaml", "listeners: [\n")});
  CHECK(unreadable.exit_code == 2);
  CHECK(run({command("gwctl"), "run", folder.path() + "/none.yaml"}).exit_code == 2);
}

TEST_CASE("run: a port in use ends with 5 and names the address") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) { return ok("x"); }};
  TestGateway first{simple_config({upstream.address()})};
  for (const char* workers : {"workers: 1", "workers: 2"}) {
    std::string config = simple_config({upstream.address()});
    config.replace(config.find("127.0.0.1:0"), 11, first.address());
    config.replace(config.find("workers: 1"), 10, workers);
    const TempDir folder;
    const Ended second = run({command("gwctl"), "run", folder.write("c.yaml", config)});
    CHECK(second.exit_code == 5);
    CHECK(second.out.empty());
    CHECK(second.err.find(first.address()) != std::string::npos);
    CHECK(second.err.find("in use") != std::string::npos);
  }
}

TEST_CASE("run: the first SIGTERM lets the request at work end and refuses new connections") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) {
    ScriptedAnswer answer = ok("in time");
    answer.delay = Milliseconds{300};
    return answer;
  }};
  TestGateway gateway{simple_config({upstream.address()})};
  HttpClient busy{gateway.address()};
  HttpClient idle{gateway.address()};
  HttpClient admin{gateway.admin()};
  CHECK(admin.request("GET", "/readyz").status == 200);
  REQUIRE(busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  REQUIRE(eventually([&] { return upstream.received().size() == 1; }));
  gateway.process().signal(SIGTERM);
  CHECK(idle.drain().empty());  // closed at once: it is between two requests
  CHECK(admin.request("GET", "/readyz").status == 503);
  CHECK_THROWS_AS(HttpClient{gateway.address()}, std::runtime_error);
  const HttpResponse answer = busy.receive();
  CHECK(answer.body == "in time");
  CHECK(answer.field("connection") == "close");
  const Ended ended = gateway.process().wait();
  CHECK(ended.exit_code == 0);
  CHECK(ended.err.empty());
  CHECK(gateway.log().size() == 1);
}

TEST_CASE("run: a drain ends after drain_timeout, whoever is still at work") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) {
    ScriptedAnswer answer = ok("never");
    answer.delay = Milliseconds{3000};
    return answer;
  }};
  TestGateway gateway{simple_config({upstream.address()}, "timeouts: {response: 60s}") +
                      "limits: {drain_timeout: 100ms}\n"};
  HttpClient busy{gateway.address()};
  REQUIRE(busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  REQUIRE(eventually([&] { return upstream.received().size() == 1; }));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(gateway.stop().exit_code == 0);
  CHECK(std::chrono::steady_clock::now() - begin < Milliseconds{2500});
  CHECK(gateway.log().at(0)["reason"] == "client_closed");
}

TEST_CASE("run: a second signal ends it at once, by that signal") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) {
    ScriptedAnswer answer = ok("never");
    answer.delay = Milliseconds{1000};
    return answer;
  }};
  TestGateway gateway{simple_config({upstream.address()}, "timeouts: {response: 60s}")};
  HttpClient busy{gateway.address()};
  REQUIRE(busy.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  REQUIRE(eventually([&] { return upstream.received().size() == 1; }));
  gateway.process().signal(SIGTERM);
  REQUIRE(eventually([&] { return gateway.page("/readyz").status == 503; }));
  gateway.process().signal(SIGINT);
  CHECK(gateway.process().wait().exit_code == 128 + SIGINT);
}

TEST_CASE("run: the admin pages answer, and count what was served") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) { return ok("x"); }};
  TestGateway gateway{simple_config({upstream.address()})};
  HttpClient client{gateway.address()};
  for (int i = 0; i < 7; ++i) CHECK(client.request("GET", "/").status == 200);
  // Each is counted behind its answer.
  CHECK(eventually([&] { return gateway.stats()["routes"]["all"]["2xx"] == 7; }));
  CHECK(gateway.page("/healthz").status == 200);
  CHECK(gateway.page("/nothing").status == 404);
  const HttpResponse metrics = gateway.page("/metrics");
  CHECK(metrics.field("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(metrics.body.find("headgate_requests_total{route=\"all\",class=\"2xx\"} 7\n") !=
        std::string::npos);
  CHECK(metrics.body.find("headgate_request_duration_seconds_count{route=\"all\"} 7\n") !=
        std::string::npos);
  CHECK(
      metrics.body.find("headgate_upstream_reuses_total{service=\"main\",target=\"main/0\"} 6\n") !=
      std::string::npos);
  HttpClient admin{gateway.admin()};
  CHECK(admin.request("POST", "/stats", "x").status == 405);
}

TEST_CASE("run: the page /config is a config that runs") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) { return ok("x"); }};
  TestGateway gateway{
      simple_config({upstream.address()}, "timeouts: {response: 3s}",
                    "filters: [{rate_limit: {algorithm: token_bucket, rate: 100/s, burst: 20}}]")};
  const HttpResponse page = gateway.page("/config");
  CHECK(nlohmann::json::parse(page.body)["services"]["main"]["timeouts"]["response"] == "3s");
  const TempDir folder;
  const Ended lint = run({command("gwctl"), "lint", folder.write("config.json", page.body)});
  CHECK(lint.out.find("error") == std::string::npos);
  CHECK(lint.exit_code == 0);
}

TEST_CASE("run: a log on a full disk loses lines, counts them, and stops nobody") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) { return ok("x"); }};
  const TempDir folder;
  const std::string config = simple_config({upstream.address()}) +
                             "logs: {access: {path: /dev/full}}\nadmin: {bind: \"127.0.0.1:0\"}\n";
  Process process{{command("gwctl"), "run", folder.write("g.yaml", config)}};
  HttpClient client{process.ready("http")};
  for (int i = 0; i < 5; ++i) CHECK(client.request("GET", "/").status == 200);
  const auto lost = [&] {
    HttpClient admin{process.ready("admin")};
    return nlohmann::json::parse(admin.request("GET", "/stats").body)["access_log"]["lines_lost"];
  };
  CHECK(eventually([&] { return lost() == 5; }));
  process.signal(SIGTERM);
  const Ended ended = process.wait();
  CHECK(ended.exit_code == 0);
  CHECK(ended.err.find("access log: No space left on device") != std::string::npos);
}

}  // namespace
}  // namespace headgate::test
