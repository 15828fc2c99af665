// Health checks against real targets: one that fails them gets no requests, one that passes again
// gets them back.
#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "support/gateway.hpp"
#include "support/scripted_upstream.hpp"

namespace headgate::test {
namespace {

constexpr std::string_view kChecks =
    "balance: {policy: round_robin}, "
    "health: {path: /healthz, every: 10ms, healthy_after: 2, unhealthy_after: 3}";

/// Waits until the metrics page says `count` targets are available; at most a minute.
bool available_soon(const TestGateway& gateway, std::size_t count) {
  for (int tries = 0; tries < 6000; ++tries) {
    std::istringstream page{gateway.page("/metrics").body};
    std::size_t seen = 0;
    for (std::string line; std::getline(page, line);) {
      seen += line.starts_with("headgate_upstream_available{") && line.ends_with(" 1") ? 1U : 0U;
    }
    if (seen == count) return true;
    std::this_thread::sleep_for(Milliseconds{10});
  }
  return false;
}

std::string answer_of(TestGateway& gateway) {
  HttpClient client{gateway.address()};
  return client.request("GET", "/").body;
}

TEST_CASE("health: a target that answers its checks with 503 gets no requests until it is well") {
  std::atomic<bool> well = false;
  ScriptedUpstream steady{[](const ReceivedRequest&) { return ok("steady"); }};
  ScriptedUpstream moody{[&](const ReceivedRequest& request) -> ScriptedAnswer {
    if (request.line().starts_with("GET /healthz ") && !well) {
      return {.bytes = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"};
    }
    return ok("moody");
  }};
  TestGateway gateway{simple_config({steady.address(), moody.address()}, std::string{kChecks})};
  REQUIRE(available_soon(gateway, 1));
  for (int i = 0; i < 4; ++i) CHECK(answer_of(gateway) == "steady");
  well = true;
  REQUIRE(available_soon(gateway, 2));
  const std::string first = answer_of(gateway);
  const std::string second = answer_of(gateway);
  CHECK(first != second);
  const auto checks = moody.received();
  REQUIRE_FALSE(checks.empty());
  CHECK(checks[0].field("host") == moody.address());
  CHECK(gateway.stop().exit_code == 0);
}

TEST_CASE("health: a target that is gone, or does not answer in time, fails its checks") {
  std::string gone;
  {
    ScriptedUpstream ended{[](const ReceivedRequest&) { return ok("x"); }};
    gone = ended.address();
  }
  ScriptedUpstream silent{[](const ReceivedRequest& request) -> ScriptedAnswer {
    if (request.line().starts_with("GET /healthz ")) return {.bytes = ""};
    return ok("silent");
  }};
  ScriptedUpstream steady{[](const ReceivedRequest&) { return ok("steady"); }};
  TestGateway gateway{
      simple_config({gone, silent.address(), steady.address()},
                    "balance: {policy: round_robin}, "
                    "health: {path: /healthz, every: 10ms, timeout: 20ms, unhealthy_after: 1}")};
  REQUIRE(available_soon(gateway, 1));
  for (int i = 0; i < 4; ++i) CHECK(answer_of(gateway) == "steady");
}

}  // namespace
}  // namespace headgate::test
