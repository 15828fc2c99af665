// Upstreams and clients that misbehave: each gets its own answer, is counted under its own name,
// and costs nobody else.
#include <catch2/catch.hpp>
#include <optional>
#include <string>

#include "support/faulty_server.hpp"
#include "support/gateway.hpp"
#include "support/scripted_upstream.hpp"

namespace headgate::test {
namespace {

/// The `reason` of the only request in the log.
std::string only_reason(TestGateway& gateway) {
  REQUIRE(gateway.stop().exit_code == 0);
  const auto lines = gateway.log();
  REQUIRE(lines.size() == 1);
  return lines[0]["reason"];
}

TEST_CASE("faults: a target that is down is 502, and is used again when it is back") {
  std::string address;
  {
    ScriptedUpstream gone{[](const ReceivedRequest&) { return ok("x"); }};
    address = gone.address();
  }
  TestGateway gateway{simple_config({address})};
  HttpClient client{gateway.address()};
  const HttpResponse refused = client.request("GET", "/");
  CHECK(refused.status == 502);
  CHECK(nlohmann::json::parse(refused.body)["type"] == "urn:headgate:outcome:connect_refused");
  const std::string port = address.substr(address.find(':') + 1);
  Process back{{command("loadgen"), "serve", "--bind", "127.0.0.1:" + port}};
  CHECK(back.ready("http") == address);
  CHECK(client.request("GET", "/").status == 200);
}

TEST_CASE("faults: how an upstream fails decides the answer and the reason") {
  struct Case {
    const char* path;
    int status;
    const char* reason;
  };
  const auto [path, status, reason] = GENERATE(values<Case>({
      {"/closed", 502, "upstream_closed"},
      {"/reset", 502, "upstream_closed"},
      {"/garbage", 502, "upstream_invalid:CONTROL"},
      {"/two-lengths", 502, "upstream_invalid:CL-MULTIPLE"},
      {"/silent", 504, "response_timed_out"},
      {"/half", 0, "upstream_truncated"},
      {"/reset-half", 0, "upstream_truncated"},
      {"/until-close", 200, "forwarded"},
      {"/last", 200, "forwarded"},
      {"/interim", 200, "forwarded"},
      {"/503", 503, "forwarded"},
  }));
  CAPTURE(path);
  FaultyServer upstream;
  TestGateway gateway{simple_config({upstream.address()}, "timeouts: {response: 200ms}")};
  HttpClient client{gateway.address()};
  CHECK(client.request("GET", path).status == status);
  CHECK(only_reason(gateway) == reason);
}

TEST_CASE("faults: a reused connection that dies before its answer costs a GET nothing") {
  // The first connection serves one request and dies with the second; the next serve all.
  ScriptedUpstream upstream{[](const ReceivedRequest& request) -> ScriptedAnswer {
    if (request.connection == 0 && request.line().starts_with("GET /second")) {
      return {.bytes = "", .close = true};
    }
    return ok(request.line());
  }};
  TestGateway gateway{simple_config({upstream.address()})};
  HttpClient client{gateway.address()};
  CHECK(client.request("GET", "/first").status == 200);
  CHECK(client.request("GET", "/second").body == "GET /second HTTP/1.1");
  CHECK(upstream.connections() == 2);
  REQUIRE(gateway.stop().exit_code == 0);
  CHECK(gateway.log().at(1)["attempts"] == 2);
}

TEST_CASE("faults: a POST is not sent twice, nor a GET whose first connection was fresh") {
  ScriptedUpstream upstream{[](const ReceivedRequest& request) -> ScriptedAnswer {
    if (request.line().find("/die") != std::string::npos) return {.bytes = "", .close = true};
    return ok("x");
  }};
  TestGateway gateway{simple_config({upstream.address()})};
  HttpClient client{gateway.address()};
  CHECK(client.request("GET", "/die").status == 502);
  CHECK(client.request("GET", "/").status == 200);
  CHECK(client.request("POST", "/die", "once").status == 502);
  CHECK(upstream.received().size() == 3);
}

TEST_CASE("faults: idle connections that the upstream closes are not used again") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) { return ok("x"); }};
  TestGateway gateway{simple_config({upstream.address()})};
  HttpClient client{gateway.address()};
  CHECK(client.request("POST", "/", "a").status == 200);
  upstream.close_connections();
  CHECK(eventually([&] { return gateway.stats()["upstream_connections"] == 0; }));
  CHECK(client.request("POST", "/", "b").status == 200);  // would be 502 on the dead one
  CHECK(upstream.connections() == 2);
}

TEST_CASE("faults: bytes behind an answer are never taken for the next one") {
  ScriptedUpstream upstream{[](const ReceivedRequest& request) {
    ScriptedAnswer answer = ok(request.line());
    answer.bytes += "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison";
    return answer;
  }};
  TestGateway gateway{simple_config({upstream.address()})};
  HttpClient client{gateway.address()};
  for (int i = 0; i < 5; ++i) {
    CHECK(client.request("GET", "/" + std::to_string(i)).body ==
          "GET /" + std::to_string(i) + " HTTP/1.1");
  }
}

TEST_CASE("faults: an answer that comes before the request is whole ends the client's connection") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) { return ok("no more, please"); }, true};
  TestGateway gateway{simple_config({upstream.address()})};
  HttpClient client{gateway.address()};
  REQUIRE(client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\nstart"));
  const HttpResponse answer = client.receive();
  CHECK(answer.body == "no more, please");
  CHECK(answer.field("connection") == "close");
  CHECK(client.drain().empty());
}

TEST_CASE(
    "faults: a client that stops within a head is answered 408, one that says nothing is closed") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) { return ok("x"); }};
  TestGateway gateway{simple_config({upstream.address()}) +
                      "limits: {head_timeout: 100ms, idle_timeout: 100ms}\n"};
  HttpClient slow{gateway.address()};
  REQUIRE(slow.send("GET / HTTP/1.1\r\nHo"));
  CHECK(slow.receive().status == 408);
  HttpClient mute{gateway.address()};
  CHECK(mute.drain().empty());
  HttpClient idle{gateway.address()};
  CHECK(idle.request("GET", "/").status == 200);
  CHECK(idle.drain().empty());
}

TEST_CASE("faults: a client that leaves takes its request from the upstream") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) {
    ScriptedAnswer answer = ok("too late");
    answer.delay = Milliseconds{300};
    return answer;
  }};
  TestGateway gateway{simple_config({upstream.address()})};
  {
    HttpClient client{gateway.address()};
    REQUIRE(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    CHECK(eventually([&] { return upstream.received().size() == 1; }));
    client.reset();
  }
  CHECK(eventually([&] { return gateway.stats()["outcomes"]["client_closed"] == 1; }));
  CHECK(gateway.stats()["requests_in_flight"] == 0);
  CHECK(gateway.stats()["services"]["main"]["main/0"]["in_flight"] == 0);
  CHECK(only_reason(gateway) == "client_closed");
}

}  // namespace
}  // namespace headgate::test
