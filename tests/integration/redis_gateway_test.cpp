// One limit over two real gateways on a real Redis: what they admit together, and what they do when
// it goes away and comes back.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/gateway.hpp"
#include "support/redis_server.hpp"
#include "support/scripted_upstream.hpp"

namespace headgate::test {
namespace {

using Clock = std::chrono::steady_clock;

/// A config with one limit; `limit` are its options, `shared` those of sharing it.
std::string config_of(const ScriptedUpstream& upstream, const RedisServer& redis,
                      const std::string& limit, const std::string& shared) {
  return simple_config({upstream.address()}, "",
                       "filters: [{rate_limit: {" + limit + ", shared: {redis: \"" +
                           redis.address() + "\"" + shared + "}}}]");
}

/// The sum of a metric's samples whose labels contain `labels`.
long metric(const TestGateway& gateway, const std::string& name, const std::string& labels = "") {
  std::istringstream page{gateway.page("/metrics").body};
  long sum = 0;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with(name + "{") || line.find(labels) == std::string::npos) continue;
    sum += std::stol(line.substr(line.rfind(' ') + 1));
  }
  return sum;
}

struct Load {
  long admitted = 0;
  long refused = 0;
  long other = 0;
};

/// Requests from two clients at each gateway, one after the other, until `limit` has passed.
Load drive(const std::vector<const TestGateway*>& gateways, std::chrono::milliseconds limit) {
  std::atomic<long> admitted = 0;
  std::atomic<long> refused = 0;
  std::atomic<long> other = 0;
  const auto end = Clock::now() + limit;
  std::vector<std::jthread> threads;
  for (const TestGateway* gateway : gateways) {
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&, gateway] {
        HttpClient client{gateway->address()};
        while (Clock::now() < end) {
          const int status = client.request("GET", "/").status;
          ++(status == 200 ? admitted : status == 429 ? refused : other);
        }
      });
    }
  }
  threads.clear();
  return {.admitted = admitted, .refused = refused, .other = other};
}

TEST_CASE(
    "redis gateway: a burst is one burst for two gateways, and a refusal says when to return") {
  ScriptedUpstream upstream{hello()};
  RedisServer redis;
  const std::string config = config_of(
      upstream, redis, "algorithm: token_bucket, rate: 1/min, burst: 5, key: client_ip", "");
  TestGateway a{config};
  TestGateway b{config};
  HttpClient client_a{a.address()};
  HttpClient client_b{b.address()};
  for (int i = 0; i < 2; ++i) {
    CHECK(client_a.request("GET", "/").status == 200);
    CHECK(client_b.request("POST", "/", "a body that waits for the verdict").status == 200);
  }
  CHECK(client_a.request("GET", "/").status == 200);
  const HttpResponse refused = client_b.request("POST", "/", "a body that is thrown away");
  CHECK(refused.status == 429);
  CHECK(refused.field("retry-after") == "60");
  CHECK(refused.field("ratelimit-policy") == "\"all\";q=5;w=300");
  CHECK(refused.field("ratelimit") == "\"all\";r=0;t=60");
  CHECK(refused.body.contains(R"("violated-policies":["all"])"));
  CHECK(client_b.request("GET", "/").status == 429);  // the connection stays
  CHECK(client_a.request("GET", "/").status == 429);
  CHECK(upstream.received().size() == 5);
  CHECK(metric(a, "headgate_shared_limit_answers_total", "by=\"redis\"") == 4);
  CHECK(metric(a, "headgate_shared_limit_failures_total") == 0);
  CHECK(metric(a, "headgate_redis_connections") == 1);
  REQUIRE(a.stop().exit_code == 0);
  REQUIRE(b.stop().exit_code == 0);
}

