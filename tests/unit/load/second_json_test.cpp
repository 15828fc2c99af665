#include "headgate/load/second_json.hpp"

#include <catch2/catch.hpp>

namespace headgate::load {
namespace {

using namespace std::chrono_literals;

TEST_CASE("second: what leaves as a line comes back as it was") {
  stats::CoarseHistogram times;
  times.record(1ms);
  times.record(1ms);
  times.record(700us);
  Second second{.totals = {.scheduled = 9,
                           .ok = 3,
                           .refused = 1,
                           .failed = 2,
                           .timed_out = 4,
                           .in_flight = 5,
                           .not_sent = 6},
                .bytes_in = 1234,
                .response_time = times.pack()};
  const std::vector<Second> all{second, Second{}};
  const std::string line = to_line(all);
  CHECK(line.find('\n') == std::string::npos);
  const auto back = read_seconds(line);
  REQUIRE(back);
  REQUIRE(back->size() == 2);
  CHECK(back->front().totals == second.totals);
  CHECK(back->front().bytes_in == 1234);
  CHECK(back->front().response_time == second.response_time);
  CHECK(back->back().response_time.exact.count == 0);
}

TEST_CASE("second: what is none is refused, with its place") {
  CHECK(read_seconds("[]").value().empty());
  CHECK_FALSE(read_seconds("nonsense"));
  CHECK_FALSE(read_seconds("7"));
  const auto broken = read_seconds(R"([{"scheduled":1}])");
  REQUIRE_FALSE(broken);
  CHECK(broken.error().code == Errc::kCorrupt);
  CHECK(broken.error().where == "/0/ok");
}

}  // namespace
}  // namespace headgate::load
