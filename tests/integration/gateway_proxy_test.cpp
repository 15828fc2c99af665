// What goes through the gateway: heads, bodies and connections, byte for byte on both sides.
#include <catch2/catch.hpp>
#include <string>

#include "support/gateway.hpp"
#include "support/scripted_upstream.hpp"

namespace headgate::test {
namespace {

std::string echo_config(const ScriptedUpstream& upstream) {
  return simple_config({upstream.address()});
}

TEST_CASE("proxy: a GET arrives with its path, query and fields, and its answer comes back") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) {
    return ScriptedAnswer{.bytes =
                              "HTTP/1.1 201 Fine\r\nContent-Length: 5\r\nX-Answer: yes\r\n"
                              "Connection: keep-alive\r\nKeep-Alive: timeout=5\r\n\r\nhello"};
  }};
  TestGateway gateway{echo_config(upstream)};
  HttpClient client{gateway.address()};
  const HttpResponse answer = client.request("GET", "/a/../b/%7Euser?q=%2F&x=1", {},
                                             "X-One: 1\r\nConnection: X-Secret\r\nX-Secret: "
                                             "s\r\nProxy-Authorization: p\r\nTE: trailers\r\n"
                                             "X-Forwarded-For: 6.6.6.6\r\n");
  CHECK(answer.status == 201);
  CHECK(answer.body == "hello");
  CHECK(answer.field("x-answer") == "yes");
  CHECK(answer.field("keep-alive").empty());
  const ReceivedRequest sent = upstream.received().at(0);
  CHECK(sent.line() == "GET /b/~user?q=%2F&x=1 HTTP/1.1");
  CHECK(sent.field("x-one") == "1");
  CHECK(sent.field("host") == gateway.address());
  CHECK(sent.field("x-forwarded-for") == "127.0.0.1");  // what an unknown peer says is not kept
  CHECK_FALSE(sent.has("x-secret"));
  CHECK_FALSE(sent.has("proxy-authorization"));
  CHECK_FALSE(sent.has("te"));
  CHECK(sent.body.empty());
}

TEST_CASE("proxy: a body with a length arrives exactly, however it is cut") {
  ScriptedUpstream upstream{[](const ReceivedRequest& request) { return ok(request.body); }};
  TestGateway gateway{echo_config(upstream)};
  HttpClient client{gateway.address()};
  std::string body(100'000, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 7 + i / 256);
  REQUIRE(client.send("POST /up HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n"));
  for (std::size_t at = 0; at < body.size(); at += 9'973) {
    REQUIRE(client.send(std::string_view{body}.substr(at, 9'973)));
    pause_briefly();
  }
  const HttpResponse answer = client.receive();
  CHECK(answer.status == 200);
  CHECK(answer.body == body);
  CHECK(upstream.received().at(0).field("content-length") == "100000");
}

TEST_CASE("proxy: a chunked body is framed anew, without extensions and trailers") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) {
    return ScriptedAnswer{.bytes =
                              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                              "4;ext=1\r\nabcd\r\n",
                          .later = "A\r\n0123456789\r\n0\r\nX-Trailer: t\r\n\r\n",
                          .pause = Milliseconds{20}};
  }};
  TestGateway gateway{echo_config(upstream)};
  HttpClient client{gateway.address()};
  REQUIRE(
      client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "5;name=\"v\"\r\nhello\r\n007\r\n, world\r\n0\r\nAuthorization: x\r\n\r\n"));
  const HttpResponse answer = client.receive();
  CHECK(answer.body == "abcd0123456789");
  CHECK(answer.field("transfer-encoding") == "chunked");
  const ReceivedRequest sent = upstream.received().at(0);
  CHECK(sent.body == "5\r\nhello\r\n7\r\n, world\r\n0\r\n\r\n");
  CHECK_FALSE(sent.has("content-length"));
  CHECK(client.request("GET", "/next").status == 200);
}

