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

/// What a refusal of the limit at one second tells.
std::string lines(const RateLimit& limit, std::span<const ratelimit::Standing> standings) {
  std::array<char, ratelimit::kFieldsMax> out;
  const std::size_t size = ratelimit::write_limit_fields(
      limit.labels(), standings, {.now = TimePoint{1s}, .epoch = {}, .refused = true}, out);
  return {out.data(), size};
}

ClientName named(const std::string& host) {
  ClientName name;
  name.set(net::Address::resolve(host, 1234).value());
  return name;
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
  Charges charges;
  std::array<ratelimit::Standing, 1> standings;
  for (const char* host : {"192.0.2.1", "192.0.2.2"}) {
    const ClientName client = named(host);
    const Caller caller{
        .client = client, .consumer = {}, .route = "r", .service = "s", .fields = fields};
    for (int i = 0; i < 5; ++i)
      CHECK(limit->admit(caller, TimePoint{1s}, charges, standings).decision.admitted);
    CHECK_FALSE(limit->admit(caller, TimePoint{1s}, charges, standings).decision.admitted);
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
        Charges charges;
        std::array<ratelimit::Standing, 1> standings;
        const ClientName client;
        const Caller caller{
            .client = client, .consumer = {}, .route = "r", .service = "s", .fields = fields};
        for (int i = 0; i < 1000; ++i) {
          if (limit->admit(caller, TimePoint{1s}, charges, standings).decision.admitted) ++admitted;
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
  const ClientName client;
  const Caller caller{
      .client = client, .consumer = {}, .route = "r", .service = "s", .fields = fields};
  RateLimit::Answer answer;
  Charges charges;
  std::array<ratelimit::Standing, 1> standings;
  for (int i = 0; i < 6; ++i) answer = limit->admit(caller, TimePoint{1s}, charges, standings);
  REQUIRE_FALSE(answer.decision.admitted);
  CHECK(answer.decision.retry_after == 1h);
  CHECK(answer.violated == 1);
  // One token an hour: 3600 s to the next, 5 x 3600 s to fill.
  CHECK(lines(*limit, standings) ==
        "RateLimit-Policy: \"orders\";q=5;w=18000\r\nRateLimit: \"orders\";r=0;t=3600\r\n");
}

TEST_CASE("rate limit: an admitted caller is told what is left and when there will be more") {
  const std::vector<ratelimit::Spec> specs = {bucket("global")};
  const auto limit = RateLimit::make("orders", 0, specs, {.seed = 7}).value();
  http::Fields fields;
  const ClientName client;
  const Caller caller{
      .client = client, .consumer = {}, .route = "r", .service = "s", .fields = fields};
  Charges charges;
  std::array<ratelimit::Standing, 1> standings;
  REQUIRE(limit->admit(caller, TimePoint{1s}, charges, standings).decision.admitted);
  CHECK(lines(*limit, standings).ends_with("RateLimit: \"orders\";r=4;t=3600\r\n"));
  // Half an hour later half of the missing token is there, and another one is gone.
  REQUIRE(limit->admit(caller, TimePoint{1801s}, charges, standings).decision.admitted);
  CHECK(standings[0].remaining == Tokens{3});
  CHECK(standings[0].more_after == 30min);
  CHECK(standings[0].reset_after == 90min);
}

TEST_CASE("rate limit: a chain names all that refuse, and what the others still have") {
  ratelimit::Spec wide = bucket("route");
  wide.burst = Tokens{7};
  wide.name = "wide";
  wide.fields = {ratelimit::FieldFamily::kStandard, ratelimit::FieldFamily::kLegacy};
  ratelimit::Spec narrow = bucket("client_ip");
  narrow.burst = Tokens{2};
  narrow.retry_jitter = 3s;
  ratelimit::Spec places_of_two = bucket("route");
  places_of_two.name = "places";
  places_of_two.algorithm = "concurrency";
  places_of_two.rate.reset();
  places_of_two.burst.reset();
  places_of_two.limit = Tokens{2};
  places_of_two.retry_jitter = 5s;
  const std::vector<ratelimit::Spec> specs = {wide, narrow, places_of_two};
  const auto limit = RateLimit::make("r", 0, specs, {.seed = 7}).value();
  http::Fields fields;
  const ClientName client;
  const Caller caller{
      .client = client, .consumer = {}, .route = "r", .service = "s", .fields = fields};
  Charges charges;
  std::array<ratelimit::Standing, 3> standings;
  REQUIRE(limit->admit(caller, TimePoint{1s}, charges, standings).decision.admitted);
  REQUIRE(limit->admit(caller, TimePoint{1s}, charges, standings).decision.admitted);
  const RateLimit::Answer refused = limit->admit(caller, TimePoint{1s}, charges, standings);
  CHECK_FALSE(refused.decision.admitted);
  CHECK(refused.violated == 0b110);
  CHECK(limit->retry_jitter(refused.violated) == 5s);
  CHECK(limit->retry_jitter(0b011) == 3s);
  CHECK(limit->retry_jitter(0b001) == 0s);
  // 7 - 2 = 5 of the wide one are left: a refusal spends nothing.
  CHECK(lines(*limit, standings) ==
        "RateLimit-Policy: \"wide\";q=7;w=25200, \"r\";q=2;w=7200, "
        "\"places\";q=2;qu=\"concurrent-requests\"\r\n"
        "RateLimit: \"wide\";r=5;t=3600, \"r\";r=0;t=3600, \"places\";r=0\r\n"
        "RateLimit-Limit: 7\r\nRateLimit-Remaining: 5\r\nRateLimit-Reset: 7200\r\n");
}

TEST_CASE("rate limit: callers of one network are one caller, as wide as the limit says") {
  ratelimit::Spec spec = bucket("client_ip");
  spec.burst = Tokens{1};
  spec.ipv4_prefix = 24;
  spec.ipv6_prefix = 48;
  const auto limit = RateLimit::make("r", 0, std::vector{spec}, {.seed = 7}).value();
  http::Fields fields;
  Charges charges;
  std::array<ratelimit::Standing, 1> standings;
  const auto admits = [&](const char* host) {
    const ClientName client = named(host);
    const Caller caller{
        .client = client, .consumer = {}, .route = "r", .service = "s", .fields = fields};
    return limit->admit(caller, TimePoint{1s}, charges, standings).decision.admitted;
  };
  CHECK(admits("192.0.2.1"));
  CHECK_FALSE(admits("192.0.2.255"));
  CHECK_FALSE(admits("::ffff:192.0.2.3"));
  CHECK(admits("192.0.3.1"));
  CHECK(admits("2001:db8:1:1::1"));
  CHECK_FALSE(admits("2001:db8:1:2::1"));
  CHECK(admits("2001:db8:2:1::1"));
}

TEST_CASE("rate limit: a place in a limit of concurrency is given back when the request is over") {
  ratelimit::Spec spec;
  spec.algorithm = "concurrency";
  spec.limit = Tokens{2};
  const std::vector<ratelimit::Spec> specs = {spec, bucket("client_ip")};
  std::array<ratelimit::Standing, 2> standings;
  const auto limit = RateLimit::make("r", 0, specs, {.seed = 7}).value();
  http::Fields fields;
  const ClientName client;
  const Caller caller{
      .client = client, .consumer = {}, .route = "r", .service = "s", .fields = fields};
  Charges first;
  {
    Charges second;
    REQUIRE(limit->admit(caller, TimePoint{1s}, first, standings).decision.admitted);
    REQUIRE(limit->admit(caller, TimePoint{1s}, second, standings).decision.admitted);
    Charges third;
    const RateLimit::Answer full = limit->admit(caller, TimePoint{1s}, third, standings);
    CHECK_FALSE(full.decision.admitted);
    CHECK(full.violated == 1);
    CHECK(full.decision.retry_after == kNever);
  }
  // The second is gone; three tokens of the bucket are left, as the refusal has spent none.
  Charges others;
  CHECK(limit->admit(caller, TimePoint{1s}, others, standings).decision.admitted);
  others.settle();
  CHECK(limit->admit(caller, TimePoint{1s}, others, standings).decision.admitted);
  others.settle();
  CHECK(limit->admit(caller, TimePoint{1s}, others, standings).decision.admitted);
  others.settle();
  const RateLimit::Answer empty = limit->admit(caller, TimePoint{1s}, others, standings);
  CHECK_FALSE(empty.decision.admitted);
  CHECK(empty.violated == 2);
}

}  // namespace
}  // namespace headgate::gateway
