#include "headgate/load/outcome.hpp"

#include <catch2/catch.hpp>
#include <cerrno>
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
  CHECK(classify({.status = 502, .has_retry_after = true}) == Outcome::kFailed);
}

TEST_CASE("outcome: totals add up only when each scheduled request is settled once") {
  stats::Totals totals;
  totals.scheduled = 6;
  for (const Outcome outcome : {Outcome::kOk, Outcome::kRefused, Outcome::kFailed,
                                Outcome::kTimedOut, Outcome::kInFlight}) {
    count(totals, outcome);
    CHECK_FALSE(totals.adds_up());
  }
  count(totals, Outcome::kNotSent);
  CHECK(totals.adds_up());
  CHECK(totals == stats::Totals{.scheduled = 6,
                                .ok = 1,
                                .refused = 1,
                                .failed = 1,
                                .timed_out = 1,
                                .in_flight = 1,
                                .not_sent = 1});
  count(totals, Outcome::kOk);
  CHECK_FALSE(totals.adds_up());
}

TEST_CASE("outcome: each failure has a key of its own") {
  std::set<std::string_view> failures;
  for (std::size_t i = 0; i < kFailures; ++i) failures.insert(name(static_cast<Failure>(i)));
  CHECK(failures.size() == kFailures);
  CHECK(failures.contains("connection_refused"));  // the word of the results document
}

TEST_CASE("outcome: failures and errnos are named, and found by their names") {
  for (std::size_t i = 0; i < kFailures; ++i) {
    const auto failure = static_cast<Failure>(i);
    CHECK(failure_of(name(failure)) == failure);
  }
  CHECK_FALSE(failure_of("connection_lost"));
  CHECK(errno_name(ENETUNREACH) == "ENETUNREACH");
  CHECK(errno_of("ENETUNREACH") == ENETUNREACH);
  CHECK(errno_name(3999) == "errno 3999");
  CHECK(errno_of("errno 3999") == 3999);
  for (const char* text : {"", "ENOTHING", "errno", "errno ", "errno x", "errno -1", "errno 5x"}) {
    CAPTURE(text);
    CHECK_FALSE(errno_of(text));
  }
}

}  // namespace
}  // namespace headgate::load
