#include "headgate/gateway/service.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <utility>

namespace headgate::gateway {
namespace {

using namespace std::chrono_literals;
using resilience::FixedLimit;
using resilience::Outlier;

config::ServiceConfig config_of(std::uint16_t targets) {
  config::ServiceConfig config;
  config.name = "s";
  config.balance.policy = "round_robin";
  for (std::uint16_t i = 0; i < targets; ++i) {
    config.targets.push_back({.name = "s/" + std::to_string(i),
                              .url = "",
                              .address = {.host = "127.0.0.1", .port = 9000},
                              .weight = 1});
  }
  return config;
}

TEST_CASE("service: an outlier is left out for its time, and comes back by itself") {
  config::ServiceConfig config = config_of(3);
  config.outlier = Outlier::Config{.consecutive_failures = 2, .base_time = 3s};
  const auto service = Service::make(config, 0, 1).value();
  const auto targets_at = [&](TimePoint now) {
    std::string picked;
    for (int i = 0; i < 6; ++i) {
      auto ticket = service->pick({.now = now}).value();
      picked += std::to_string(ticket.target);
      service->release(std::move(ticket));
    }
    return picked;
  };
  CHECK(targets_at(TimePoint{1s}) == "012012");
  for (int i = 0; i < 6; ++i) {
    auto ticket = service->pick({.now = TimePoint{1s}}).value();
    const bool failed = ticket.target == 1;
    service->done(std::move(ticket), {.latency = 1ms, .failed = failed}, TimePoint{1s});
  }
  CHECK_FALSE(targets_at(TimePoint{2s}).contains('1'));
  CHECK(service->figures().ejected == 1);
  CHECK(targets_at(TimePoint{4s}).contains('1'));
}

TEST_CASE("service: without a target the leave is given back, and a retry goes elsewhere") {
  config::ServiceConfig config = config_of(2);
  config.concurrency = FixedLimit{1};
  const auto service = Service::make(config, 0, 1).value();
  for (int i = 0; i < 4; ++i) {
    auto ticket = service->pick_again({}, 0).value();
    CHECK(ticket.target == 1);
    CHECK(service->pick({}).error().outcome == Outcome::kOverloaded);
    service->release(std::move(ticket));
  }
  service->set_healthy(0, false, {});
  service->set_healthy(1, false, {});
  for (int i = 0; i < 3; ++i) {
    auto ticket = service->pick({});
    if (ticket) {  // panic: all count as available
      service->release(*std::move(ticket));
    } else {
      CHECK(ticket.error().outcome == Outcome::kNoTarget);
    }
  }
}

}  // namespace
}  // namespace headgate::gateway
