// What guards a service, in front of real targets that fail: breaker, retries, ejection,
// concurrency limit, throttle.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "support/gateway.hpp"
#include "support/scripted_upstream.hpp"

namespace headgate::test {
namespace {

ScriptedAnswer answer(int status) {
  return {.bytes = "HTTP/1.1 " + std::to_string(status) + " X\r\ncontent-length: 1\r\n\r\nx"};
}

/// An address where nobody listens: its server is gone.
std::string dead_address() {
  ScriptedUpstream gone{[](const ReceivedRequest&) { return ok(""); }};
  return gone.address();
}

/// The value of a metric's line, by its beginning up to the value; -1 if there is none.
double metric(const TestGateway& gateway, const std::string& line_begin) {
  std::istringstream page{gateway.page("/metrics").body};
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with(line_begin + " ")) return std::stod(line.substr(line_begin.size() + 1));
  }
  return -1;
}

/// The statuses of `count` requests, one after the other.
std::vector<int> statuses(const TestGateway& gateway, int count, const std::string& method = "GET",
                          const std::string& body = {}) {
  HttpClient client{gateway.address()};
  std::vector<int> seen;
  for (int i = 0; i < count; ++i) seen.push_back(client.request(method, "/", body).status);
  return seen;
}

std::string type_of(const HttpResponse& response) {
  return nlohmann::json::parse(response.body)["type"];
}

// --- breaker

TEST_CASE("breaker: after N failures in a row it refuses with 503 and Retry-After, and says so") {
  ScriptedUpstream failing{[](const ReceivedRequest&) { return answer(500); }};
  TestGateway gateway{
      simple_config({failing.address()}, "breaker: {consecutive_failures: 3, open_for: 90s}")};
  HttpClient client{gateway.address()};
  for (int i = 0; i < 3; ++i) CHECK(client.request("GET", "/").status == 500);
  const HttpResponse refused = client.request("GET", "/");
  CHECK(refused.status == 503);
  CHECK(refused.field("content-type") == "application/problem+json");
  CHECK(type_of(refused) == "urn:headgate:outcome:breaker_open");
  const int wait = std::stoi(refused.field("retry-after"));
  CHECK(wait > 30);  // 90, unless a whole minute has passed since the third failure
  CHECK(wait <= 90);
  CHECK(client.request("GET", "/").status == 503);
  CHECK(failing.received().size() == 3);
  CHECK(metric(gateway, R"(headgate_breaker_state{service="main",state="open"})") == 1);
  CHECK(metric(gateway, R"(headgate_breaker_state{service="main",state="closed"})") == 0);
  CHECK(metric(gateway, R"(headgate_breaker_trips_total{service="main"})") == 1);
  // The second is counted behind its answer.
  CHECK(eventually([&] {
    return metric(gateway, R"(headgate_request_outcomes_total{outcome="breaker_open"})") == 2;
  }));
}

TEST_CASE("breaker: half-open it recovers once the service is well again") {
  std::atomic<bool> well = false;
  ScriptedUpstream moody{[&](const ReceivedRequest&) { return answer(well ? 200 : 500); }};
  TestGateway gateway{
      simple_config({moody.address()}, "breaker: {consecutive_failures: 2, open_for: 20ms}")};
  HttpClient client{gateway.address()};
  // Every probe fails and opens it again: there are refusals however long it goes on.
  CHECK(eventually([&] {
    return client.request("GET", "/").status == 503 &&
           metric(gateway, R"(headgate_breaker_trips_total{service="main"})") >= 3;
  }));
  well = true;
  CHECK(eventually([&] { return client.request("GET", "/").status == 200; }));
  for (int i = 0; i < 20; ++i) CHECK(client.request("GET", "/").status == 200);
  CHECK(metric(gateway, R"(headgate_breaker_state{service="main",state="closed"})") == 1);
}

