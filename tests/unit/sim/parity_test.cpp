// One policy, two clocks: what the production limiter says of a recorded trace is what the gateway
// model says of it, request by request.
#include <catch2/catch.hpp>
#include <cstdint>
#include <string_view>
#include <vector>

#include "headgate/arrival/schedule.hpp"
#include "headgate/sim/gateway_model.hpp"
#include "plans.hpp"

namespace headgate::sim {
namespace {

using namespace test;

std::vector<TimePoint> recorded_trace(std::size_t count) {
  arrival::AnySchedule schedule(poisson(1), Random{7});
  std::vector<TimePoint> times;
  while (times.size() < count) times.emplace_back(schedule.next());
  return times;
}

TEST_CASE("gateway model: decides every request of a trace as the bare limiter does") {
  const ratelimit::Spec spec = GENERATE(token_bucket(Rate{700, 1s}, 20), fixed_window(70, 100ms));
  CAPTURE(spec.algorithm);
  Plan plan = plan_of({.arrivals = poisson(1)});
  add_limiter(plan, spec);
  GatewayModel model(plan, 99);
  ratelimit::Limiter limiter =
      ratelimit::make(spec, {.seed = 1}).value();  // another seed: no matter
  constexpr std::string_view kCaller = "127.0.0.1";
  const std::uint64_t key = limiter.key({&kCaller, 1});
  int refused = 0;
  for (const TimePoint now : recorded_trace(100'000)) {
    const bool admitted = limiter.admit(key, now).admitted;
    const GatewayModel::Passage passage = model.admit(0, now);
    REQUIRE((passage.verdict == GatewayModel::Verdict::kAdmitted) == admitted);
    refused += admitted ? 0 : 1;
  }
  CHECK(refused > 20'000);  // 1000/s against 700/s: both answers occur often
  CHECK(refused < 40'000);
}

TEST_CASE("gateway model: what a later filter refuses costs the earlier ones nothing") {
  Plan plan = plan_of({.arrivals = poisson(1)});
  add_limiter(plan, fixed_window(2, 1s));
  add_limiter(plan, fixed_window(1, 500ms));
  GatewayModel model(plan, 99);
  const auto admits = [&](Duration at) {
    return model.admit(0, TimePoint{at}).verdict == GatewayModel::Verdict::kAdmitted;
  };
  CHECK(admits(1000ms));
  for (int i = 0; i < 10; ++i) CHECK_FALSE(admits(1100ms));  // by the second
  CHECK(admits(1500ms));                                     // the first has one of two left
  CHECK_FALSE(admits(1600ms));
}

TEST_CASE("replication: refuses exactly the requests that the bare limiter refuses") {
  Plan plan = plan_of({.arrivals = poisson(1), .targets = 3, .balance = "two_choices"});
  add_limiter(plan, token_bucket(Rate{700, 1s}, 20));
  plan.horizon = {.duration = 20s, .jobs = {}};
  const Outcome outcome = run(plan, 5);
  arrival::AnySchedule schedule(plan.arrivals, Random::stream(5, "clients", 0, "arrival"));
  ratelimit::Limiter limiter =
      ratelimit::make(token_bucket(Rate{700, 1s}, 20), {.seed = 1}).value();
  std::uint64_t scheduled = 0;
  std::uint64_t refused = 0;
  for (Duration at = schedule.next(); at < 20s; at = schedule.next()) {
    ++scheduled;
    refused += limiter.admit(0, TimePoint{at}).admitted ? 0 : 1;
  }
  CHECK(outcome.totals.scheduled == scheduled);
  CHECK(outcome.totals.refused == refused);
  CHECK(outcome.totals.ok == scheduled - refused);
}

TEST_CASE("gateway model: callers with different keys have limits of their own") {
  Plan plan = plan_of({.arrivals = poisson(1)});
  add_limiter(plan, token_bucket(Rate{1, 1s}, 1));
  plan.kinds = {{.share_up_to = 0.5, .route = 0}, {.share_up_to = 1, .route = 0}};
  plan.limiters[0].callers = {{"a"}, {"b"}};
  GatewayModel model(plan, 1);
  const auto admitted = [&](std::uint32_t kind) {
    return model.admit(kind, TimePoint{}).verdict == GatewayModel::Verdict::kAdmitted;
  };
  CHECK(admitted(0));
  CHECK_FALSE(admitted(0));
  CHECK(admitted(1));
  CHECK_FALSE(admitted(1));
}

TEST_CASE("gateway model: a request without a route fails, and publishes nothing") {
  Plan plan = plan_of({.arrivals = poisson(1)});
  plan.topics = {"requests"};
  plan.routes[0].filters.push_back({.kind = FilterPlan::Kind::kPublish, .index = 0});
  plan.kinds = {{.share_up_to = 0.5, .route = 0},
                {.share_up_to = 1, .route = RequestKind::kNoRoute}};
  const Outcome outcome = run(plan, 1);
  CHECK(outcome.totals.failed > 9'000);
  CHECK(outcome.totals.failed + outcome.totals.ok == 20'000);
  REQUIRE(outcome.published.size() == 1);
  CHECK(outcome.published[0] > outcome.totals.ok);  // the warm-up's are among them
  CHECK(outcome.published[0] < outcome.totals.ok + 2'000);
}

}  // namespace
}  // namespace headgate::sim
