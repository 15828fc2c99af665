// The numbers of a question and the meaning of an answer, by hand. That the script decides by them
// as the definition says is shown against a real Redis in integration/redis_script_test.
#include "headgate/ratelimit/shared_limit.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "headgate/core/text.hpp"
#include "headgate/ratelimit/catalog.hpp"

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;
using Numbers = std::vector<std::int64_t>;

SharedBucket bucket(const std::string& rate, std::int64_t burst) {
  return SharedBucket::make({.rate = *parse_rate(rate), .burst = {burst}}).value();
}

TEST_CASE("shared bucket: a question has the price of each offer, and how far ahead it may go") {
  // 7/s: a token costs 10^6 / 7 us = 142'857 us and 1/7 us; in lowest terms 7 per 10^9 ns, so there
  // are 7000 parts in a microsecond and 1/7 us is 1000 of them.
  Numbers numbers;
  bucket("7/s", 3).append_question(numbers, std::array{Tokens{3}, Tokens{1}});
  CHECK(numbers == Numbers{SharedBucket::kKind, 7000, 2,    //
                           428'571, 3000, 0, 0,             // 3 tokens; nothing may be owed
                           142'857, 1000, 285'714, 2000});  // 1 token; two may be owed
}

TEST_CASE("shared bucket: what goes back is a price too") {
  Numbers numbers{99};
  bucket("7/s", 3).append_return(numbers, {2});
  CHECK(numbers == Numbers{99, SharedBucket::kReturnKind, 7000, 285'714, 2000});
}

TEST_CASE(
    "shared bucket: the answer tells what is left, and the waits to the microsecond, rounded up") {
  const SharedBucket shared = bucket("7/s", 3);
  // Half a token is owed: 71'428 us and 4/7 us, of which there are 4000 parts.
  const SharedSight sight{.now_us = 1000, .taken = 1, .first = 72'428, .second = 4000};
  const Decision spent = shared.decision(sight, {1}, true);
  CHECK(spent.admitted);
  CHECK(spent.reason == Reason::kAdmitted);
  CHECK(spent.remaining == Tokens{1});  // 1.5
  CHECK(spent.retry_after == 0s);
  CHECK(spent.reset_after == 214'286us);  // 71'428 4/7 + 142'857 1/7, up
  const Decision other = shared.decision(sight, {3}, false);
  CHECK_FALSE(other.admitted);
  CHECK(other.reason == Reason::kOverLimit);
  CHECK(other.remaining == Tokens{2});
  CHECK(other.retry_after == 71'429us);
  CHECK(other.reset_after == 71'429us);
}

TEST_CASE("shared bucket: one refused by another limit need not wait for this one") {
  const Decision decision =
      bucket("1/s", 3).decision({.now_us = 5, .taken = 1, .first = 5}, {1}, false);
  CHECK(decision.retry_after == 0s);
  CHECK(decision.reset_after == 0s);
  CHECK(decision.remaining == Tokens{3});
}

TEST_CASE("shared bucket: a full one in the past counts as full now") {
  const Decision decision =
      bucket("1/s", 3).decision({.now_us = 9, .taken = 1, .first = 2, .second = 5}, {3}, true);
  CHECK(decision.remaining == Tokens{0});
  CHECK(decision.reset_after == 3s);
}

TEST_CASE("shared bucket: its numbers must stay exact in doubles") {
  const auto where = [](const Rate& rate, std::int64_t burst) {
    const auto made = SharedBucket::make({.rate = rate, .burst = {burst}});
    return made ? std::string{"fine"} : made.error().where;
  };
  CHECK(where({.count = 0, .per = 1s}, 1) == "rate");
  CHECK(where({.count = 1, .per = 0s}, 1) == "rate");
  CHECK(where({.count = 1, .per = 1s}, 0) == "burst");
  CHECK(where({.count = std::int64_t{1} << 41, .per = Duration{(std::int64_t{1} << 41) + 1}}, 1) ==
        "fine");
  CHECK(where({.count = (std::int64_t{1} << 41) + 1, .per = Duration{(std::int64_t{1} << 41) + 2}},
              1) == "rate");
  // 2^50 us, and one token more.
  CHECK(where({.count = 1, .per = 1024us}, std::int64_t{1} << 40) == "fine");
  CHECK(where({.count = 1, .per = 1024us}, (std::int64_t{1} << 40) + 1) == "burst");
}

TEST_CASE("shared window: a question has limit, length and cost") {
  const auto window = SharedWindow::make({.limit = {10}, .window = 2s});
  Numbers numbers;
  window->append_question(numbers, {4});
  CHECK(numbers == Numbers{SharedWindow::kKind, 10, 2'000'000, 0, 4});
}

TEST_CASE("shared window: the answer tells what is left and when the window ends") {
  const auto window = SharedWindow::make({.limit = {10}, .window = 2s});
  const SharedSight fresh{.now_us = 5'500'000, .taken = 1, .first = 0, .second = 0};
  const Decision first = window->decision(fresh, {4}, true);
  CHECK(first.admitted);
  CHECK(first.remaining == Tokens{6});
  CHECK(first.retry_after == 0s);
  CHECK(first.reset_after == 500ms);                           // windows end at even seconds
  const Decision other = window->decision(fresh, {4}, false);  // another limit refused
  CHECK(other.remaining == Tokens{10});
  CHECK(other.retry_after == 0s);
  CHECK(other.reset_after == 0s);
  const SharedSight used{.now_us = 5'500'000, .taken = 0, .first = 6'000'000, .second = 7};
  const Decision over = window->decision(used, {4}, false);
  CHECK_FALSE(over.admitted);
  CHECK(over.reason == Reason::kOverLimit);
  CHECK(over.remaining == Tokens{3});
  CHECK(over.retry_after == 500ms);
  CHECK(over.reset_after == 500ms);
  CHECK(window->decision(used, {3}, false).retry_after == 0s);
  CHECK(window->decision(used, {3}, true).remaining == Tokens{0});
  // A window that has just ended is none.
  CHECK(
      window
          ->decision({.now_us = 6'000'000, .taken = 1, .first = 6'000'000, .second = 7}, {1}, true)
          .remaining == Tokens{9});
}

TEST_CASE("shared window: its length is whole microseconds, at most 2^50 of them") {
  const auto where = [](std::int64_t limit, Duration window) {
    const auto made = SharedWindow::make({.limit = {limit}, .window = window});
    return made ? std::string{"fine"} : made.error().where;
  };
  CHECK(where(1, 1us) == "fine");
  CHECK(where(1, 1us * (std::int64_t{1} << 50)) == "fine");
  CHECK(where(1, 1us * ((std::int64_t{1} << 50) + 1)) == "window");
  CHECK(where(1, 0us) == "window");
  CHECK(where(1, 1001ns) == "window");
  CHECK(where(0, 1s) == "limit");
  CHECK(where(1'000'000'000'000'000, 1s) == "fine");
  CHECK(where(1'000'000'000'000'001, 1s) == "limit");
}

// --- what a config may say

Spec token_bucket(SharedSpec shared = {}) {
  Spec spec;
  spec.algorithm = "token_bucket";
  spec.rate = *parse_rate("100/s");
  spec.burst = Tokens{20};
  spec.shared = std::move(shared);
  return spec;
}

std::string fault(const Spec& spec) {
  const auto made = SharedLimit::make(spec);
  return made ? "" : made.error().where + ": " + made.error().why;
}

TEST_CASE("shared limit: options out of their range are refused by name") {
  const auto with = [](auto change) {
    SharedSpec shared;
    change(shared);
    return fault(token_bucket(shared));
  };
  CHECK(with([](SharedSpec&) {}).empty());
  CHECK(with([](SharedSpec& s) { s.timeout = 1ms; }).empty());
  CHECK(with([](SharedSpec& s) { s.timeout = 10s; }).empty());
  CHECK(with([](SharedSpec& s) { s.timeout = 999us; }) == "shared.timeout: must be 1ms to 10s");
  CHECK(with([](SharedSpec& s) { s.timeout = 10s + 1ns; }) == "shared.timeout: must be 1ms to 10s");
  CHECK(with([](SharedSpec& s) { s.lease_time = 1h; }).empty());
  CHECK(with([](SharedSpec& s) { s.lease_time = 1h + 1ns; }) ==
        "shared.lease_time: must be 1ms to 1h");
  CHECK(with([](SharedSpec& s) { s.gateways = 0; }) == "shared.gateways: must be 1 to 10k");
  CHECK(with([](SharedSpec& s) { s.gateways = 10'001; }) == "shared.gateways: must be 1 to 10k");
  CHECK(with([](SharedSpec& s) { s.prefix = std::string(64, 'x'); }).empty());
  CHECK(with([](SharedSpec& s) { s.prefix = std::string(65, 'x'); }) ==
        "shared.prefix: must be at most 64 bytes");
  CHECK(with([](SharedSpec& s) { s.lease = Tokens{5}; }) == "shared.lease: needs mode: lease");
  const auto lease = [&](std::int64_t count) {
    return with([count](SharedSpec& s) {
      s.mode = SharedMode::kLease;
      s.lease = Tokens{count};
    });
  };
  CHECK(lease(1).empty());
  CHECK(lease(20).empty());
  CHECK(lease(0) == "shared.lease: must be 1 to the burst, 20");
  CHECK(lease(21) == "shared.lease: must be 1 to the burst, 20");
}

TEST_CASE("shared limit: what cannot be shared says what can") {
  Spec spec = token_bucket();
  spec.algorithm = "concurrency";
  CHECK_THAT(fault(spec), Catch::Contains("algorithm: cannot be shared; take token_bucket"));
  Spec window;
  window.algorithm = "fixed_window";
  window.limit = Tokens{5};
  window.window = 1s;
  window.shared.emplace();
  CHECK(fault(window).empty());
  window.shared->mode = SharedMode::kLease;
  CHECK(fault(window) == "shared.mode: lease needs algorithm: token_bucket");
}

TEST_CASE("shared limit: the catalog refuses a spec that cannot be shared") {
  Spec spec = token_bucket();
  CHECK(make(spec, {.seed = 1}).has_value());
  spec.shared->timeout = 1h;
  CHECK(make(spec, {.seed = 1}).error().where == "shared.timeout");
}

TEST_CASE("shared limit: its tag differs when any of its numbers does") {
  Spec spec = token_bucket();
  CHECK(SharedLimit::make(spec)->tag() == "b100/s+20");
  spec.burst = Tokens{21};
  CHECK(SharedLimit::make(spec)->tag() == "b100/s+21");
  spec.rate = *parse_rate("99/s");
  CHECK(SharedLimit::make(spec)->tag() == "b99/s+21");
}

TEST_CASE("shared options: the words of the modes and rules are read and written alike") {
  for (const std::string_view word : {"exact", "lease"}) {
    CHECK(to_text(*parse_shared_mode(word)) == word);
  }
  for (const std::string_view word : {"admit", "refuse", "local"}) {
    CHECK(to_text(*parse_on_failure(word)) == word);
  }
  CHECK(parse_shared_mode("both").error().where == "mode");
  CHECK(parse_on_failure("deny").error().where == "on_failure");
  CHECK(shared_options().size() == 8);
}

}  // namespace
}  // namespace headgate::ratelimit
