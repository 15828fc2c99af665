#include "headgate/config/gateway_config.hpp"

#include <catch2/catch.hpp>

#include "examples.hpp"
#include "support/process.hpp"

namespace {

using namespace headgate::config;
using namespace headgate::config::test;
using namespace std::chrono_literals;
using headgate::Duration;

std::string all(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) text += to_text(diagnostic) + "\n";
  return text;
}

void check_documented_example(const GatewayConfig& config) {
  REQUIRE(config.listeners.size() == 1);
  CHECK(config.listeners[0].name == "http");
  CHECK(config.listeners[0].bind == HostPort{.host = "127.0.0.1", .port = 8080});

  REQUIRE(config.services.size() == 1);
  const ServiceConfig& orders = config.services[0];
  CHECK(orders.name == "orders");
  REQUIRE(orders.targets.size() == 2);
  CHECK(orders.targets[0].name == "orders/0");
  CHECK(orders.targets[0].url == "http://127.0.0.1:9001");
  CHECK(orders.targets[0].address == HostPort{.host = "127.0.0.1", .port = 9001});
  CHECK(orders.targets[1].name == "b");
  CHECK(orders.balance.policy == "two_choices");
  CHECK(orders.timeouts.connect == Duration{500ms});
  CHECK(orders.timeouts.response == Duration{2s});

  REQUIRE(config.routes.size() == 2);
  const RouteConfig& route = config.routes[0];
  CHECK(route.match.hosts == std::vector<std::string>{"api.example.com"});
  CHECK(route.match.path.kind == headgate::routing::PathMatch::Kind::kPrefix);
  CHECK(route.match.path.path == "/orders");
  CHECK(to_text(route.match.methods) == "GET, POST");
  REQUIRE(route.filters.size() == 2);
  const auto& limit = std::get<RateLimitFilter>(route.filters[0]).limits.at(0);
  CHECK(limit.algorithm == "token_bucket");
  CHECK(limit.rate == headgate::Rate{.count = 1, .per = 10ms});
  CHECK(limit.burst == headgate::Tokens{20});
  CHECK(headgate::ratelimit::to_text(limit.key.at(0)) == "client_ip");
  CHECK(std::get<PublishFilter>(route.filters[1]).topic == "requests");
  CHECK(std::get<ToService>(route.action).service == "orders");
  CHECK(config.routes[1].match.path.kind == headgate::routing::PathMatch::Kind::kExact);
  CHECK(std::get<ToTopic>(config.routes[1].action).topic == "requests");

  CHECK(config.topics.at(0).store == "main");
  const QueueConfig& work = config.queues.at(0);
  CHECK(work.lease == Duration{30s});
  CHECK(work.max_deliveries == 5);
  CHECK(work.dead_letter == "work.dead");
  const auto& journal = std::get<JournalStore>(config.stores.at(0).kind);
  CHECK(journal.dir == "conf/data/main");
  CHECK(journal.durability == Durability::kDisk);
  CHECK(config.access_log == "conf/access.jsonl");
  CHECK(config.workers == 1);
  CHECK(config.admin == HostPort{.host = "127.0.0.1", .port = 9901});
  REQUIRE(config.tests.size() == 1);
  CHECK(config.tests[0].method == "GET");
  CHECK(config.tests[0].host == "api.example.com");
  CHECK(config.tests[0].target == "/orders/1");
  CHECK(config.tests[0].route == "orders");
}

TEST_CASE("the documented gateway config is read as it is meant, clean of findings") {
  const auto loaded = load_gateway_text(kGatewayYaml, "conf/gateway.yaml");
  CHECK(all(loaded.diagnostics).empty());
  check_documented_example(loaded.value);
}

TEST_CASE("the same config as JSON gives the same model") {
  const auto loaded = load_gateway_text(kGatewayJson, "conf/gateway.json");
  CHECK(all(loaded.diagnostics).empty());
  check_documented_example(loaded.value);
}

