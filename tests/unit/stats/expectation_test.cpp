#include "headgate/stats/expectation.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <variant>

namespace headgate::stats {
namespace {

Expectation parsed(std::string_view text) {
  const auto expectation = parse_expectation(text);
  INFO(text);
  if (!expectation) FAIL(expectation.error().why);
  CHECK(expectation->text == text);
  return *expectation;
}

std::string why_not(std::string_view text) {
  const auto expectation = parse_expectation(text);
  INFO(text);
  REQUIRE_FALSE(expectation);
  CHECK(expectation.error().code == Errc::kInvalidArgument);
  CHECK(expectation.error().where == text);
  return expectation.error().why;
}

TEST_CASE("expectation: a bound of each relation") {
  const auto less = parsed("response_time.p99 < 20ms");
  CHECK(less.metric == "response_time.p99");
  CHECK(less.kind == MetricKind::kDuration);
  CHECK(std::get<Bound>(less.claim).relation == Relation::kLess);
  CHECK(std::get<Bound>(less.claim).value == 20e6);
  CHECK(less.at.empty());

  CHECK(std::get<Bound>(parsed("failed_share <= 0.1%").claim).relation == Relation::kAtMost);
  CHECK(std::get<Bound>(parsed("failed_share <= 0.1%").claim).value == Approx(0.001));
  CHECK(std::get<Bound>(parsed("throughput > 300/s").claim).relation == Relation::kGreater);
  CHECK(std::get<Bound>(parsed("throughput > 18k/min").claim).value == 300);
  CHECK(std::get<Bound>(parsed("goodput >= 2.5/s").claim).relation == Relation::kAtLeast);
  CHECK(std::get<Bound>(parsed("attempts_per_request = 1").claim).relation == Relation::kEqual);
  CHECK(std::get<Bound>(parsed("services.orders.queue.mean < 4.05").claim).value == 4.05);
  CHECK(std::get<Bound>(parsed("topics.requests.lag.max < 2M").claim).value == 2e6);
}

TEST_CASE("expectation: within and at, as the interfaces show them") {
  const auto one = parsed("response_time.mean = 10ms within 1.5% at load=0.9");
  const Bound bound = std::get<Bound>(one.claim);
  CHECK(bound.relation == Relation::kEqual);
  CHECK(bound.value == 10e6);
  REQUIRE(bound.within);
  CHECK(bound.within->of_one == Approx(0.015));
  CHECK(one.at == std::map<std::string, std::string>{{"load", "0.9"}});

  const auto two =
      parsed("response_time.mean = 56.603ms within 1.5% at policy=round_robin,load=0.9");
  CHECK(two.at == std::map<std::string, std::string>{{"load", "0.9"}, {"policy", "round_robin"}});
}

TEST_CASE("expectation: a chain keeps its words in order") {
  const auto chain = parsed("response_time.mean: two_choices < round_robin < random at load=0.9");
  const Order order = std::get<Order>(chain.claim);
  CHECK(order.words == std::vector<std::string>{"two_choices", "round_robin", "random"});
  CHECK(order.relations == std::vector<Relation>{Relation::kLess, Relation::kLess});
  CHECK(chain.at == std::map<std::string, std::string>{{"load", "0.9"}});
  CHECK(std::get<Order>(parsed("throughput: 4 >= 2 > 1").claim).relations ==
        std::vector<Relation>{Relation::kAtLeast, Relation::kGreater});
}

TEST_CASE("expectation: blanks around signs are free") {
  CHECK(std::get<Bound>(parsed("  response_time.p99<20ms ").claim).value == 20e6);
  CHECK(std::get<Bound>(parsed("failed_share<=0.1%").claim).relation == Relation::kAtMost);
  CHECK(parsed("offered = 1/s at load = 0.9 , policy = random").at.size() == 2);
}

TEST_CASE("expectation: a target's name may hold a colon") {
  const auto one = parsed("services.orders.targets.127.0.0.1:9001.share < 40%");
  CHECK(one.metric == "services.orders.targets.127.0.0.1:9001.share");
}

TEST_CASE("expectation: an error names the column and shows the right form") {
  CHECK(why_not("") == "column 1: a metric is missing; write it like 'response_time.p99 < 20ms'");
  CHECK(why_not("response_time.p98 < 20ms") ==
        "column 1: 'response_time.p98' is no metric; did you mean 'response_time.p90'?; write it "
        "like 'response_time.p99 < 20ms'");
  CHECK(why_not("response_time.p99 20ms").starts_with("column 19: a comparison"));
  CHECK(why_not("response_time.p99 <").starts_with("column 20: a value is missing"));
  CHECK(why_not("response_time.p99 < 20").starts_with("column 21: '20' has no unit"));
  CHECK(why_not("response_time.p99 < 5%").starts_with("column 21: '5%'"));
  CHECK(why_not("failed_share < 20ms").starts_with("column 16: '20ms' must be a share"));
  CHECK(why_not("offered = 10/s within 2/s").starts_with("column 23: '2/s' must be a share"));
  CHECK(why_not("offered < 10/s within 2%").starts_with("column 16: 'within' goes with '='"));
  CHECK(why_not("offered < 10/s at").starts_with("column 18: a dimension"));
  CHECK(why_not("offered < 10/s at load").starts_with("column 23: '=' is missing"));
  CHECK(why_not("offered < 10/s at load=").starts_with("column 24: a value is missing"));
  CHECK(why_not("offered < 10/s at load=1,load=2").starts_with("column 26: 'load' comes twice"));
  CHECK(
      why_not("offered < 10/s or so").starts_with("column 16: the expectation should have ended"));
  CHECK(why_not("offered: a").starts_with("column 11: a second value"));
  CHECK(why_not("offered: a < ").starts_with("column 14: a value of a sweep"));
  CHECK(why_not("offered: a < b > c").starts_with("column 16: a chain goes one way"));
  CHECK(why_not("offered: a = b").starts_with("column 12: a chain takes"));
  CHECK(why_not("offered: a < a").starts_with("column 14: 'a' comes twice"));
  const auto endless = parse_expectation(std::string(5000, 'x'));
  REQUIRE_FALSE(endless);
  CHECK(endless.error().why.find("too long") != std::string::npos);
  CHECK(endless.error().where.size() < 5000);
}

}  // namespace
}  // namespace headgate::stats
