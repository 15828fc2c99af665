#include "headgate/gateway/service.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

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
    config.targets.push_back(
        {.name = "s/" + std::to_string(i),
         .url = "",
         .address = {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(9000 + i)},
         .weight = 1});
  }
  return config;
}

TEST_CASE("service: counts in flight go up with each pick and down with each done") {
  const auto service = Service::make(config_of(3), 10, 1).value();
  CHECK(service->targets()[2].number == 12);
  CHECK(service->targets()[2].authority == "127.0.0.1:9002");
  std::vector<Ticket> tickets;
  for (std::size_t i = 0; i < 7; ++i) {
    tickets.push_back(service->pick({}).value());
    CHECK(tickets.back().target == i % 3);
  }
  CHECK(service->in_flight() == std::vector<std::uint32_t>{3, 2, 2});
  service->done(std::move(tickets.front()), {}, {});
  CHECK(service->in_flight() == std::vector<std::uint32_t>{2, 2, 2});
}

TEST_CASE("service: round robin stays even, and counts return to zero, with four threads") {
  const auto service = Service::make(config_of(3), 0, 1).value();
  std::vector<std::atomic<int>> picks(3);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 3000; ++i) {
        auto ticket = service->pick({}).value();
        ++picks[ticket.target];
        service->done(std::move(ticket), {}, {});
      }
    });
  }
  threads.clear();
  for (const auto& count : picks) CHECK(count == 4000);
  CHECK(service->in_flight() == std::vector<std::uint32_t>{0, 0, 0});
}

TEST_CASE("service: a target whose name nobody knows keeps the gateway from starting") {
  config::ServiceConfig config = config_of(3);
  config.targets[1].address.host = "nobody.invalid";
  const auto service = Service::make(config, 0, 1);
  REQUIRE_FALSE(service);
  CHECK(service.error().where == "nobody.invalid");
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
