// The gateway with its topics on a real Apache Kafka broker.
#include <signal.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "support/http_client.hpp"
#include "support/kafka_broker.hpp"
#include "support/process.hpp"

namespace headgate::test {
namespace {

using nlohmann::json;

// A gateway whose events go to Kafka: POST /events answers when the brokers have the event; every
// request to /orders is answered by an upstream and leaves an event behind.
class Rig {
 public:
  Rig() : upstream_({command("loadgen"), "serve", "--bind", "127.0.0.1:0"}) {
    config_ = dir_.write("gateway.yaml", R"(
listeners: [{name: http, bind: 127.0.0.1:0}]
services: {orders: {targets: [{url: "http://)" +
                                             upstream_.ready("http") + R"("}]}}
routes:
- {name: orders, match: {path: {prefix: /orders}}, filters: [{publish: {topic: requests}}], service: orders}
- {name: events, match: {path: {exact: /events}, methods: [POST]}, topic: events}
topics: {requests: {store: main}, events: {store: main}}
stores: {main: {kafka: {bootstrap: ")" + broker_.bootstrap() +
                                             R"("}}}
workers: 1
)");
    gateway_.emplace(Argv{command("gwctl"), "run", config_});
    http_ = gateway_->ready("http");
  }

  [[nodiscard]] const std::string& http() const noexcept { return http_; }
  KafkaBroker& broker() { return broker_; }
  Process& gateway() { return *gateway_; }

  // The data of every event of `topic`, in order.
  [[nodiscard]] std::vector<json> events(const std::string& topic) const {
    const Ended ended = run({command("gwctl"), "topic", "tail", topic, "--config", config_,
                             "--from", "begin", "--json"});
    if (ended.exit_code != 0) FAIL(ended.err);
    std::vector<json> events;
    std::istringstream lines{ended.out};
    for (std::string line; std::getline(lines, line);) events.push_back(json::parse(line));
    return events;
  }

 private:
  KafkaBroker broker_;
  TempDir dir_;
  Process upstream_;
  std::string config_;
  std::optional<Process> gateway_;
  std::string http_;
};

std::string numbered(int n) { return R"({"n": )" + std::to_string(n) + "}"; }

constexpr const char* kJson = "Content-Type: application/json\r\n";

TEST_CASE("kafka gateway: every event comes back once; none that was answered is lost by a crash") {
  Rig rig;
  std::set<int> answered;
  HttpClient poster{rig.http(), Milliseconds{60'000}};
  for (int n = 0; n < 100; ++n) {
    const HttpResponse response = poster.request("POST", "/events", numbered(n), kJson);
    REQUIRE(response.status == 202);
    const json body = json::parse(response.body);
    CHECK(body.at("topic") == "events");
    CHECK(body.at("offset") == n);
    CHECK_FALSE(body.at("id").get<std::string>().empty());
    answered.insert(n);
  }
  const auto before = rig.events("events");
  REQUIRE(before.size() == 100);
  for (int n = 0; n < 100; ++n) CHECK(before[static_cast<std::size_t>(n)].at("data").at("n") == n);

  // The broker dies under a stream of events; requests to the service are answered all the while.
  std::atomic<bool> down = false;
  std::jthread crash{[&] {
    rig.broker().kill();
    down = true;
    pause_briefly();
    rig.broker().start();
    down = false;
  }};
  int served_while_down = 0;
  HttpClient visitor{rig.http()};
  int served = 0;
  while (!down) {
    REQUIRE(visitor.request("GET", "/orders/1").status == 200);
    ++served;
  }
  for (int n = 100; n < 200; ++n) {
    served_while_down += down ? 1 : 0;
    REQUIRE(visitor.request("GET", "/orders/1").status == 200);
    ++served;
    if (poster.request("POST", "/events", numbered(n), kJson).status == 202) answered.insert(n);
  }
  crash.join();
  CHECK(served_while_down > 0);
  CHECK(answered.contains(199));  // the gateway found the broker again

  // SIGTERM drains: what is still on its way to the brokers gets there.
  rig.gateway().signal(SIGTERM);
  CHECK(rig.gateway().wait().exit_code == 0);
  std::multiset<int> stored;
  for (const json& event : rig.events("events")) stored.insert(event.at("data").at("n").get<int>());
  for (const int n : answered) CHECK(stored.count(n) == 1);
  std::set<std::string> ids;
  const auto requests = rig.events("requests");
  for (const json& event : requests) ids.insert(event.at("id").get<std::string>());
  CHECK(requests.size() == static_cast<std::size_t>(served));
  CHECK(ids.size() == requests.size());
}

}  // namespace
}  // namespace headgate::test
