// The parts that all workers share: services and limits, asked by several threads at once.
#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "headgate/gateway/rate_limit.hpp"
#include "headgate/gateway/service.hpp"

namespace headgate::gateway {
namespace {

using namespace std::chrono_literals;

config::ServiceConfig three_targets(const std::string& policy) {
  config::ServiceConfig config;
  config.name = "s";
  config.balance.policy = policy;
  for (std::uint16_t i = 0; i < 3; ++i) {
    config.targets.push_back(
        {.name = "s/" + std::to_string(i),
         .url = "",
         .address = {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(9000 + i)},
         .weight = 1});
  }
  return config;
}

TEST_CASE("service: counts in flight go up with each pick and down with each done") {
  const auto service = Service::make(three_targets("round_robin"), 10, 1).value();
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
  const auto service = Service::make(three_targets("round_robin"), 0, 1).value();
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
  config::ServiceConfig config = three_targets("round_robin");
  config.targets[1].address.host = "nobody.invalid";
  const auto service = Service::make(config, 0, 1);
  REQUIRE_FALSE(service);
  CHECK(service.error().where == "nobody.invalid");
}

ratelimit::Spec bucket(const std::string& key) {
  ratelimit::Spec spec;
  spec.algorithm = "token_bucket";
  spec.rate = Rate{.count = 1, .per = 1h};
  spec.burst = Tokens{5};
  spec.key = {ratelimit::parse_key_part(key).value()};
  return spec;
}

TEST_CASE("rate limit: a key is made of what the caller shows") {
  const std::vector<ratelimit::Spec> specs = {bucket("client_ip")};
  const auto limit = RateLimit::make("r", 0, specs, {.seed = 7}).value();
  http::Fields fields;
  Places places;
  for (const std::string_view client : {"192.0.2.1", "192.0.2.2"}) {
    const Caller caller{
        .client = client, .consumer = {}, .route = "r", .service = "s", .fields = fields};
    for (int i = 0; i < 5; ++i)
      CHECK(limit->admit(caller, TimePoint{1s}, places).decision.admitted);
    CHECK_FALSE(limit->admit(caller, TimePoint{1s}, places).decision.admitted);
  }
}

TEST_CASE("rate limit: four threads at one instant are admitted exactly the burst") {
  const std::vector<ratelimit::Spec> specs = {bucket("global")};
  const auto limit =
      RateLimit::make("r", 0, specs, {.seed = 7, .sharing = ratelimit::Sharing::kMulti}).value();
  std::atomic<int> admitted = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        http::Fields fields;
        Places places;
        const Caller caller{
            .client = "c", .consumer = {}, .route = "r", .service = "s", .fields = fields};
        for (int i = 0; i < 1000; ++i) {
          if (limit->admit(caller, TimePoint{1s}, places).decision.admitted) ++admitted;
        }
      });
    }
  }
  CHECK(admitted == 5);
}

TEST_CASE("rate limit: a refusal says when, of how many, by which policy") {
  const std::vector<ratelimit::Spec> specs = {bucket("global")};
  const auto limit = RateLimit::make("orders", 0, specs, {.seed = 7}).value();
  http::Fields fields;
  const Caller caller{
      .client = "c", .consumer = {}, .route = "r", .service = "s", .fields = fields};
  RateLimit::Answer answer;
  Places places;
  for (int i = 0; i < 6; ++i) answer = limit->admit(caller, TimePoint{1s}, places);
  REQUIRE_FALSE(answer.decision.admitted);
  std::array<char, 512> out{};
  const std::size_t size = limit->write_fields(answer, out);
  // One token an hour: 3600 s to the next, 5 x 3600 s to fill.
  CHECK(std::string_view{out.data(), size} ==
        "Retry-After: 3600\r\nRateLimit-Policy: \"orders\";q=5;w=18000\r\n"
        "RateLimit: \"orders\";r=0;t=3600\r\n");
  CHECK(limit->write_fields(answer, std::span{out}.first(20)) == 0);
}

TEST_CASE("rate limit: a place in a limit of concurrency is given back when the request is over") {
  ratelimit::Spec spec;
  spec.algorithm = "concurrency";
  spec.limit = Tokens{2};
  const std::vector<ratelimit::Spec> specs = {spec, bucket("client_ip")};
  const auto limit = RateLimit::make("r", 0, specs, {.seed = 7}).value();
  http::Fields fields;
  const Caller caller{
      .client = "c", .consumer = {}, .route = "r", .service = "s", .fields = fields};
  Places first;
  {
    Places second;
    REQUIRE(limit->admit(caller, TimePoint{1s}, first).decision.admitted);
    REQUIRE(limit->admit(caller, TimePoint{1s}, second).decision.admitted);
    Places third;
    const RateLimit::Answer full = limit->admit(caller, TimePoint{1s}, third);
    CHECK_FALSE(full.decision.admitted);
    CHECK(full.limit == 0);
    CHECK(full.decision.retry_after == kNever);
  }
  // The second is gone; three tokens of the bucket are left, as the refusal has spent none.
  Places others;
  CHECK(limit->admit(caller, TimePoint{1s}, others).decision.admitted);
  others.release();
  CHECK(limit->admit(caller, TimePoint{1s}, others).decision.admitted);
  others.release();
  CHECK(limit->admit(caller, TimePoint{1s}, others).decision.admitted);
  others.release();
  const RateLimit::Answer empty = limit->admit(caller, TimePoint{1s}, others);
  CHECK_FALSE(empty.decision.admitted);
  CHECK(empty.limit == 1);
}

}  // namespace
}  // namespace headgate::gateway
