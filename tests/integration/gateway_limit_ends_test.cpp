// How limits end and what they leave, at the running gateway: a refusal of a chain spends nothing,
// a place in a limit of concurrency comes back however the request ends, a leaky_queue holds back,
// and one network is one caller.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>

#include "headgate/net/address.hpp"
#include "support/faulty_server.hpp"
#include "support/gateway.hpp"
#include "support/scripted_upstream.hpp"

namespace headgate::test {
namespace {

TEST_CASE("chain: what one limit refuses costs the others nothing") {
  ScriptedUpstream upstream{hello()};
  TestGateway gateway{simple_config(
      {upstream.address()}, "",
      "filters: [{rate_limits: ["
      "{algorithm: token_bucket, rate: 1/day, burst: 2, key: \"header:x-a\", name: a}, "
      "{algorithm: fixed_window, limit: 5, window: 7d, key: \"header:x-b\", name: b}]}]")};
  HttpClient client{gateway.address()};
  const auto ask = [&](const std::string& a, const std::string& b) {
    const HttpResponse response =
        client.request("GET", "/", {}, "X-A: " + a + "\r\nX-B: " + b + "\r\n");
    if (response.status == 200) return std::string{"ok"};
    return nlohmann::json::parse(response.body)["violated-policies"].dump();
  };
  CHECK(ask("a1", "b1") == "ok");
  CHECK(ask("a1", "b1") == "ok");
  for (int i = 0; i < 20; ++i) CHECK(ask("a1", "b1") == R"(["a"])");
  // b1 has three of five left.
  CHECK(ask("a2", "b1") == "ok");
  CHECK(ask("a2", "b1") == "ok");
  CHECK(ask("a3", "b1") == "ok");
  for (int i = 0; i < 20; ++i) CHECK(ask("a3", "b1") == R"(["b"])");
  CHECK(ask("a1", "b1") == R"(["a","b"])");
  // a3 has one of two left.
  CHECK(ask("a3", "b2") == "ok");
  CHECK(ask("a3", "b2") == R"(["a"])");
}

TEST_CASE("filters: what a later one refuses costs the earlier ones nothing") {
  ScriptedUpstream upstream{hello()};
  TestGateway gateway{simple_config(
      {upstream.address()}, "",
      "filters: ["
      "{rate_limit: {algorithm: token_bucket, rate: 1/day, burst: 5, key: global, name: first}}, "
      "{rate_limit: {algorithm: concurrency, limit: 1, key: global, fields: none}}, "
      "{rate_limit: {algorithm: token_bucket, rate: 1/day, burst: 2, key: \"header:x-a\", "
      "name: second}}]")};
  HttpClient client{gateway.address()};
  const auto ask = [&](const std::string& a) {
    const HttpResponse response = client.request("GET", "/", {}, "X-A: " + a + "\r\n");
    return std::to_string(response.status) + " " + response.field("ratelimit");
  };
  CHECK(ask("a1") == "200 \"first\";r=4;t=86400, \"second\";r=1;t=86400");
  CHECK(ask("a1") == "200 \"first\";r=3;t=86400, \"second\";r=0;t=86400");
  for (int i = 0; i < 20; ++i) {
    CHECK(ask("a1") == "429 \"first\";r=3;t=86400, \"second\";r=0;t=86400");
  }
  CHECK(ask("a2") == "200 \"first\";r=2;t=86400, \"second\";r=1;t=86400");
}

/// One request at a time, and answers that take as long as the upstream likes up to `response`.
std::string one_place(const std::string& upstream, const std::string& response) {
  return simple_config({upstream}, "timeouts: {connect: 5s, response: " + response + "}",
                       "filters: [{rate_limit: {algorithm: concurrency, limit: 1, key: route}}]");
}

/// Whether the only place is free: the request that asks holds it just while it asks.
bool is_free(const TestGateway& gateway) {
  HttpClient client{gateway.address()};
  return client.request("GET", "/200").status == 200;
}

/// One worker serves all connections: a request that is answered has given its place back before
/// the next one is looked at.
TEST_CASE("concurrency: a place is free after an answer, whole or not") {
  FaultyServer upstream;
  TestGateway gateway{one_place(upstream.address(), "30s")};
  for (const auto& [path, status] :
       {std::pair{"/200", 200}, std::pair{"/503", 503}, std::pair{"/reset", 502},
        std::pair{"/closed", 502}, std::pair{"/garbage", 502}, std::pair{"/two-lengths", 502},
        std::pair{"/until-close", 200}, std::pair{"/chunked", 200}}) {
    INFO(path);
    HttpClient client{gateway.address()};
    CHECK(client.request("GET", path).status == status);
    CHECK(is_free(gateway));
  }
  for (const char* path : {"/half", "/reset-half"}) {
    INFO(path);
    HttpClient client{gateway.address()};
    REQUIRE(client.send("GET " + std::string{path} + " HTTP/1.1\r\nHost: h\r\n\r\n"));
    CHECK(client.drain().starts_with("HTTP/1.1 200 "));  // and then it breaks off
    CHECK(is_free(gateway));
  }
}

TEST_CASE("concurrency: a place is free after an upstream that never answers") {
  FaultyServer upstream;
  TestGateway gateway{one_place(upstream.address(), "200ms")};
  HttpClient client{gateway.address()};
  CHECK(client.request("GET", "/silent").status == 504);
  CHECK(is_free(gateway));
}

// A client that has sent its whole request and ends its sending side may well wait for the answer:
// only RST says that it has left. In the middle of a body either does.
TEST_CASE("concurrency: a place is held by a request at work, and free when its client has left") {
  FaultyServer upstream;
  TestGateway gateway{one_place(upstream.address(), "60s")};
  const std::string waits = "GET /silent HTTP/1.1\r\nHost: h\r\n\r\n";
  const std::string sends = "POST /silent HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc";
  for (const auto& [request, resets] :
       {std::pair{waits, true}, std::pair{sends, true}, std::pair{sends, false}}) {
    INFO(request);
    {
      HttpClient leaves{gateway.address()};
      REQUIRE(leaves.send(request));
      CHECK(eventually([&] { return !is_free(gateway); }));
      HttpClient other{gateway.address()};
      const HttpResponse refused = other.request("GET", "/200");
      CHECK(refused.status == 429);
      CHECK(refused.field("retry-after") == "1");  // nobody knows how long
      CHECK(refused.field("ratelimit") == "\"all\";r=0");
      if (resets) leaves.reset();
    }
    CHECK(eventually([&] { return is_free(gateway); }));
  }
}

TEST_CASE("concurrency: a place is free after a later filter has refused") {
  FaultyServer upstream;
  TestGateway gateway{simple_config(
      {upstream.address()}, "",
      "filters: [{rate_limit: {algorithm: concurrency, limit: 1, key: route, name: place}}, "
      "{rate_limit: {algorithm: token_bucket, rate: 1/day, burst: 1, key: \"header:x-key\"}}]")};
  HttpClient client{gateway.address()};
  CHECK(client.request("GET", "/200", {}, "X-Key: a\r\n").status == 200);
  const HttpResponse refused = client.request("GET", "/200", {}, "X-Key: a\r\n");
  CHECK(refused.status == 429);
  CHECK(nlohmann::json::parse(refused.body)["violated-policies"].dump() == R"(["all.2"])");
  CHECK(client.request("GET", "/200", {}, "X-Key: b\r\n").status == 200);
}

TEST_CASE("leaky_queue: requests beyond the rate are held until their turn") {
  ScriptedUpstream upstream{hello()};
  TestGateway gateway{simple_config({upstream.address()}, "",
                                    "filters: [{rate_limit: {algorithm: leaky_queue, rate: 10/s, "
                                    "burst: 20, key: global}}]")};
  HttpClient client{gateway.address()};
  // Five of ten a second are at least four tenths apart, from the first to the last.
  std::string requests;
  for (int i = 0; i < 5; ++i) requests += "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  const auto start = std::chrono::steady_clock::now();
  REQUIRE(client.send(requests));
  for (int i = 0; i < 5; ++i) CHECK(client.receive().status == 200);
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::milliseconds{400});
}

TEST_CASE("leaky_queue: the first of a burst may pass at once, what does not fit is refused") {
  ScriptedUpstream upstream{hello()};
  TestGateway gateway{simple_config({upstream.address()}, "",
                                    "filters: [{rate_limit: {algorithm: leaky_queue, rate: 1/day, "
                                    "burst: 2, delay: 2, key: global}}]")};
  HttpClient client{gateway.address()};
  for (int i = 0; i < 3; ++i) CHECK(client.request("GET", "/").status == 200);
  const HttpResponse refused = client.request("GET", "/");
  CHECK(refused.status == 429);
  CHECK(refused.field("retry-after") == "86400");
}

TEST_CASE("leaky_queue: a client that leaves while it is held gives its place back") {
  FaultyServer upstream;
  TestGateway gateway{simple_config(
      {upstream.address()}, "",
      "filters: [{rate_limit: {algorithm: concurrency, limit: 1, key: \"header:x-key\"}}, "
      "{rate_limit: {algorithm: leaky_queue, rate: 1/day, burst: 9, key: \"header:x-queue\"}}]")};
  const auto ask = [&](const std::string& queue) {
    HttpClient client{gateway.address()};
    return client.request("GET", "/200", {}, "X-Key: k\r\nX-Queue: " + queue + "\r\n").status;
  };
  CHECK(ask("1") == 200);
  {
    HttpClient held{gateway.address()};
    REQUIRE(held.send("GET /200 HTTP/1.1\r\nHost: h\r\nX-Key: k\r\nX-Queue: 1\r\n\r\n"));
    int queue = 1;
    CHECK(eventually([&] { return ask(std::to_string(++queue)) == 429; }));
    held.reset();
  }
  int queue = 1'000'000;
  CHECK(eventually([&] { return ask(std::to_string(++queue)) == 200; }));
}

/// The status of a request to `to` that comes from the address `source`; 0 if there is none.
int status_from(const char* source, const std::string& to) {
  const net::Address from = net::Address::resolve(source, 0).value();
  const net::Address address = net::Address::parse(to).value();
  const int fd = socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval patience{.tv_sec = 20, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const std::string request = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  std::string answer;
  if (bind(fd, from.data(), from.size()) == 0 && connect(fd, address.data(), address.size()) == 0 &&
      send(fd, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
    std::array<char, 4096> bytes;
    for (ssize_t n = 1; n > 0;) {
      n = recv(fd, bytes.data(), bytes.size(), 0);
      if (n > 0) answer.append(bytes.data(), static_cast<std::size_t>(n));
    }
  }
  close(fd);
  return answer.starts_with("HTTP/1.1 ") ? std::stoi(answer.substr(9, 3)) : 0;
}

std::string one_a_day(const std::string& upstream, const std::string& bind,
                      const std::string& options) {
  std::string config =
      simple_config({upstream}, "",
                    "filters: [{rate_limit: {algorithm: token_bucket, rate: 1/day, "
                    "burst: 1, key: client_ip" +
                        options + "}}]");
  return config.replace(config.find("127.0.0.1:0"), 11, bind);
}

TEST_CASE("client_ip: an IPv4 address is one caller, or as much of its network as is configured") {
  ScriptedUpstream upstream{hello()};
  TestGateway single{one_a_day(upstream.address(), "127.0.0.1:0", "")};
  CHECK(status_from("127.0.0.1", single.address()) == 200);
  CHECK(status_from("127.0.0.1", single.address()) == 429);
  CHECK(status_from("127.0.0.2", single.address()) == 200);
  TestGateway network{one_a_day(upstream.address(), "127.0.0.1:0", ", ipv4_prefix: 24")};
  CHECK(status_from("127.0.0.1", network.address()) == 200);
  CHECK(status_from("127.0.0.2", network.address()) == 429);
  CHECK(status_from("127.0.1.2", network.address()) == 200);
}

bool has_ipv6() {
  const net::Address loopback = net::Address::resolve("::1", 0).value();
  const int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool usable = fd >= 0 && bind(fd, loopback.data(), loopback.size()) == 0;
  if (fd >= 0) close(fd);
  return usable;
}

TEST_CASE("client_ip: on a socket for both families IPv4 clients are callers of their own") {
  if (!has_ipv6()) {
    WARN("this machine has no IPv6");
    return;
  }
  ScriptedUpstream upstream{hello()};
  TestGateway gateway{one_a_day(upstream.address(), "[::]:0", ", ipv6_prefix: 128")};
  const std::string port = gateway.address().substr(gateway.address().rfind(':'));
  CHECK(status_from("::1", "[::1]" + port) == 200);
  CHECK(status_from("::1", "[::1]" + port) == 429);
  // By their first 64 bits, all zeros, these would be one caller, and the same as ::1.
  CHECK(status_from("127.0.0.1", "127.0.0.1" + port) == 200);
  CHECK(status_from("127.0.0.1", "127.0.0.1" + port) == 429);
  CHECK(status_from("127.0.0.2", "127.0.0.1" + port) == 200);
}

}  // namespace
}  // namespace headgate::test
