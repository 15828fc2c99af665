#include "headgate/sim/pick_replay.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace headgate::sim {
namespace {

PickReplay replay_of(const std::string& policy, std::vector<std::string> names) {
  config::BalancePolicy document;
  document.balance.policy = policy;
  for (std::string& name : names) document.targets.push_back({.name = std::move(name)});
  return PickReplay::make(document, 1).value();
}

/// What a line answers: a target's name, nothing, or why it is wrong.
std::string answer(PickReplay& replay, const std::string& line) {
  const auto taken = replay.take(line);
  if (!taken) return taken.error().why;
  return taken->has_value() ? std::string{**taken} : "";
}

TEST_CASE("pick replay: requests of a count stay in flight") {
  PickReplay replay = replay_of("two_choices", {"a", "b"});
  // Of two, the one with less in flight: the second pick is the other, so each pair has both.
  for (int pair = 0; pair < 100; ++pair) {
    const std::string first{replay.pick("x")};
    CHECK(std::string{replay.pick("x")} != first);
  }
}

TEST_CASE("pick replay: a trace moves requests in and out of flight") {
  PickReplay replay = replay_of("two_choices", {"a", "b"});
  CHECK(answer(replay, "0,down,b,").empty());
  CHECK(answer(replay, "1,arrival,r1,") == "a");  // the only one
  CHECK(answer(replay, "2,up,b,").empty());
  CHECK(answer(replay, "3,arrival,r2,") == "b");  // a has one
  CHECK(answer(replay, "4,completion,r1,").empty());
  CHECK(answer(replay, "5,arrival,r3,") == "a");  // b has one
  CHECK(answer(replay, "6,abandoned,r2,").empty());
  CHECK(answer(replay, "7,arrival,r1,") == "b");  // an id is free again
  CHECK(answer(replay, "8,failure,r3,").empty());
  CHECK(answer(replay, "8,arrival,\"r,3\",\"k\"\"\"") == "a");
  CHECK(answer(replay, "9,down,a,").empty());
  CHECK(answer(replay, "9,down,b,").empty());
  CHECK(answer(replay, "9,arrival,r9,") == "-");
  CHECK(answer(replay, "9,completion,r9,").empty());
}

TEST_CASE("pick replay: a line that says nothing sensible says what would") {
  PickReplay replay = replay_of("round_robin", {"a"});
  CHECK(answer(replay, "") == "expected the four fields t_ns,event,id,key");
  CHECK(answer(replay, "1,arrival,r1") == "expected the four fields t_ns,event,id,key");
  CHECK(answer(replay, "1s,arrival,r1,") == "t_ns '1s' is no whole number of nanoseconds");
  CHECK(answer(replay, "1,arival,r1,") == "event 'arival': did you mean 'arrival'?");
  CHECK(answer(replay, "1,start,r1,") ==
        "event 'start' is none of arrival, completion, failure, abandoned, down, up");
  CHECK(answer(replay, "1,completion,r1,") == "id 'r1' is not in flight");
  CHECK(answer(replay, "1,up,b,") == "no target is called 'b'");
  CHECK(answer(replay, "5,arrival,r1,") == "a");
  CHECK(answer(replay, "5,arrival,r1,") == "id 'r1' is in flight already");
  CHECK(answer(replay, "4,completion,r1,") == "id 'r1' would leave before it arrived, at 5 ns");
  CHECK(answer(replay, "5,completion,r1,").empty());  // at the same instant it may
}

TEST_CASE("pick replay: one seed, one answer; another seed, another") {
  const auto picks = [](std::uint64_t seed) {
    config::BalancePolicy document;
    document.balance.policy = "random";
    for (const char* name : {"a", "b", "c"}) document.targets.push_back({.name = name});
    PickReplay replay = PickReplay::make(document, seed).value();
    std::string all;
    for (int i = 0; i < 64; ++i) all += replay.pick("");
    return all;
  };
  CHECK(picks(1) == picks(1));
  CHECK(picks(1) != picks(2));
}

TEST_CASE("pick replay: a policy that cannot be says why") {
  config::BalancePolicy document;
  document.balance.policy = "none";
  document.targets.push_back({.name = "a"});
  const auto made = PickReplay::make(document, 1);
  REQUIRE_FALSE(made);
  CHECK(made.error().where == "policy");
}

}  // namespace
}  // namespace headgate::sim