TEST_CASE("breaker: connections refused count as failures, answers of 4xx do not") {
  TestGateway gateway{
      simple_config({dead_address()}, "breaker: {consecutive_failures: 2, open_for: 1h}")};
  CHECK(statuses(gateway, 4) == std::vector<int>{502, 502, 503, 503});
  ScriptedUpstream strict{[](const ReceivedRequest&) { return answer(404); }};
  TestGateway other{
      simple_config({strict.address()}, "breaker: {consecutive_failures: 2, open_for: 1h}")};
  CHECK(statuses(other, 10) == std::vector<int>(10, 404));
}

// --- retry

constexpr const char* kRetry =
    "balance: {policy: round_robin}, "
    "retry: {attempts: 2, on: [connect_failure, reset, \"503\"], budget: 100%, "
    "backoff: {base: 1ms, max: 2ms}}";

TEST_CASE("retry: one dead target of two is hidden from every client") {
  ScriptedUpstream alive{[](const ReceivedRequest& request) { return ok(request.body); }};
  TestGateway gateway{simple_config({dead_address(), alive.address()}, kRetry)};
  CHECK(statuses(gateway, 20) == std::vector<int>(20, 200));
  // A request that was not sent can be sent again, whatever its method, with its whole body.
  HttpClient client{gateway.address()};
  const std::string body(100'000, 'b');
  for (int i = 0; i < 6; ++i) {
    const HttpResponse response = client.request("POST", "/", body);
    CHECK(response.status == 200);
    CHECK(response.body == body);
  }
  // A retry takes its turn too: dead, alive, dead, alive, so that every request meets both.
  CHECK(metric(gateway, R"(headgate_retries_total{service="main"})") == 26);
  CHECK(gateway.stop().exit_code == 0);
  std::size_t attempts = 0;
  for (const auto& line : gateway.log()) attempts += line["attempts"].get<std::size_t>();
  CHECK(attempts == 52);
}

TEST_CASE("retry: a target that answers 503 or hangs up is hidden for what may be repeated") {
  std::atomic<int> refused = 0;
  ScriptedUpstream alive{[](const ReceivedRequest&) { return answer(200); }};
  ScriptedUpstream busy{[&](const ReceivedRequest&) {
    return ++refused % 2 == 0 ? answer(503) : ScriptedAnswer{.bytes = "", .close = true};
  }};
  TestGateway gateway{simple_config({busy.address(), alive.address()}, kRetry)};
  CHECK(statuses(gateway, 20) == std::vector<int>(20, 200));
  CHECK(refused == 20);
  // Of a POST that was sent nobody knows what it has done.
  const std::vector<int> posts = statuses(gateway, 4, "POST", "x");
  CHECK(std::ranges::count(posts, 200) == 2);
  CHECK(std::ranges::count(posts, 502) == 1);
  CHECK(std::ranges::count(posts, 503) == 1);
}

TEST_CASE("retry: the last answer is passed on when the attempts are used up") {
  ScriptedUpstream busy{[](const ReceivedRequest&) { return answer(503); }};
  TestGateway gateway{simple_config({busy.address()}, kRetry)};
  HttpClient client{gateway.address()};
  const HttpResponse last = client.request("GET", "/");
  CHECK(last.status == 503);
  CHECK(last.body == "x");
  CHECK(busy.received().size() == 3);
}

TEST_CASE("retry: the budget stops a storm at its share of the requests") {
  // 100 requests, all of them failing, three more attempts each allowed: 400 without a budget.
  ScriptedUpstream down{[](const ReceivedRequest&) { return answer(503); }};
  TestGateway gateway{
      simple_config({down.address()},
                    "retry: {attempts: 3, on: [5xx], backoff: {base: 1ms, max: 1ms}, "
                    "budget: {percent: {share: 20%, min_per_second: 0, window: 1h}}}")};
  CHECK(statuses(gateway, 100) == std::vector<int>(100, 503));
  CHECK(down.received().size() == 120);
  CHECK(metric(gateway, R"(headgate_retries_total{service="main"})") == 20);
  CHECK(metric(gateway, R"(headgate_retries_over_budget_total{service="main"})") >= 80);
}

TEST_CASE("retry: a client that leaves during the wait costs nothing more") {
  ScriptedUpstream down{[](const ReceivedRequest&) { return answer(503); }};
  TestGateway gateway{
      simple_config({down.address()},
                    "retry: {attempts: 1, on: [5xx], backoff: {base: 1h, max: 1h, jitter: none}}")};
  {
    HttpClient client{gateway.address()};
    REQUIRE(client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
    CHECK(eventually(
        [&] { return metric(gateway, R"(headgate_retries_total{service="main"})") == 1; }));
    client.reset();
  }
  CHECK(eventually([&] {
    return metric(gateway, R"(headgate_request_outcomes_total{outcome="client_closed"})") == 1;
  }));
  CHECK(metric(gateway, R"(headgate_upstream_in_flight{service="main",target="main/0"})") == 0);
  CHECK(down.received().size() == 1);
  CHECK(gateway.stop().exit_code == 0);
}

// --- ejection, concurrency, throttle

TEST_CASE("outlier: a target that fails in a row is left out while the others work") {
  ScriptedUpstream good{[](const ReceivedRequest&) { return answer(200); }};
  ScriptedUpstream bad{[](const ReceivedRequest&) { return answer(500); }};
  TestGateway gateway{
      simple_config({good.address(), bad.address()},
                    "balance: {policy: round_robin}, "
                    "outlier: {consecutive_failures: 3, base_time: 1h, max_time: 1h}")};
  const std::vector<int> seen = statuses(gateway, 40);
  CHECK(std::ranges::count(seen, 500) == 3);
  CHECK(std::ranges::count(seen, 200) == 37);
  CHECK(metric(gateway, R"(headgate_targets_ejected{service="main"})") == 1);
  CHECK(metric(gateway, R"(headgate_target_ejections_total{service="main"})") == 1);
  CHECK(metric(gateway, R"(headgate_upstream_available{service="main",target="main/1"})") == 0);
}

TEST_CASE("outlier: an ejected target comes back by itself") {
  std::atomic<bool> well = false;
  ScriptedUpstream good{[](const ReceivedRequest&) { return answer(200); }};
  ScriptedUpstream moody{[&](const ReceivedRequest&) { return answer(well ? 204 : 500); }};
  TestGateway gateway{simple_config({good.address(), moody.address()},
                                    "balance: {policy: round_robin}, "
                                    "outlier: {consecutive_failures: 1, base_time: 20ms}")};
  statuses(gateway, 2);
  // Counted once the answer has left, by another thread than the one that is asked.
  CHECK(eventually(
      [&] { return metric(gateway, R"(headgate_target_ejections_total{service="main"})") == 1; }));
  well = true;
  HttpClient client{gateway.address()};
  CHECK(eventually([&] { return client.request("GET", "/").status == 204; }));
}

/// A target that keeps its answers until it is told to give them.
class PatientUpstream {
 public:
  [[nodiscard]] std::string address() const { return upstream_.address(); }
  [[nodiscard]] int waiting() const { return waiting_; }
  void answer_all() { open_ = true; }
  ~PatientUpstream() { answer_all(); }

 private:
  std::atomic<int> waiting_ = 0;
  std::atomic<bool> open_ = false;
  ScriptedUpstream upstream_{[this](const ReceivedRequest&) {
    ++waiting_;
    while (!open_) std::this_thread::sleep_for(Milliseconds{1});
    --waiting_;
    return answer(200);
  }};
};

TEST_CASE("concurrency: one more than the limit is refused, and has a place when one is free") {
  PatientUpstream upstream;
  TestGateway gateway{
      simple_config({upstream.address()}, "timeouts: {response: 60s}, concurrency: {limit: 2}")};
  std::vector<std::unique_ptr<HttpClient>> holding;
  for (int i = 0; i < 2; ++i) {
    holding.push_back(std::make_unique<HttpClient>(gateway.address()));
    REQUIRE(holding.back()->send("GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
  }
  REQUIRE(eventually([&] { return upstream.waiting() == 2; }));
  HttpClient third{gateway.address()};
  const HttpResponse refused = third.request("GET", "/");
  CHECK(refused.status == 503);
  CHECK(type_of(refused) == "urn:headgate:outcome:overloaded");
  CHECK(refused.field("retry-after") == "1");
  CHECK(metric(gateway, R"(headgate_concurrency_limit{service="main"})") == 2);
  upstream.answer_all();
  for (const auto& client : holding) CHECK(client->receive().status == 200);
  CHECK(third.request("GET", "/").status == 200);
}

TEST_CASE("concurrency: an adaptive limit grows while the service keeps up") {
  ScriptedUpstream quick{[](const ReceivedRequest&) { return answer(200); }};
  TestGateway gateway{
      simple_config({quick.address()}, "concurrency: {aimd: {initial: 1, min: 1, max: 50}}")};
  CHECK(statuses(gateway, 30) == std::vector<int>(30, 200));
  // One at a time is at least half of a limit of 2, and less than half of 3.
  CHECK(metric(gateway, R"(headgate_concurrency_limit{service="main"})") == 3);
}

TEST_CASE("concurrency: a gateway that stops with requests in flight stops in order") {
  PatientUpstream upstream;
  TestGateway gateway{
      "limits: {drain_timeout: 10ms}\n" +
      simple_config({upstream.address()},
                    "timeouts: {response: 60s}, concurrency: {limit: 2}, breaker: {half_open: 2}")};
  HttpClient client{gateway.address()};
  REQUIRE(client.send("GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
  REQUIRE(eventually([&] { return upstream.waiting() == 1; }));
  CHECK(gateway.stop().exit_code == 0);
}

TEST_CASE("throttle: what the service would refuse is refused here, most of it") {
  ScriptedUpstream full{[](const ReceivedRequest&) { return answer(503); }};
  TestGateway gateway{simple_config({full.address()}, "throttle: {k: 2, min_requests: 10}")};
  CHECK(statuses(gateway, 300) == std::vector<int>(300, 503));
  // The n-th is sent with a chance of 1 / n: ten, and ln 30 = 3.4 more, give or take 1.8.
  CHECK(full.received().size() >= 10);
  CHECK(full.received().size() <= 30);
  const double here = 300 - static_cast<double>(full.received().size());
  CHECK(eventually([&] {
    return metric(gateway, R"(headgate_request_outcomes_total{outcome="throttled"})") == here;
  }));
}

TEST_CASE("guards: the page /config writes them so that they can be read again") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) { return ok("x"); }};
  for (const std::string limit :
       {"{limit: 7}", "{aimd: {max: 70}}", "{vegas: {probe: 9}}", "{gradient: {queue: 5}}"}) {
    CAPTURE(limit);
    TestGateway gateway{simple_config(
        {upstream.address()},
        "breaker: {error_ratio: 50%, slow_ratio: 90%, slow: 70ms}, outlier: {max_ejected: 30%}, "
        "retry: {attempts: 3, on: [5xx, timeout], budget: {tokens: {max_tokens: 7}}}, "
        "throttle: {k: 1.5}, concurrency: " +
            limit)};
    const std::string page = gateway.page("/config").body;
    const auto service = nlohmann::json::parse(page)["services"]["main"];
    CHECK(service["breaker"]["slow"] == "70ms");
    CHECK(service["breaker"]["error_ratio"] == "0.5");
    CHECK(service["outlier"]["max_ejected"] == "0.3");
    CHECK(service["retry"]["on"] == nlohmann::json{"timeout", "5xx"});
    CHECK(service["retry"]["budget"]["tokens"]["max_tokens"] == 7);
    CHECK(service["throttle"]["k"] == 1.5);
    const TempDir folder;
    const Ended lint = run({command("gwctl"), "lint", folder.write("config.json", page)});
    CHECK(lint.out.find("error") == std::string::npos);
    CHECK(lint.exit_code == 0);
    // Read again, it is the same.
    Process again{{command("gwctl"), "run", folder.write("again.json", page)}};
    HttpClient admin{again.ready("admin")};
    CHECK(nlohmann::json::parse(admin.request("GET", "/config").body)["services"]["main"] ==
          service);
    again.signal(SIGTERM);
    CHECK(again.wait().exit_code == 0);
  }
}

}  // namespace
}  // namespace headgate::test
