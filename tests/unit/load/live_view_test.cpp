#include "headgate/load/live_view.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

namespace headgate::load {
namespace {

using namespace std::chrono_literals;

Second second_of(int count, Duration each) {
  stats::CoarseHistogram histogram;
  for (int i = 0; i < count; ++i) histogram.record(each);
  return {.totals = {.ok = static_cast<std::uint64_t>(count)},
          .bytes_in = 0,
          .response_time = histogram.pack()};
}

/// Columns of a text, colours left out.
std::size_t columns_of(const std::string& text) {
  std::size_t columns = 0;
  bool colour = false;
  for (const char c : text) {
    if (c == '\x1b') colour = true;
    if (!colour && (static_cast<unsigned char>(c) & 0xc0U) != 0x80U) ++columns;
    if (c == 'm') colour = false;
  }
  return columns;
}

const Stage kMiddle{.elapsed = 12s, .share = 0.6, .left = 8s, .settled = 10'824};

TEST_CASE("live view: rate and percentiles of the last second, progress, errors and time left") {
  LiveView view;
  view.add(second_of(100, 5ms), {.scheduled = 100, .ok = 100});
  view.add(second_of(902, 2ms), {.scheduled = 1010, .ok = 1002, .failed = 3, .timed_out = 5});
  const auto lines = view.lines(kMiddle, 80, false);
  REQUIRE(lines.size() == 4);
  CHECK_THAT(lines[0], Catch::StartsWith("12 s  █") && Catch::Contains(" 60 %  8 s left"));
  CHECK_THAT(lines[1], Catch::Contains("902/s") && Catch::Contains("p50 2.00ms"));
  CHECK(lines[2] == "3 failed  5 timed out");
  CHECK(lines[3] == "p99 ▃▁");  // 2.5 is 1.5 to the power of 2.26: two steps
  CHECK(view.plain_line(kMiddle) ==
        "12 s  902/s  p50 2.00ms  p99 2.00ms  max 2.00ms  3 failed  5 timed out");
  CHECK(view.seconds() == 2);
}

TEST_CASE("live view: no line is wider than the terminal, however narrow, and none is missing") {
  LiveView view;
  for (int i = 0; i < 700; ++i) {
    view.add(second_of(i % 7, i * 1ms), {.scheduled = 9, .failed = 1'000'000, .not_sent = 12});
    for (const std::size_t width : {1U, 3U, 10U, 40U, 200U}) {
      if (i % 100 != 0) continue;
      for (const bool colour : {false, true}) {
        const auto lines = view.lines(kMiddle, width, colour);
        CHECK(lines.size() == 4);
        for (const std::string& line : lines) CHECK(columns_of(line) <= width);
      }
    }
  }
}

TEST_CASE("live view: colours only if they are wanted; a second of nothing is a gap") {
  LiveView view;
  view.add(second_of(10, 1ms), {.failed = 1});
  view.add(second_of(0, 0ms), {.failed = 1});
  view.add(second_of(10, 1s), {.failed = 1});
  for (const std::string& line : view.lines(kMiddle, 80, false)) CHECK_FALSE(line.contains('\x1b'));
  CHECK(view.lines(kMiddle, 80, false)[3] == "p99 ▁ █");
  CHECK(view.lines(kMiddle, 80, true)[3] == "p99 \x1b[38;5;34m▁ \x1b[38;5;196m█\x1b[0m");
}

TEST_CASE("live view: before the first second, and without an end, it says what it can") {
  const LiveView view;
  const Stage endless{.elapsed = -3ms, .share = -1, .left = kUnknownLeft, .settled = 7};
  const auto lines = view.lines(endless, 80, true);
  CHECK(lines[0] == "0 s  7 requests");
  CHECK(lines[2] == "no errors");
  const Stage long_run{.elapsed = 61s, .share = 0.1, .left = 3599s, .settled = 7};
  CHECK_THAT(view.lines(long_run, 80, false)[0],
             Catch::StartsWith("1:01") && Catch::Contains("59:59 left"));
}

}  // namespace
}  // namespace headgate::load