TEST_CASE("redis gateway: of limits that are shared too a client is told what is left") {
  ScriptedUpstream upstream{hello()};
  RedisServer redis;
  const std::string shared =
      ", key: global, shared: {redis: \"" + redis.address() + "\", timeout: 10s}}";
  TestGateway gateway{simple_config(
      {upstream.address()}, "",
      "filters: [{rate_limits: [{algorithm: token_bucket, rate: 1/min, burst: 3" + shared +
          ", {algorithm: token_bucket, rate: 1/h, burst: 9, key: global, name: own}"
          ", {algorithm: token_bucket, rate: 1/h, burst: 1, fields: [standard, legacy]" +
          shared + "]}]")};
  HttpClient client{gateway.address()};
  const HttpResponse first = client.request("GET", "/");
  CHECK(first.status == 200);
  CHECK(first.field("ratelimit") == "\"all.1\";r=2, \"own\";r=8;t=3600, \"all.3\";r=0");
  CHECK(first.field("ratelimit-limit") == "1");
  CHECK(first.field("ratelimit-remaining") == "0");
  const HttpResponse refused = client.request("GET", "/");
  CHECK(refused.status == 429);
  // The first one has kept what it had, nobody here knows for how long, and our own got it back.
  CHECK(refused.field("ratelimit") == "\"all.1\";r=2, \"own\";r=8;t=3600, \"all.3\";r=0;t=3600");
  CHECK(refused.body.contains(R"("violated-policies":["all.3"])"));
  CHECK(gateway.stop().exit_code == 0);
}

TEST_CASE("redis gateway: callers are told apart, and a window is one window for all") {
  ScriptedUpstream upstream{hello()};
  RedisServer redis;
  const std::string config = config_of(
      upstream, redis, "algorithm: fixed_window, limit: 3, window: 365d, key: \"header:x-key\"",
      ", prefix: \"test:\"");
  TestGateway a{config};
  TestGateway b{config};
  HttpClient client_a{a.address()};
  HttpClient client_b{b.address()};
  for (const char* key : {"X-Key: one\r\n", "X-Key: two\r\n"}) {
    CHECK(client_a.request("GET", "/", {}, key).status == 200);
    CHECK(client_b.request("GET", "/", {}, key).status == 200);
    CHECK(client_a.request("GET", "/", {}, key).status == 200);
    CHECK(client_b.request("GET", "/", {}, key).status == 429);
    CHECK(client_a.request("GET", "/", {}, key).status == 429);
  }
  CHECK(redis.call({"KEYS", "test:all/0/0/*3:one"}) == "test:all/0/0/w3/365d/3:one");
}

TEST_CASE("redis gateway: exact, two gateways under load admit no more than one bucket holds") {
  ScriptedUpstream upstream{hello()};
  RedisServer redis;
  const std::string config =
      config_of(upstream, redis, "algorithm: token_bucket, rate: 100/s, burst: 20, key: global",
                ", timeout: 10s");
  TestGateway a{config};
  TestGateway b{config};
  const auto start = Clock::now();
  const Load load = drive({&a, &b}, std::chrono::milliseconds{1500});
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  INFO(load.admitted << " in " << seconds << " s, " << load.refused << " refused");
  CHECK(static_cast<double>(load.admitted) <= 20 + 100 * seconds);
  CHECK(load.admitted >= 100);
  CHECK(load.refused > 0);
  CHECK(load.other == 0);
  CHECK(metric(a, "headgate_shared_limit_failures_total") == 0);
  CHECK(metric(a, "headgate_shared_limit_answers_total", "redis") +
            metric(b, "headgate_shared_limit_answers_total", "redis") ==
        load.admitted + load.refused);
}

TEST_CASE("redis gateway: by leases, two gateways admit no more, and ask seldom") {
  ScriptedUpstream upstream{hello()};
  RedisServer redis;
  const std::string config =
      config_of(upstream, redis, "algorithm: token_bucket, rate: 200/s, burst: 100, key: global",
                ", mode: lease, lease: 20, lease_time: 200ms, timeout: 10s");
  TestGateway a{config};
  TestGateway b{config};
  const auto start = Clock::now();
  const Load load = drive({&a, &b}, std::chrono::milliseconds{1500});
  const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
  INFO(load.admitted << " in " << seconds << " s, " << load.refused << " refused");
  CHECK(static_cast<double>(load.admitted) <= 100 + 200 * seconds);
  CHECK(load.admitted >= 100);
  CHECK(load.refused > 0);
  CHECK(load.other == 0);
  const auto both = [&](const std::string& name, const std::string& labels) {
    return metric(a, name, labels) + metric(b, name, labels);
  };
  const std::string tokens = "headgate_shared_limit_lease_tokens_total";
  CHECK(both(tokens, "spent") == load.admitted);
  CHECK(both("headgate_shared_limit_answers_total", "lease") == load.admitted + load.refused);
  CHECK(both("headgate_shared_limit_answers_total", "redis") < load.admitted + load.refused);
  // What is left over is given back when its time is over.
  CHECK(eventually(
      [&] { return both(tokens, "taken") == both(tokens, "spent") + both(tokens, "returned"); }));
}

