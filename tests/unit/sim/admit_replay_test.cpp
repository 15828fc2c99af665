#include "headgate/sim/admit_replay.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace headgate::sim {
namespace {

using namespace std::chrono_literals;

ratelimit::Spec fixed_window(std::int64_t limit, Duration window) {
  ratelimit::Spec spec;
  spec.algorithm = "fixed_window";
  spec.limit = Tokens{limit};
  spec.window = window;
  return spec;
}

ratelimit::Spec by_rate(const std::string& algorithm) {
  ratelimit::Spec spec;
  spec.algorithm = algorithm;
  spec.rate = make_rate(10, 1s);
  spec.burst = Tokens{1};
  return spec;
}

AdmitReplay replay_of(const std::vector<ratelimit::Spec>& limits) {
  return AdmitReplay::make(limits).value();
}

/// The row without the line that it repeats, or why there is none.
std::string answer(AdmitReplay& replay, const std::string& line) {
  std::string out;
  const Result<void> taken = replay.take(line, out);
  if (!taken) {
    CHECK(out.empty());
    return taken.error().why;
  }
  REQUIRE(out.starts_with(line + ","));
  REQUIRE(out.ends_with('\n'));
  return out.substr(line.size() + 1, out.size() - line.size() - 2);
}

TEST_CASE("admit replay: a row repeats its line and adds the decision") {
  AdmitReplay replay = replay_of({fixed_window(2, 1s)});
  CHECK(replay.row_header() ==
        "t_ns,key,cost,admitted,reason,remaining,retry_after_ns,reset_after_ns");
  CHECK(answer(replay, "0,a,2") == "1,admitted,0,0,1000000000");
  CHECK(answer(replay, "1,a,1") == "0,over_limit,0,999999999,999999999");
  CHECK(answer(replay, "1,b,3") == "0,never,2,-1,0");
  std::string out = "kept";
  REQUIRE(replay.take("0,c,1", out));
  CHECK(out == "kept0,c,1,1,admitted,1,0,1000000000\n");
}

TEST_CASE("admit replay: a quoted key is the caller without its quotes") {
  AdmitReplay replay = replay_of({fixed_window(1, 1s)});
  CHECK(answer(replay, "0,a,1").starts_with("1,"));
  CHECK(answer(replay, "0,\"a\",1").starts_with("0,"));
  CHECK(answer(replay, "0,\"a,b\",1").starts_with("1,"));
  CHECK(answer(replay, "0,\"a\"\"b\",1").starts_with("1,"));
}

TEST_CASE("admit replay: only a limit that is all global sees one caller") {
  ratelimit::Spec everyone = fixed_window(1, 1s);
  everyone.key = {{.source = ratelimit::KeySource::kGlobal, .header = {}}};
  AdmitReplay one = replay_of({everyone});
  CHECK(answer(one, "0,a,1").starts_with("1,"));
  CHECK(answer(one, "0,b,1").starts_with("0,"));
  everyone.key.push_back({.source = ratelimit::KeySource::kRoute, .header = {}});
  AdmitReplay each = replay_of({everyone});
  CHECK(answer(each, "0,a,1").starts_with("1,"));
  CHECK(answer(each, "0,b,1").starts_with("1,"));
}

TEST_CASE("admit replay: cost 0 changes nothing, a negative cost gives back") {
  AdmitReplay replay = replay_of({fixed_window(2, 1s)});
  for (int i = 0; i < 3; ++i) CHECK(answer(replay, "0,a,0").starts_with("1,admitted,1,0,"));
  CHECK(answer(replay, "0,a,2").starts_with("1,admitted,0,"));
  CHECK(answer(replay, "0,a,0").starts_with("0,over_limit,0,"));
  CHECK(answer(replay, "0,a,-1").starts_with("1,admitted,0,"));
  CHECK(answer(replay, "0,a,1").starts_with("1,admitted,0,"));
  CHECK(answer(replay, "0,a,1").starts_with("0,"));
  CHECK(
      answer(replay, "0,a,-9223372036854775807").starts_with("1,admitted,1,"));  // never above full
}

TEST_CASE("admit replay: a queue among the limits adds the delay to every row") {
  AdmitReplay replay = replay_of({fixed_window(3, 1s), by_rate("leaky_queue")});
  CHECK(replay.row_header().ends_with(",reset_after_ns,delay_ns"));
  CHECK(answer(replay, "0,a,1").ends_with(",0"));
  CHECK(answer(replay, "0,a,1").ends_with(",100000000"));
}

TEST_CASE("admit replay: the limit that cannot be is named") {
  std::vector<ratelimit::Spec> limits{fixed_window(1, 1s), by_rate("token_bucket")};
  limits[1].burst = Tokens{0};
  CHECK(AdmitReplay::make(limits).error().where == "rate_limits.1.burst");
  limits.erase(limits.begin());
  CHECK(AdmitReplay::make(limits).error().where == "rate_limit.burst");
}

TEST_CASE("admit replay: a line that says nothing sensible says what would") {
  AdmitReplay replay = replay_of({fixed_window(1, 1s)});
  CHECK(answer(replay, "0,a") ==
        "expected the three fields t_ns,key,cost; a key with a comma stands in quotes");
  CHECK(answer(replay, ",a,1") == "t_ns '' is no whole number of nanoseconds");
  CHECK(answer(replay, "0,a,") == "cost '' is no whole number");
  CHECK(answer(replay, "0,a,-9223372036854775808") ==
        "cost '-9223372036854775808' is no whole number");
}

}  // namespace
}  // namespace headgate::sim