TEST_CASE("proxy: HEAD, 204 and 304 have no body, whatever their fields say") {
  ScriptedUpstream upstream{[](const ReceivedRequest& request) -> ScriptedAnswer {
    if (request.line().starts_with("HEAD")) {
      return {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n"};
    }
    if (request.line().starts_with("GET /304")) {
      return {.bytes = "HTTP/1.1 304 Not Modified\r\nContent-Length: 42\r\nETag: \"e\"\r\n\r\n"};
    }
    return {.bytes = "HTTP/1.1 204 No Content\r\n\r\n"};
  }};
  TestGateway gateway{echo_config(upstream)};
  HttpClient client{gateway.address()};
  REQUIRE(client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"));
  const HttpResponse head = client.receive(true);
  CHECK(head.status == 200);
  CHECK(head.field("content-length") == "42");
  CHECK(client.request("GET", "/304").status == 304);
  CHECK(client.request("GET", "/204").status == 204);
  CHECK(upstream.connections() == 1);  // and none of them cost the connection
}

TEST_CASE("proxy: pipelined requests are answered one after the other in their order") {
  ScriptedUpstream upstream{[](const ReceivedRequest& request) {
    ScriptedAnswer answer = ok(request.line());
    if (request.line().starts_with("GET /slow")) answer.delay = Milliseconds{50};
    return answer;
  }};
  TestGateway gateway{echo_config(upstream)};
  HttpClient client{gateway.address()};
  std::string burst;
  for (int i = 0; i < 40; ++i) {
    burst += "GET " + std::string{i == 0 ? "/slow" : "/p"} + std::to_string(i) +
             " HTTP/1.1\r\nHost: h\r\n\r\n";
  }
  REQUIRE(client.send(burst + "POST /last HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nend"));
  CHECK(client.receive().body == "GET /slow0 HTTP/1.1");
  for (int i = 1; i < 40; ++i) {
    CHECK(client.receive().body == "GET /p" + std::to_string(i) + " HTTP/1.1");
  }
  CHECK(client.receive().body == "POST /last HTTP/1.1");
  CHECK(upstream.connections() == 1);
}

TEST_CASE("proxy: an upstream body that ends with its connection reaches both kinds of clients") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) {
    return ScriptedAnswer{.bytes = "HTTP/1.1 200 OK\r\n\r\nfirst, ",
                          .close = true,
                          .later = "last",
                          .pause = Milliseconds{20}};
  }};
  TestGateway gateway{echo_config(upstream)};
  HttpClient modern{gateway.address()};
  const HttpResponse chunked = modern.request("GET", "/");
  CHECK(chunked.body == "first, last");
  CHECK(chunked.field("transfer-encoding") == "chunked");
  CHECK(modern.request("GET", "/").body == "first, last");  // its own connection stays
  HttpClient old{gateway.address()};
  REQUIRE(old.send("GET / HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n"));
  const std::string all = old.drain();
  CHECK(all.ends_with("\r\n\r\nfirst, last"));
  CHECK(all.find("chunked") == std::string::npos);
}

TEST_CASE("proxy: an HTTP/1.0 client without Host is served and closed") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) { return ok("hi"); }};
  TestGateway gateway{echo_config(upstream)};
  HttpClient client{gateway.address()};
  REQUIRE(client.send("GET /old HTTP/1.0\r\n\r\n"));
  CHECK(client.drain().ends_with("\r\n\r\nhi"));
  CHECK(upstream.received().at(0).line() == "GET /old HTTP/1.1");
  CHECK(upstream.received().at(0).field("host") == upstream.address());
}

TEST_CASE("proxy: Expect is answered by the gateway once the request may pass, never forwarded") {
  ScriptedUpstream upstream{[](const ReceivedRequest& request) { return ok(request.body); }};
  TestGateway gateway{echo_config(upstream)};
  HttpClient client{gateway.address()};
  REQUIRE(client.send(
      "PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"));
  CHECK(client.receive_until("\r\n\r\n") == "HTTP/1.1 100 Continue\r\n\r\n");
  REQUIRE(client.send("body"));
  CHECK(client.receive().body == "body");
  CHECK_FALSE(upstream.received().at(0).has("expect"));
}

TEST_CASE("proxy: interim answers of the upstream stay behind") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) {
    return ScriptedAnswer{.bytes =
                              "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
                              "Link: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"};
  }};
  TestGateway gateway{echo_config(upstream)};
  HttpClient client{gateway.address()};
  const HttpResponse answer = client.request("GET", "/");
  CHECK(answer.status == 200);
  CHECK(answer.field("link").empty());
}

TEST_CASE("proxy: a client that ends its sending side early still gets its answer") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) {
    ScriptedAnswer answer = ok("patience");
    answer.delay = Milliseconds{50};
    return answer;
  }};
  TestGateway gateway{echo_config(upstream)};
  HttpClient client{gateway.address()};
  REQUIRE(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  client.finish_sending();
  CHECK(client.receive().body == "patience");
}

TEST_CASE("proxy: round robin takes the targets in their order, over connections that stay") {
  const auto script = [](const ReceivedRequest&) { return ok("x"); };
  ScriptedUpstream a{script};
  ScriptedUpstream b{script};
  ScriptedUpstream c{script};
  TestGateway gateway{
      simple_config({a.address(), b.address(), c.address()}, "balance: {policy: round_robin}")};
  for (int i = 0; i < 30; ++i) {
    HttpClient client{gateway.address()};
    REQUIRE(client.request("GET", "/").status == 200);
  }
  CHECK(a.connections() == 1);
  CHECK(b.connections() == 1);
  CHECK(c.connections() == 1);
  REQUIRE(gateway.stop().exit_code == 0);
  const auto lines = gateway.log();
  REQUIRE(lines.size() == 30);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CHECK(lines[i]["target"] == "main/" + std::to_string(i % 3));
  }
}

}  // namespace
}  // namespace headgate::test