TEST_CASE("redis gateway: what a gateway holds by lease it gives back when it ends") {
  ScriptedUpstream upstream{hello()};
  RedisServer redis;
  const std::string config =
      config_of(upstream, redis, "algorithm: token_bucket, rate: 1/day, burst: 10, key: global",
                ", mode: lease, lease: 10, lease_time: 1h");
  TestGateway a{config};
  TestGateway b{config};
  HttpClient client_a{a.address()};
  HttpClient client_b{b.address()};
  CHECK(client_a.request("GET", "/").status == 200);  // and a has the nine that are left
  CHECK(client_b.request("GET", "/").status == 429);
  REQUIRE(a.stop().exit_code == 0);
  TestGateway c{config};  // b remembers the refusal
  HttpClient client_c{c.address()};
  for (int i = 0; i < 9; ++i) CHECK(client_c.request("GET", "/").status == 200);
  CHECK(client_c.request("GET", "/").status == 429);
}

struct Rule {
  std::string on_failure;
  std::vector<int> statuses;  // of six requests while Redis is away
};

TEST_CASE("redis gateway: without Redis the rule on_failure decides, and with it again Redis") {
  const auto rule = GENERATE(values<Rule>({{"admit", {200, 200, 200, 200, 200, 200}},
                                           {"refuse", {503, 503, 503, 503, 503, 503}},
                                           {"local", {200, 200, 200, 429, 429, 429}}}));
  CAPTURE(rule.on_failure);
  ScriptedUpstream upstream{hello()};
  RedisServer redis;
  TestGateway gateway{config_of(upstream, redis,
                                "algorithm: token_bucket, rate: 2/day, burst: 6, key: global",
                                ", gateways: 2, timeout: 10s, on_failure: " + rule.on_failure)};
  HttpClient client{gateway.address()};
  for (int i = 0; i < 4; ++i) CHECK(client.request("GET", "/").status == 200);
  redis.kill();
  REQUIRE(eventually([&] { return metric(gateway, "headgate_redis_connections") == 0; }));
  std::vector<int> statuses;
  for (int i = 0; i < 6; ++i) statuses.push_back(client.request("GET", "/").status);
  CHECK(statuses == rule.statuses);
  CHECK(metric(gateway, "headgate_shared_limit_failures_total",
               "then=\"" + rule.on_failure + "\"") == 6);
  CHECK(eventually([&] {
    return metric(gateway, "headgate_request_outcomes_total", "limit_unknown") ==
           std::ranges::count(rule.statuses, 503);
  }));
  redis.start();  // with nothing in it: the script is gone too, and the bucket is full
  REQUIRE(eventually([&] { return metric(gateway, "headgate_redis_connections") == 1; }));
  for (int i = 0; i < 6; ++i) CHECK(client.request("GET", "/").status == 200);
  CHECK(client.request("GET", "/").status == 429);
  CHECK(metric(gateway, "headgate_shared_limit_failures_total") == 6);
  CHECK(metric(gateway, "headgate_redis_connects_total") == 2);
  REQUIRE(gateway.stop().exit_code == 0);
}

TEST_CASE("redis gateway: a Redis that hangs costs one timeout, not one for each request") {
  ScriptedUpstream upstream{hello()};
  RedisServer redis;
  TestGateway gateway{config_of(upstream, redis,
                                "algorithm: token_bucket, rate: 1/day, burst: 100, key: global",
                                ", timeout: 100ms, on_failure: admit")};
  HttpClient client{gateway.address()};
  CHECK(client.request("GET", "/").status == 200);
  redis.pause();
  for (int i = 0; i < 100; ++i) CHECK(client.request("GET", "/").status == 200);
  CHECK(metric(gateway, "headgate_shared_limit_failures_total", "timed_out") >= 1);
  CHECK(metric(gateway, "headgate_shared_limit_failures_total", "timed_out") <= 2);
  CHECK(metric(gateway, "headgate_shared_limit_failures_total", "down") >= 98);
  redis.resume();
  const auto answers = [&] {
    CHECK(client.request("GET", "/").status == 200);
    return metric(gateway, "headgate_shared_limit_answers_total", "redis");
  };
  const long before = answers();
  CHECK(eventually([&] { return answers() > before; }));
}

