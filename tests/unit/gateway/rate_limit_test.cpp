#include "headgate/gateway/rate_limit.hpp"

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace headgate::gateway {
namespace {

using namespace std::chrono_literals;

/// What a refusal of the limit at one second tells.
std::string lines(const RateLimit& limit, std::span<const ratelimit::Standing> standings) {
  std::array<char, ratelimit::kFieldsMax> out;
  const std::size_t size = ratelimit::write_limit_fields(
      limit.labels(), standings, {.now = TimePoint{1s}, .epoch = {}, .refused = true}, out);
  return {out.data(), size};
}

ClientName caller_at(const std::string& host) {
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

/// A client that asks one filter, again and again, at `at`.
class Asker {
 public:
  explicit Asker(RateLimit& limit, const ClientName& client = {})
      : limit_(limit), client_(client), standings_(limit.labels().size()) {}

  RateLimit::Answer ask(TimePoint at = TimePoint{1s}) { return ask(charges_, at); }
  RateLimit::Answer ask(Charges& charges, TimePoint at = TimePoint{1s}) {
    const Caller caller{
        .client = client_, .consumer = {}, .route = "r", .service = "s", .fields = fields_};
    return limit_.admit(caller, at, charges, standings_);
  }
  bool passes(TimePoint at = TimePoint{1s}) { return ask(at).decision.admitted; }
  [[nodiscard]] std::span<const ratelimit::Standing> standings() const { return standings_; }

 private:
  RateLimit& limit_;
  const ClientName client_;
  const http::Fields fields_{};
  Charges charges_;
  std::vector<ratelimit::Standing> standings_;
};

TEST_CASE("rate limit: a key is made of what the caller shows") {
  const std::vector<ratelimit::Spec> specs = {bucket("client_ip")};
  const auto limit = RateLimit::make("r", 0, specs, {.seed = 7}).value();
  for (const char* host : {"192.0.2.1", "192.0.2.2"}) {
    Asker client{*limit, caller_at(host)};
    for (int i = 0; i < 5; ++i) CHECK(client.passes());
    CHECK_FALSE(client.passes());
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
        Asker client{*limit};
        for (int i = 0; i < 1000; ++i) {
          if (client.passes()) ++admitted;
        }
      });
    }
  }
  CHECK(admitted == 5);
}

TEST_CASE("rate limit: a refusal says when, of how many, by which policy") {
  const std::vector<ratelimit::Spec> specs = {bucket("global")};
  const auto limit = RateLimit::make("orders", 0, specs, {.seed = 7}).value();
  Asker client{*limit};
  RateLimit::Answer answer;
  for (int i = 0; i < 6; ++i) answer = client.ask();
  REQUIRE_FALSE(answer.decision.admitted);
  CHECK(answer.decision.retry_after == 1h);
  CHECK(answer.violated == 1);
  // One token an hour: 3600 s to the next, 5 x 3600 s to fill.
  CHECK(lines(*limit, client.standings()) ==
        "RateLimit-Policy: \"orders\";q=5;w=18000\r\nRateLimit: \"orders\";r=0;t=3600\r\n");
}

TEST_CASE("rate limit: an admitted caller is told what is left and when there will be more") {
  const std::vector<ratelimit::Spec> specs = {bucket("global")};
  const auto limit = RateLimit::make("orders", 0, specs, {.seed = 7}).value();
  Asker client{*limit};
  REQUIRE(client.passes());
  CHECK(lines(*limit, client.standings()).ends_with("RateLimit: \"orders\";r=4;t=3600\r\n"));
  // Half an hour later half of the missing token is there, and another one is gone.
  REQUIRE(client.passes(TimePoint{1801s}));
  CHECK(client.standings()[0].remaining == Tokens{3});
  CHECK(client.standings()[0].more_after == 30min);
  CHECK(client.standings()[0].reset_after == 90min);
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
  Asker client{*limit};
  REQUIRE(client.passes());
  REQUIRE(client.passes());
  const RateLimit::Answer refused = client.ask();
  CHECK_FALSE(refused.decision.admitted);
  CHECK(refused.violated == 0b110);
  CHECK(limit->retry_jitter(refused.violated) == 5s);
  CHECK(limit->retry_jitter(0b011) == 3s);
  CHECK(limit->retry_jitter(0b001) == 0s);
  // 7 - 2 = 5 of the wide one are left: a refusal spends nothing.
  CHECK(lines(*limit, client.standings()) ==
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
  const auto admits = [&](const char* host) { return Asker{*limit, caller_at(host)}.passes(); };
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
  const auto limit = RateLimit::make("r", 0, specs, {.seed = 7}).value();
  Asker client{*limit};
  Charges first;
  {
    Charges second;
    REQUIRE(client.ask(first).decision.admitted);
    REQUIRE(client.ask(second).decision.admitted);
    const RateLimit::Answer full = client.ask();
    CHECK_FALSE(full.decision.admitted);
    CHECK(full.violated == 1);
    CHECK(full.decision.retry_after == kNever);
  }
  // The second is gone; three tokens of the bucket are left, as the refusal has spent none.
  for (int i = 0; i < 3; ++i) {
    Charges other;
    CHECK(client.ask(other).decision.admitted);
  }
  const RateLimit::Answer empty = client.ask();
  CHECK_FALSE(empty.decision.admitted);
  CHECK(empty.violated == 2);
}

TEST_CASE("charges: a refund gives back all that was spent, and tells of whose") {
  const std::vector<ratelimit::Spec> specs = {bucket("global"), bucket("route")};
  const auto limit = RateLimit::make("r", 0, specs, {.seed = 7}).value();
  limit->set_first_label(3);
  Asker client{*limit};
  Charges charges;
  REQUIRE(client.ask(charges).decision.admitted);
  std::vector<std::size_t> labels;
  charges.refund(TimePoint{1s}, [&](ratelimit::Limiter& of, std::uint64_t key, std::size_t label) {
    CHECK(RateLimit::standing(of, key, TimePoint{1s}).remaining == Tokens{5});
    labels.push_back(label);
  });
  CHECK(labels == std::vector<std::size_t>{3, 4});
  charges.refund(TimePoint{1s}, [](auto&, auto, auto) { FAIL("nothing is left to refund"); });
  for (int i = 0; i < 5; ++i) CHECK(client.passes());
  CHECK_FALSE(client.passes());
}

}  // namespace
}  // namespace headgate::gateway
