// Limits at the running gateway: what is refused, what the refusal says, and that it is exact with
// several workers.
#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

#include "support/gateway.hpp"
#include "support/scripted_upstream.hpp"

namespace headgate::test {
namespace {

TEST_CASE("limits: over the burst a request is refused with all that a client needs to come back") {
  ScriptedUpstream upstream{hello()};
  TestGateway gateway{simple_config(
      {upstream.address()}, "",
      "filters: [{rate_limit: {algorithm: token_bucket, rate: 1/min, burst: 3, key: client_ip}}]")};
  HttpClient client{gateway.address()};
  for (int i = 0; i < 3; ++i) CHECK(client.request("GET", "/").status == 200);
  const HttpResponse refused = client.request("POST", "/", "a body that is thrown away");
  CHECK(refused.status == 429);
  CHECK(refused.field("retry-after") ==
        "60");  // one token a minute, asked for within its first second
  CHECK(refused.field("ratelimit-policy") == "\"all\";q=3;w=180");
  CHECK(refused.field("ratelimit") == "\"all\";r=0;t=60");
  CHECK(refused.field("content-type") == "application/problem+json");
  const auto problem = nlohmann::json::parse(refused.body);
  CHECK(problem["status"] == 429);
  CHECK(problem["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded");
  CHECK(client.request("GET", "/").status == 429);  // and the connection stays
  CHECK(upstream.received().size() == 3);
}

TEST_CASE("limits: callers are told apart by their key") {
  ScriptedUpstream upstream{hello()};
  TestGateway gateway{simple_config({upstream.address()}, "",
                                    "filters: [{rate_limit: {algorithm: fixed_window, limit: 2, "
                                    "window: 1h, key: \"header:x-key\"}}]")};
  HttpClient client{gateway.address()};
  for (const char* key : {"X-Key: a\r\n", "X-Key: b\r\n", ""}) {
    CHECK(client.request("GET", "/", {}, key).status == 200);
    CHECK(client.request("GET", "/", {}, key).status == 200);
    CHECK(client.request("GET", "/", {}, key).status == 429);
  }
}

TEST_CASE("limits: a consumer is known by any of its API keys, a stranger by its address") {
  ScriptedUpstream upstream{hello()};
  TestGateway gateway{
      simple_config({upstream.address()}, "",
                    "filters: [{rate_limit: {algorithm: token_bucket, rate: 1/day, burst: 1, "
                    "key: consumer}}]") +
      "consumers: {acme: {keys: [k1, k2]}, beta: {keys: [k3]}}\n"};
  HttpClient client{gateway.address()};
  const auto status = [&](const std::string& field) {
    return client.request("GET", "/", {}, field).status;
  };
  CHECK(status("X-Api-Key: k1\r\n") == 200);
  CHECK(status("x-api-key: k1\r\n") == 429);
  CHECK(status("x-api-key: k2\r\n") == 429);  // the same consumer
  CHECK(status("x-api-key: k3\r\n") == 200);
  CHECK(status("") == 200);
  CHECK(status("") == 429);
  CHECK(status("x-api-key: guessed\r\n") == 429);  // a new guess is no new caller
}

TEST_CASE("limits: two workers together admit exactly the burst") {
  ScriptedUpstream upstream{hello()};
  std::string config = simple_config(
      {upstream.address()}, "",
      "filters: [{rate_limit: {algorithm: token_bucket, rate: 1/day, burst: 100, key: global}}]");
  config.replace(config.find("workers: 1"), 10, "workers: 2");
  TestGateway gateway{config};
  std::atomic<int> admitted = 0;
  std::atomic<int> refused = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        HttpClient client{gateway.address()};  // the kernel spreads connections over the workers
        const int status = client.request("GET", "/").status;
        if (status == 200) ++admitted;
        if (status == 429) ++refused;
      }
    });
  }
  threads.clear();
  CHECK(admitted == 100);
  CHECK(refused == 100);
  CHECK(upstream.received().size() == 100);
  REQUIRE(gateway.stop().exit_code == 0);
}

TEST_CASE("limits: unknown paths are 404, known ones with another method 405 with Allow") {
  ScriptedUpstream upstream{hello()};
  TestGateway gateway{
      "listeners: [{name: http, bind: \"127.0.0.1:0\"}]\n"
      "services: {main: {targets: [{url: \"http://" +
      upstream.address() +
      "\"}]}}\n"
      "routes:\n"
      "- {name: read, match: {hosts: [api.example.com], path: {prefix: /a}, methods: [GET, HEAD]}, "
      "service: main}\n"};
  HttpClient client{gateway.address()};
  const auto get = [&](const std::string& method, const std::string& path,
                       const std::string& host) {
    REQUIRE(client.send(method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n"));
    return client.receive();
  };
  CHECK(get("GET", "/a/b", "api.example.com").status == 200);
  CHECK(get("GET", "/a/b", "API.Example.com.:80").status == 200);
  CHECK(get("GET", "/ab", "api.example.com").status == 404);
  CHECK(get("GET", "/a", "example.com").status == 404);
  const HttpResponse refused = get("DELETE", "/a", "api.example.com");
  CHECK(refused.status == 405);
  CHECK(refused.field("allow") == "GET, HEAD");
}

TEST_CASE("limits: a body over limits.body is 413, announced or counted") {
  ScriptedUpstream upstream{[](const ReceivedRequest& request) { return ok(request.body); }};
  TestGateway gateway{simple_config({upstream.address()}) + "limits: {body: 10B}\n"};
  HttpClient exact{gateway.address()};
  CHECK(exact.request("POST", "/", "0123456789").status == 200);
  CHECK(exact.request("POST", "/", "0123456789a").status == 413);
  HttpClient chunked{gateway.address()};
  REQUIRE(
      chunked.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                   "6\r\n012345\r\n"));
  pause_briefly();
  REQUIRE(chunked.send("6\r\n6789ab\r\n0\r\n\r\n"));
  CHECK(chunked.receive().status == 413);
}

TEST_CASE("limits: connections over limits.connections are closed, and free ones taken again") {
  ScriptedUpstream upstream{hello()};
  TestGateway gateway{simple_config({upstream.address()}) + "limits: {connections: 2}\n"};
  {
    HttpClient a{gateway.address()};
    HttpClient b{gateway.address()};
    CHECK(a.request("GET", "/").status == 200);
    CHECK(b.request("GET", "/").status == 200);
    HttpClient c{gateway.address()};
    CHECK(c.drain().empty());
    CHECK(a.request("GET", "/").status == 200);
  }
  CHECK(eventually([&] {
    HttpClient again{gateway.address()};
    return again.request("GET", "/").status == 200;
  }));
}

}  // namespace
}  // namespace headgate::test