TEST_CASE("redis gateway: a script that Redis has forgotten is loaded again, and nobody notices") {
  ScriptedUpstream upstream{hello()};
  RedisServer redis;
  TestGateway gateway{config_of(upstream, redis,
                                "algorithm: token_bucket, rate: 1/day, burst: 3, key: global",
                                ", timeout: 10s, on_failure: refuse")};
  HttpClient client{gateway.address()};
  for (int i = 0; i < 3; ++i) {
    CHECK(client.request("GET", "/").status == 200);
    REQUIRE(redis.call({"SCRIPT", "FLUSH"}) == "OK");
  }
  CHECK(client.request("GET", "/").status == 429);
  CHECK(metric(gateway, "headgate_shared_limit_failures_total") == 0);
  CHECK(metric(gateway, "headgate_redis_connects_total") == 1);
}

TEST_CASE("redis gateway: a client that leaves while its limit is asked harms nobody") {
  ScriptedUpstream upstream{hello()};
  RedisServer redis;
  TestGateway gateway{config_of(upstream, redis,
                                "algorithm: token_bucket, rate: 1/day, burst: 100, key: global",
                                ", timeout: 10s, on_failure: refuse")};
  HttpClient first{gateway.address()};
  REQUIRE(first.request("GET", "/").status == 200);
  redis.pause();
  std::vector<std::unique_ptr<HttpClient>> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(std::make_unique<HttpClient>(gateway.address()));
    REQUIRE(clients.back()->send("GET / HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\n"));
  }
  REQUIRE(eventually([&] { return metric(gateway, "headgate_redis_questions_total") == 11; }));
  for (const auto& client : clients) client->reset();
  redis.resume();
  CHECK(eventually([&] { return first.request("GET", "/").status == 200; }));
  REQUIRE(gateway.stop().exit_code == 0);
}

TEST_CASE("redis gateway: what cannot be shared is refused with the place and the way out") {
  const TempDir folder;
  const auto lint = [&](const std::string& limit) {
    const std::string file = folder.write(
        "gateway.yaml",
        simple_config({"127.0.0.1:1"}, "", "filters: [{rate_limit: {" + limit + "}}]"));
    const Ended ended = run({command("gwctl"), "lint", file});
    CHECK(ended.exit_code == 1);
    return ended.out + ended.err;
  };
  const std::string bucket = "algorithm: token_bucket, rate: 10/s, burst: 5, shared: ";
  CHECK_THAT(lint(bucket + "{redis: \"127.0.0.1:6379\", mode: lease, lease: 6}"),
             Catch::Contains("'shared.lease' must be 1 to the burst, 5"));
  CHECK_THAT(lint(bucket + "{redis: \"127.0.0.1:6379\", lease: 2}"),
             Catch::Contains("'shared.lease' needs mode: lease"));
  CHECK_THAT(lint(bucket + "{redis: \"127.0.0.1\"}"), Catch::Contains("HOST:PORT"));
  CHECK_THAT(lint(bucket + "{redis: \"127.0.0.1:6379\", on_failure: deny}"),
             Catch::Contains("admit"));
  CHECK_THAT(lint(bucket + "{redis: \"127.0.0.1:6379\", timeout: 1h}"),
             Catch::Contains("'shared.timeout' must be 1ms to 10s"));
  CHECK_THAT(lint("algorithm: fixed_window, limit: 5, window: 1s, shared: {redis: \"h:1\", mode: "
                  "lease}"),
             Catch::Contains("'shared.mode' lease needs algorithm: token_bucket"));
  CHECK_THAT(lint("algorithm: fixed_window, limit: 5, window: 1000001ns, shared: {redis: \"h:1\"}"),
             Catch::Contains("'window' must be whole microseconds"));
}

}  // namespace
}  // namespace headgate::test
