// What a running gateway tells clients of limits: the families of header fields as they are
// configured, on admitted answers and on refusals, and the problem that names what was violated.
#include <catch2/catch.hpp>
#include <ctime>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "support/faulty_server.hpp"
#include "support/gateway.hpp"
#include "support/scripted_upstream.hpp"

namespace headgate::test {
namespace {

ScriptedUpstream::Script answers(const std::string& fields) {
  return [fields](const ReceivedRequest&) {
    return ScriptedAnswer{.bytes = "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: 2\r\n\r\nok"};
  };
}

/// A bucket of three that earns one token a minute: 3 per 180 s in the long run.
std::string three(const std::string& options) {
  return "filters: [{rate_limit: {algorithm: token_bucket, rate: 1/min, burst: 3, key: global" +
         (options.empty() ? "" : ", " + options) + "}}]";
}

std::int64_t number(const std::string& text) { return text.empty() ? -1 : std::stoll(text); }

/// All values of a field, in their order.
std::vector<std::string> all_of(const HttpResponse& response, const std::string& name) {
  std::vector<std::string> values;
  for (const auto& [field, value] : response.fields) {
    if (field == name) values.push_back(value);
  }
  return values;
}

TEST_CASE("fields: admitted answers tell what is left, a refusal when there is more") {
  ScriptedUpstream upstream{answers("")};
  TestGateway gateway{simple_config({upstream.address()}, "", three(""))};
  HttpClient client{gateway.address()};
  for (const char* state : {"\"all\";r=2;t=60", "\"all\";r=1;t=60", "\"all\";r=0;t=60"}) {
    const HttpResponse admitted = client.request("GET", "/");
    CHECK(admitted.status == 200);
    CHECK(admitted.field("ratelimit-policy") == "\"all\";q=3;w=180");
    CHECK(admitted.field("ratelimit") == state);  // the first minute has begun, none is over
    CHECK(admitted.field("retry-after").empty());
    CHECK(admitted.field("x-ratelimit-limit").empty());
  }
  const HttpResponse refused = client.request("GET", "/");
  CHECK(refused.status == 429);
  CHECK(refused.field("ratelimit-policy") == "\"all\";q=3;w=180");
  CHECK(refused.field("ratelimit") == "\"all\";r=0;t=60");
  CHECK(refused.field("retry-after") == "60");
}

TEST_CASE("fields: a refusal is the problem of a quota exceeded") {
  ScriptedUpstream upstream{answers("")};
  TestGateway gateway{simple_config({upstream.address()}, "", three("name: three, fields: none"))};
  HttpClient client{gateway.address()};
  for (int i = 0; i < 3; ++i) {
    const HttpResponse admitted = client.request("GET", "/");
    CHECK(admitted.status == 200);
    CHECK(admitted.field("ratelimit-policy").empty());
  }
  const HttpResponse refused = client.request("GET", "/");
  REQUIRE(refused.status == 429);
  CHECK(refused.field("content-type") == "application/problem+json");
  const auto problem = nlohmann::json::parse(refused.body);
  CHECK(problem["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded");
  CHECK(problem["title"] == "Request cannot be satisfied as assigned quota has been exceeded");
  CHECK(problem["status"] == 429);
  CHECK(problem["detail"].get<std::string>().contains("Retry-After"));
  CHECK(problem["violated-policies"] == nlohmann::json::array({"three"}));
  // Without any family the refusal still says when to come back.
  CHECK(refused.field("retry-after") == "60");
  CHECK(refused.field("ratelimit").empty());
  CHECK(refused.field("ratelimit-policy").empty());
}

TEST_CASE("fields: legacy and x speak in single values, which take the place of the upstream's") {
  ScriptedUpstream upstream{
      answers("X-RateLimit-Limit: 9999\r\nRateLimit-Reset: 9999\r\nRateLimit: \"up\";r=1\r\n")};
  TestGateway gateway{
      simple_config({upstream.address()}, "", three("fields: [standard, legacy, x]"))};
  HttpClient client{gateway.address()};
  const std::int64_t before = std::time(nullptr);
  const HttpResponse admitted = client.request("GET", "/");
  const std::int64_t after = std::time(nullptr);
  CHECK(admitted.field("ratelimit-limit") == "3");
  CHECK(admitted.field("ratelimit-remaining") == "2");
  CHECK(all_of(admitted, "RateLimit-Reset") == std::vector<std::string>{"60"});
  CHECK(all_of(admitted, "X-RateLimit-Limit") == std::vector<std::string>{"3"});
  CHECK(admitted.field("x-ratelimit-remaining") == "2");
  CHECK(number(admitted.field("x-ratelimit-reset")) >= before + 60);
  CHECK(number(admitted.field("x-ratelimit-reset")) <= after + 61);
  // A list may have items of several gateways.
  CHECK(all_of(admitted, "RateLimit") ==
        std::vector<std::string>{"\"up\";r=1", "\"all\";r=2;t=60"});
}

TEST_CASE("fields: a family that is told on refusals only leaves admitted answers as they are") {
  ScriptedUpstream upstream{answers("X-RateLimit-Limit: 9999\r\n")};
  TestGateway gateway{
      simple_config({upstream.address()}, "", three("fields: x, fields_on: refused"))};
  HttpClient client{gateway.address()};
  for (int i = 0; i < 3; ++i) {
    const HttpResponse admitted = client.request("GET", "/");
    CHECK(all_of(admitted, "X-RateLimit-Limit") == std::vector<std::string>{"9999"});
    CHECK(admitted.field("x-ratelimit-remaining").empty());
  }
  const HttpResponse refused = client.request("GET", "/");
  CHECK(refused.status == 429);
  CHECK(refused.field("x-ratelimit-limit") == "3");
  CHECK(refused.field("x-ratelimit-remaining") == "0");
  CHECK(refused.field("ratelimit").empty());
}

TEST_CASE("fields: all limits of a route are items of one list, the tightest one is the single") {
  ScriptedUpstream upstream{answers("")};
  TestGateway gateway{simple_config(
      {upstream.address()}, "",
      "filters: [{rate_limits: ["
      "{algorithm: token_bucket, rate: 1/min, burst: 4, key: global, fields: [standard, legacy]}, "
      "{algorithm: token_bucket, rate: 1/h, burst: 2, key: global, name: hourly, "
      "fields: [standard, legacy]}]}, "
      "{rate_limit: {algorithm: concurrency, limit: 5, key: global, name: places}}]")};
  HttpClient client{gateway.address()};
  const HttpResponse first = client.request("GET", "/");
  CHECK(first.field("ratelimit-policy") ==
        "\"all.1\";q=4;w=240, \"hourly\";q=2;w=7200, \"places\";q=5;qu=\"concurrent-requests\"");
  CHECK(first.field("ratelimit") == "\"all.1\";r=3;t=60, \"hourly\";r=1;t=3600, \"places\";r=4");
  CHECK(first.field("ratelimit-limit") == "2");  // a half is less than three quarters
  CHECK(first.field("ratelimit-remaining") == "1");
  CHECK(first.field("ratelimit-reset") == "3600");
  CHECK(client.request("GET", "/").status == 200);
  const HttpResponse refused = client.request("GET", "/");
  REQUIRE(refused.status == 429);
  // The first limit would have let it pass, and lost nothing; the third was not asked.
  CHECK(refused.field("ratelimit") == "\"all.1\";r=2;t=60, \"hourly\";r=0;t=3600");
  CHECK(refused.field("retry-after") == "3600");
  CHECK(nlohmann::json::parse(refused.body)["violated-policies"] ==
        nlohmann::json::array({"hourly"}));
}

TEST_CASE("fields: a refusal names every limit that was violated") {
  ScriptedUpstream upstream{answers("")};
  TestGateway gateway{
      simple_config({upstream.address()}, "",
                    "filters: [{rate_limits: ["
                    "{algorithm: token_bucket, rate: 1/min, burst: 1, key: global, name: burst}, "
                    "{algorithm: token_bucket, rate: 1/h, burst: 9, key: global, name: wide}, "
                    "{algorithm: quota, limit: 1, period: year, key: global, name: yearly}]}]")};
  HttpClient client{gateway.address()};
  CHECK(client.request("GET", "/").status == 200);
  const HttpResponse refused = client.request("HEAD", "/");
  CHECK(refused.status == 429);
  const auto problem = nlohmann::json::parse(client.request("GET", "/").body);
  CHECK(problem["violated-policies"] == nlohmann::json::array({"burst", "yearly"}));
}

TEST_CASE("fields: answers that the gateway gives itself tell of the limits too") {
  FaultyServer upstream;
  TestGateway gateway{simple_config({upstream.address()}, "", three(""))};
  HttpClient client{gateway.address()};
  const HttpResponse failed = client.request("GET", "/reset");
  CHECK(failed.status == 502);
  CHECK(failed.field("ratelimit") == "\"all\";r=2;t=60");
  const HttpResponse passed = client.request("GET", "/503");
  CHECK(passed.status == 503);
  CHECK(passed.field("ratelimit") == "\"all\";r=1;t=60");
}

TEST_CASE("fields: Retry-After has jitter that only adds") {
  ScriptedUpstream upstream{answers("")};
  TestGateway gateway{
      simple_config({upstream.address()}, "", three("retry_jitter: 1h, fields: none"))};
  HttpClient client{gateway.address()};
  for (int i = 0; i < 3; ++i) CHECK(client.request("GET", "/").status == 200);
  std::set<std::int64_t> waits;
  for (int i = 0; i < 20; ++i) {
    waits.insert(number(client.request("GET", "/").field("retry-after")));
  }
  // Exact are 60 s, a few less after a slow start of the test; 20 draws are hardly ever equal.
  CHECK(*waits.begin() > 0);
  CHECK(*waits.rbegin() <= 3660);
  CHECK(waits.size() > 5);
}

}  // namespace
}  // namespace headgate::test
