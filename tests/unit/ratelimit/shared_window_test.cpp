// The numbers of a question and the meaning of an answer, by hand. That the script decides by them
// as the definition says is shown against a real Redis in integration/redis_script_test.
#include "headgate/ratelimit/shared_window.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;
using Numbers = std::vector<std::int64_t>;

TEST_CASE("shared window: a question has limit, length and cost") {
  const auto window = SharedWindow::make({.limit = {10}, .window = 2s});
  Numbers numbers;
  window->append_question(numbers, {4});
  CHECK(numbers == Numbers{SharedWindow::kKind, 10, 2'000'000, 4});
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

TEST_CASE("shared window: when the clock has gone back, the window ends when it was to end") {
  const auto window = SharedWindow::make({.limit = {10}, .window = 2s});
  const SharedSight back{.now_us = 3'500'000, .taken = 1, .first = 6'000'000, .second = 7};
  CHECK(window->decision(back, {1}, true).remaining == Tokens{2});
  CHECK(window->decision(back, {1}, true).reset_after == 2500ms);
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

}  // namespace
}  // namespace headgate::ratelimit
