#include "headgate/load/outcome.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <string>

namespace headgate::load {
namespace {

TEST_CASE("outcome: 2xx and 3xx are ok, other statuses failed") {
  CHECK(classify({.status = 200}) == Outcome::kOk);
  CHECK(classify({.status = 204}) == Outcome::kOk);
  CHECK(classify({.status = 399}) == Outcome::kOk);
  CHECK(classify({.status = 400}) == Outcome::kFailed);
  CHECK(classify({.status = 404}) == Outcome::kFailed);
  CHECK(classify({.status = 500}) == Outcome::kFailed);
  CHECK(classify({.status = 199}) == Outcome::kFailed);
}

TEST_CASE("outcome: 429 is refused with or without a word on when to come back") {
  CHECK(classify({.status = 429}) == Outcome::kRefused);
  CHECK(classify({.status = 429, .has_retry_after = true}) == Outcome::kRefused);
}

TEST_CASE("outcome: a 503 is refused if it was shed on purpose and failed if the server broke") {
  CHECK(classify({.status = 503}) == Outcome::kFailed);
  CHECK(classify({.status = 503, .has_retry_after = true}) == Outcome::kRefused);
  CHECK(classify({.status = 503, .is_problem = true}) == Outcome::kRefused);
  CHECK(classify({.status = 502, .has_retry_after = true, .is_problem = true}) == Outcome::kFailed);
}

TEST_CASE("outcome: totals add up only when each scheduled request is settled once") {
  Totals totals;
  CHECK(totals.adds_up());
  totals.scheduled = 2;
  totals.count(Outcome::kOk);
  CHECK_FALSE(totals.adds_up());
  totals.count(Outcome::kNotSent);
  CHECK(totals.adds_up());
  totals.count(Outcome::kNotSent);
  CHECK_FALSE(totals.adds_up());
}

TEST_CASE("outcome: the totals of two threads are the sum, bucket by bucket") {
  Totals a{.scheduled = 3};
  a.count(Outcome::kOk);
  a.count(Outcome::kOk);
  a.count(Outcome::kTimedOut);
  Totals b{.scheduled = 1};
  b.count(Outcome::kOk);
  a += b;
  CHECK(a.scheduled == 4);
  CHECK(a.of(Outcome::kOk) == 3);
  CHECK(a.of(Outcome::kTimedOut) == 1);
  CHECK(a.adds_up());
}

TEST_CASE("outcome: each outcome and each failure has a key of its own") {
  std::set<std::string_view> keys;
  for (std::size_t i = 0; i < kOutcomes; ++i) keys.insert(name(static_cast<Outcome>(i)));
  // The words of the results document.
  CHECK(keys == std::set<std::string_view>{"ok", "refused", "failed", "timed_out", "in_flight",
                                           "not_sent"});
  std::set<std::string_view> failures;
  for (std::size_t i = 0; i < kFailures; ++i) failures.insert(name(static_cast<Failure>(i)));
  CHECK(failures.size() == kFailures);
  CHECK(failures.contains("connection_refused"));
}

}  // namespace
}  // namespace headgate::load