TEST_CASE("what a config does not say has the documented defaults") {
  const auto loaded = load_gateway_text(
      "listeners: [{name: http, bind: \"[::1]:0\"}]\n"
      "services: {orders: {targets: [{url: \"http://Orders.internal\"}]}}\n"
      "routes: [{name: all, service: orders}]\n",
      "gateway.yaml");
  CHECK(all(loaded.diagnostics).empty());
  const GatewayConfig& config = loaded.value;
  CHECK(config.listeners[0].bind == HostPort{.host = "::1", .port = 0});
  CHECK(config.services[0].targets[0].address == HostPort{.host = "orders.internal", .port = 80});
  CHECK(config.services[0].balance.policy == "two_choices");
  CHECK(config.services[0].timeouts.connect == Duration{500ms});
  CHECK(config.services[0].timeouts.response == Duration{2s});
  CHECK(config.services[0].timeouts.idle == Duration{30s});
  CHECK(config.services[0].pool.idle_max == 128);
  CHECK(config.services[0].pool.idle_timeout == Duration{60s});
  CHECK(config.routes[0].match.hosts.empty());
  CHECK(config.routes[0].match.path.path == "/");
  CHECK(config.routes[0].match.methods.empty());
  CHECK(config.workers == 0);
  CHECK_FALSE(config.admin);
  CHECK(config.access_log.empty());
  CHECK(config.limits.head.count == 16'384);
  CHECK(config.limits.fields == 100);
  CHECK(config.limits.request_line.count == 8'192);
  CHECK_FALSE(config.limits.body);
  CHECK(config.limits.connections == 10'000);
  CHECK(config.limits.head_timeout == Duration{10s});
  CHECK(config.limits.idle_timeout == Duration{60s});
  CHECK(config.limits.drain_timeout == Duration{10s});
}

TEST_CASE("every option of a gateway config reaches its place in the model") {
  const auto loaded = load_gateway_text(
      "listeners: [{name: http, bind: \"localhost:8080\"}]\n"
      "services:\n"
      "  orders:\n"
      "    targets: [{url: \"http://[::1]:9001/\"}]\n"
      "    timeouts: {idle: 7s}\n"
      "    pool: {idle_max: 3, idle_timeout: 5s}\n"
      "routes:\n"
      "- name: all\n"
      "  filters:\n"
      "  - rate_limit: {algorithm: fixed_window, limit: 1k, window: 1m,\n"
      "                 key: [consumer, \"header:X-Key\", route], max_keys: 10k, overflow: "
      "refuse}\n"
      "  queue: work\n"
      "- {name: rest, match: {path: {prefix: /rest}}, service: orders}\n"
      "queues: {work: {store: cluster}}\n"
      "stores: {cluster: {kafka: {bootstrap: \"127.0.0.1:9092,localhost:9093\"}}}\n"
      "consumers: {acme: {keys: [k1, k2]}, beta: {keys: [k3]}}\n"
      "limits: {head: 32KiB, fields: 50, request_line: 4KiB, body: 10MB, connections: 7,\n"
      "         head_timeout: 3s, idle_timeout: 4s, drain_timeout: 5s}\n",
      "gateway.yaml");
  CHECK(all(loaded.diagnostics).empty());
  const GatewayConfig& config = loaded.value;
  CHECK(config.services[0].targets[0].address == HostPort{.host = "::1", .port = 9001});
  CHECK(config.services[0].timeouts.idle == Duration{7s});
  CHECK(config.services[0].pool.idle_max == 3);
  CHECK(config.services[0].pool.idle_timeout == Duration{5s});
  const auto& limit = std::get<RateLimitFilter>(config.routes[0].filters[0]).limits.at(0);
  CHECK(limit.limit == headgate::Tokens{1000});
  CHECK(limit.window == Duration{1min});
  REQUIRE(limit.key.size() == 3);
  CHECK(headgate::ratelimit::to_text(limit.key[1]) == "header:x-key");
  CHECK(limit.max_keys == 10'000);
  CHECK(limit.overflow == headgate::ratelimit::Overflow::kRefuse);
  CHECK(std::get<ToQueue>(config.routes[0].action).queue == "work");
  CHECK(std::get<KafkaStore>(config.stores[0].kind).bootstrap == "127.0.0.1:9092,localhost:9093");
  REQUIRE(config.consumers.size() == 2);
  CHECK(config.consumers[0].name == "acme");
  CHECK(config.consumers[0].keys == std::vector<std::string>{"k1", "k2"});
  CHECK(config.consumers[1].name == "beta");
  CHECK(config.consumers[1].keys == std::vector<std::string>{"k3"});
  CHECK(config.limits.head.count == 32'768);
  CHECK(config.limits.fields == 50);
  CHECK(config.limits.request_line.count == 4'096);
  CHECK(config.limits.body == headgate::Bytes{10'000'000});
  CHECK(config.limits.connections == 7);
  CHECK(config.limits.head_timeout == Duration{3s});
  CHECK(config.limits.idle_timeout == Duration{4s});
  CHECK(config.limits.drain_timeout == Duration{5s});
}

TEST_CASE("parts are found by name, and what is not there is null") {
  const auto config = load_gateway_text(kGatewayYaml, "gateway.yaml").value;
  CHECK(config.find_service("orders") == &config.services[0]);
  CHECK(config.find_topic("requests") == &config.topics[0]);
  CHECK(config.find_queue("work") == &config.queues[0]);
  CHECK(config.find_store("main") == &config.stores[0]);
  CHECK(config.find_service("none") == nullptr);
  CHECK(config.find_topic("none") == nullptr);
  CHECK(config.find_queue("none") == nullptr);
  CHECK(config.find_store("none") == nullptr);
}

/// What is said of a config whose target, route filter or other part is `part`.
std::string of_target(const std::string& target) {
  return all(load_gateway_text("listeners: [{name: http, bind: \"127.0.0.1:1\"}]\n"
                               "services: {s: {targets: [" +
                                   target +
                                   "]}}\n"
                                   "routes: [{name: r, service: s}]\n",
                               "f")
                 .diagnostics);
}

TEST_CASE("a target is an http address and nothing more") {
  CHECK(of_target("{url: \"http://10.0.0.1:9001\"}").empty());
  CHECK(of_target("{url: \"https://10.0.0.1\"}") ==
        "f:2:32: error[GW001] 'https://10.0.0.1' is https, which is not available in this version; "
        "write http://\n");
  CHECK(of_target("{url: \"http://10.0.0.1/orders\"}") ==
        "f:2:32: error[GW001] 'http://10.0.0.1/orders' has a path; a target is only "
        "http://HOST:PORT\n");
  for (const char* const url :
       {"10.0.0.1:9001", "http://", "http://:80", "http://a:0", "http://a:65536", "http://u@a",
        "http://a b", "http://[::1", "ftp://a"}) {
    INFO(url);
    CHECK(of_target("{url: \"" + std::string{url} + "\"}").contains("GW001"));
  }
}

std::string of_limit(const std::string& limit) {
  return all(load_gateway_text("listeners: [{name: http, bind: \"127.0.0.1:1\"}]\n"
                               "services: {s: {targets: [{url: \"http://a\"}]}}\n"
                               "routes: [{name: r, service: s, filters: [\n"
                               "{rate_limit: " +
                                   limit + "}]}]\n",
                               "f")
                 .diagnostics);
}

TEST_CASE("a rate limit has what its algorithm needs and nothing that it does not") {
  CHECK(of_limit("{algorithm: token_bucket, rate: 100/s, burst: 20}").empty());
  CHECK(of_limit("{algorithm: token_bucket, burst: 20}")
            .starts_with("f:4:14: error[GW001] "
                         "token_bucket needs 'rate'"));
  CHECK(of_limit("{algorithm: token_bucket, rate: 100/s, burst: 20, window: 1s}") ==
        "f:4:72: error[GW001] 'window' is no option of token_bucket, which has: rate, burst\n");
  CHECK(of_limit("{algorithm: fixed_window, limit: 5, window: 0s}") ==
        "f:4:58: error[GW001] '0s' must be more than zero\n");
  CHECK(of_limit("{algorithm: token_bucket, rate: 100/s, burst: 0}")
            .starts_with("f:4:60: error[GW001] 'burst' must be 1 to "));
  CHECK(of_limit("{algorithm: token_bucket, rate: 100/s, burst: 20, key: client-ip}")
            .starts_with("f:4:69: error[GW001] 'client-ip' is no part of a request; did you mean "
                         "'client_ip'?"));
  CHECK(of_limit("{algorithm: token_bucket, rate: 100/s, burst: 20, overflow: drop}") ==
        "f:4:74: error[GW001] 'drop' is unknown here; there are: steal_oldest, admit, refuse\n");
}

/// What is said of the smallest good config with `line` added.
std::string with(const std::string& line) {
  return all(load_gateway_text("listeners: [{name: http, bind: \"127.0.0.1:1\"}]\n"
                               "services: {s: {targets: [{url: \"http://a\"}]}}\n"
                               "routes: [{name: r, service: s, filters: [{publish: {topic: t}}]}]\n"
                               "topics: {t: {store: m}}\n" +
                                   line + "\n",
                               "f")
                 .diagnostics);
}

TEST_CASE("a store is of one kind, and each kind has what it needs") {
  CHECK(with("stores: {m: {memory: {}}}").empty());
  CHECK(with("stores: {m: {journal: {dir: d, durability: os}}}").empty());
  CHECK(with("stores: {m: {kafka: {bootstrap: \"a:1,b:2\"}}}").empty());
  CHECK(with("stores: {m: {}}") ==
        "f:5:13: error[GW001] a store needs exactly one of 'memory', 'journal', 'kafka'\n");
  CHECK(with("stores: {m: {memory: {}, journal: {dir: d}}}") ==
        "f:5:13: error[GW001] a store has 'memory', 'journal'; only one of them can be\n");
  CHECK(with("stores: {m: {journal: {}}}") ==
        "f:5:23: error[GW001] a journal needs 'dir'; its folder, relative to this file\n");
  CHECK(with("stores: {m: {kafka: {bootstrap: \"a:1,,b:2\"}}}").contains("must be HOST:PORT"));
  CHECK(with("stores: {m: {memory: {size: 1}}}").contains("unknown key 'size' in a memory store"));
}

TEST_CASE("names are words, so that they can stand in metrics and file names") {
  const auto named = [](const std::string& name) {
    return with("stores: {m: {memory: {}}}\nqueues: {\"" + name + "\": {store: m}}");
  };
  CHECK(named("work").empty());
  CHECK(named("work.dead-2_x").empty());
  CHECK(named(std::string(200, 'a')).empty());
  for (const std::string& name : {std::string{"../x"}, std::string{"a/b"}, std::string{".a"},
                                  std::string{"-a"}, std::string{"a b"}, std::string(201, 'a')}) {
    INFO(name);
    CHECK(named(name).contains("is no name"));
  }
}

TEST_CASE("hosts of a match are taken in any case, and refused with a port or a wildcard inside") {
  const auto matched = [](const std::string& host) {
    return load_gateway_text(
        "listeners: [{name: http, bind: \"127.0.0.1:1\"}]\n"
        "services: {s: {targets: [{url: \"http://a\"}]}}\n"
        "routes: [{name: r, match: {hosts: [\"" +
            host + "\"]}, service: s}]\n",
        "f");
  };
  CHECK(matched("API.Example.com").value.routes[0].match.hosts.at(0) == "api.example.com");
  CHECK(matched("*.example.com").ok());
  CHECK_FALSE(matched("api.*.com").ok());
  CHECK_FALSE(matched("api.example.com:80").ok());
  CHECK_FALSE(matched("").ok());
}

TEST_CASE("an unreadable file is not readable, and a readable one with errors is not ok") {
  const headgate::test::TempDir dir;
  CHECK_FALSE(load_gateway_file(dir.path() + "/none").readable);
  const auto empty = load_gateway_file(dir.write("empty.yaml", ""));
  CHECK_FALSE(empty.readable);
  const auto list = load_gateway_file(dir.write("list.yaml", "- 1\n"));
  CHECK(list.readable);
  CHECK_FALSE(list.ok());
  const auto good = load_gateway_file(dir.write("good.yaml", kGatewayYaml));
  CHECK(good.ok());
  CHECK(std::get<JournalStore>(good.value.stores.at(0).kind).dir == dir.path() + "/data/main");
}

}  // namespace
