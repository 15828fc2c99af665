// Balancing as clients see it: sticky sessions, failing and slow targets, weights.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "support/gateway.hpp"
#include "support/scripted_upstream.hpp"

namespace headgate::test {
namespace {

/// Three targets that say who they are.
struct Three {
  ScriptedUpstream a{[](const ReceivedRequest&) { return ok("a"); }};
  ScriptedUpstream b{[](const ReceivedRequest&) { return ok("b"); }};
  ScriptedUpstream c{[](const ReceivedRequest&) { return ok("c"); }};
  [[nodiscard]] std::vector<std::string> addresses() const {
    return {a.address(), b.address(), c.address()};
  }
};

TEST_CASE("balance: a client that brings its cookie back stays at its target, others go round") {
  const Three targets;
  const TestGateway gateway{simple_config(
      targets.addresses(), "balance: {policy: round_robin, sticky: {cookie: hg_at}}")};
  HttpClient client{gateway.address()};
  const HttpResponse first = client.request("GET", "/");
  CHECK(first.body == "a");
  const std::string set = first.field("set-cookie");
  REQUIRE(set.starts_with("hg_at="));
  CHECK(set.ends_with("; Path=/; HttpOnly; SameSite=Lax"));
  const std::string cookie = "Cookie: other=1; " + set.substr(0, set.find(';')) + "\r\n";
  for (int i = 0; i < 10; ++i) {
    const HttpResponse again = client.request("GET", "/", {}, cookie);
    CHECK(again.body == "a");
    CHECK(again.field("set-cookie").empty());  // it has it already
  }
  CHECK(client.request("GET", "/").body == "b");
  const HttpResponse forged = client.request("GET", "/", {}, "Cookie: hg_at=0123456789abcdef\r\n");
  CHECK(forged.body == "c");
  CHECK(forged.field("set-cookie").starts_with("hg_at="));
}

TEST_CASE("balance: a target that fails at once does not draw the requests of peak_ewma") {
  // By its latency alone it would be the fastest of the three, and get nearly all.
  ScriptedUpstream fails{[](const ReceivedRequest&) {
    return ScriptedAnswer{.bytes = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"};
  }};
  const auto slow = [](const ReceivedRequest&) {
    ScriptedAnswer answer = ok("x");
    answer.delay = Milliseconds{2};
    return answer;
  };
  ScriptedUpstream b{slow};
  ScriptedUpstream c{slow};
  const TestGateway gateway{simple_config({fails.address(), b.address(), c.address()},
                                          "balance: {policy: peak_ewma, penalty: 30s}")};
  HttpClient client{gateway.address()};
  int failed = 0;
  for (int i = 0; i < 200; ++i) failed += client.request("GET", "/").status == 503 ? 1 : 0;
  CHECK(failed >= 1);   // it is tried
  CHECK(failed <= 10);  // and found out
}

}  // namespace
}  // namespace headgate::test
