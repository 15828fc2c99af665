#include "headgate/load/backlog.hpp"

#include <catch2/catch.hpp>

namespace headgate::load {
namespace {

using namespace std::chrono_literals;

constexpr Due due(std::uint64_t sequence, Duration intended) {
  return {.sequence = sequence, .intended = TimePoint{intended}};
}

TEST_CASE("backlog: the oldest leaves first") {
  Backlog backlog;
  CHECK(backlog.empty());
  CHECK_FALSE(backlog.push(due(0, 1ms)));
  CHECK_FALSE(backlog.push(due(1, 1ms)));
  CHECK_FALSE(backlog.push(due(2, 4ms)));
  CHECK(backlog.oldest() == TimePoint{1ms});
  CHECK(backlog.pop() == due(0, 1ms));
  CHECK(backlog.pop() == due(1, 1ms));
  CHECK(backlog.pop() == due(2, 4ms));
  CHECK(backlog.empty());
}

TEST_CASE("backlog: at its bound the newest pushes out the oldest, which is handed back") {
  Backlog backlog{2};
  CHECK_FALSE(backlog.push(due(0, 1ms)));
  CHECK_FALSE(backlog.push(due(1, 2ms)));
  CHECK(backlog.push(due(2, 3ms)) == due(0, 1ms));
  CHECK(backlog.size() == 2);
  CHECK(backlog.pop() == due(1, 2ms));
}

TEST_CASE("backlog: what was intended at or before the limit expires, and nothing later") {
  Backlog backlog;
  CHECK_FALSE(backlog.expire(TimePoint{1h}));
  CHECK_FALSE(backlog.push(due(0, 10ms)));
  CHECK_FALSE(backlog.push(due(1, 20ms)));
  CHECK_FALSE(backlog.expire(TimePoint{10ms - 1ns}));
  CHECK(backlog.expire(TimePoint{10ms}) == due(0, 10ms));
  CHECK_FALSE(backlog.expire(TimePoint{10ms}));
  CHECK(backlog.size() == 1);
}

}  // namespace
}  // namespace headgate::load
