// Bytes that two parsers could read differently are refused by the running gateway: 400 and close,
// nothing of it reaches the upstream. The cases are those of RFC 9112 that proxies are known to get
// wrong; the parsers' own tests have many more.
#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "support/gateway.hpp"
#include "support/scripted_upstream.hpp"

namespace headgate::test {
namespace {

using namespace std::string_view_literals;

struct Bad {
  int status;
  std::string_view bytes;
};

constexpr Bad kBad[] = {
    {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: ,chunked\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked, identity\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n"},
    {501, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"},
    {400, "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n"},
    {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 18446744073709551617\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\nHost : h\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\n Host: h\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\nHost: h\r\nnocolon\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n"},
    {400, "GET / HTTP/1.1\nHost: h\n\n"},
    {400, "GET / HTTP/1.1\r\nHost: h\r\nX: a\rb\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\nHost: h\r\nX: a\0b\r\n\r\n"sv},
    {400, "GET / HTTP/1.1\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n"},
    {400, "GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n"},
    {400, "GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n"},
    {400, "GET /a%2fb HTTP/1.1\r\nHost: h\r\n\r\n"},
    {400, "GET /../../etc HTTP/1.1\r\nHost: h\r\n\r\n"},
    {400, "GET  / HTTP/1.1\r\nHost: h\r\n\r\n"},
    {400, "GET /\r\n\r\n"},
    {505, "GET / HTTP/2.0\r\nHost: h\r\n\r\n"},
    {405, "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"},
    {405, "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n"},
    {501, "BREW / HTTP/1.1\r\nHost: h\r\n\r\n"},
    {400, "GET / HTTP/1.1\r\nHost: h\r\nConnection: close, Host\r\n\r\n"},
    {417, "GET / HTTP/1.1\r\nHost: h\r\nExpect: tea\r\n\r\n"},
};

TEST_CASE(
    "heads: what could be read in two ways is refused, the connection closed, nothing sent on") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) { return ok("served"); }};
  TestGateway gateway{simple_config({upstream.address()})};
  for (const Bad& bad : kBad) {
    CAPTURE(std::string{bad.bytes});
    HttpClient client{gateway.address()};
    REQUIRE(client.send(bad.bytes));
    const HttpResponse answer = client.receive();
    CHECK(answer.status == bad.status);
    CHECK(answer.field("content-type") == "application/problem+json");
    CHECK(answer.field("connection") == "close");
    const auto problem = nlohmann::json::parse(answer.body);
    CHECK(problem["status"] == bad.status);
    CHECK(std::string{problem["type"]}.starts_with("urn:headgate:refused:"));
    CHECK(client.drain().empty());
  }
  CHECK(upstream.received().empty());
  REQUIRE(gateway.stop().exit_code == 0);
  CHECK(gateway.log().size() == std::size(kBad));
}

TEST_CASE("heads: a request smuggled behind a refused one is never served") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) { return ok("served"); }};
  TestGateway gateway{simple_config({upstream.address()})};
  HttpClient client{gateway.address()};
  REQUIRE(client.send(
      "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n"
      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: h\r\n\r\n"));
  CHECK(client.receive().status == 400);
  CHECK(client.drain().empty());
  CHECK(upstream.received().empty());
}

TEST_CASE("heads: a chunked body that breaks its framing ends both connections") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) { return ok("served"); }};
  TestGateway gateway{simple_config({upstream.address()})};
  const auto body =
      GENERATE("1_\r\nx\r\n0\r\n\r\n", "0x1\r\nx\r\n0\r\n\r\n", "1 \r\nx\r\n0\r\n\r\n",
               "1\nx\r\n0\r\n\r\n", "1\r\nxy\r\n0\r\n\r\n", "fffffffffffffffff\r\nx\r\n0\r\n\r\n");
  CAPTURE(body);
  HttpClient client{gateway.address()};
  REQUIRE(client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"));
  REQUIRE(client.send(body));
  CHECK(client.receive().status == 400);
  CHECK(client.drain().empty());
  CHECK(upstream.received().size() <= 1);  // a head at most, whose body never ended
  for (const ReceivedRequest& request : upstream.received()) {
    CHECK(request.body.find("0\r\n\r\n") == std::string::npos);
  }
}

TEST_CASE("heads: too long a line is 414, too large a head 431, at their exact ends") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) { return ok("served"); }};
  TestGateway gateway{simple_config({upstream.address()})};
  const auto status = [&](const std::string& head) {
    HttpClient client{gateway.address()};
    REQUIRE(client.send(head));
    return client.receive().status;
  };
  // `GET `, path, ` HTTP/1.1` are 13 bytes more than the path.
  CHECK(status("GET /" + std::string(8192 - 14, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n") == 200);
  CHECK(status("GET /" + std::string(8192 - 13, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n") == 414);
  CHECK(status("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(16'400, 'a') + "\r\n\r\n") == 431);
  std::string many = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (int i = 0; i < 99; ++i) many += "X: y\r\n";
  CHECK(status(many + "\r\n") == 200);
  CHECK(status(many + "X: y\r\n\r\n") == 431);
}

}  // namespace
}  // namespace headgate::test
