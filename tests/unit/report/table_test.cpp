#include "headgate/report/table.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>

namespace headgate::report {
namespace {

using std::chrono::hours;
using std::chrono::nanoseconds;

TEST_CASE("table: durations keep three digits in the fitting unit") {
  CHECK(human(nanoseconds{0}) == "0ns");
  CHECK(human(nanoseconds{850}) == "850ns");
  CHECK(human(nanoseconds{999}) == "999ns");
  CHECK(human(nanoseconds{1'000}) == "1.00us");
  CHECK(human(nanoseconds{1'236'000}) == "1.24ms");
  CHECK(human(nanoseconds{12'360'000}) == "12.4ms");
  CHECK(human(nanoseconds{123'600'000}) == "124ms");
  CHECK(human(nanoseconds{9'996'000}) == "10.0ms");   // not 10.00ms
  CHECK(human(nanoseconds{99'960'000}) == "100ms");   // not 100.0ms
  CHECK(human(nanoseconds{999'600'000}) == "1.00s");  // not 1000ms
  CHECK(human(nanoseconds{999'400'000}) == "999ms");
  CHECK(human(nanoseconds{124'000'000'000}) == "2.07min");
  CHECK(human(hours{30}) == "30.0h");
  CHECK(human(nanoseconds{-1'236'000}) == "-1.24ms");
}

TEST_CASE("table: rates and shares keep their digits where they matter") {
  CHECK(human_rate(298.4) == "298/s");
  CHECK(human_rate(2.5) == "2.50/s");
  CHECK(human_rate(12'400) == "12.4k/s");
  CHECK(human_rate(0) == "0.00/s");
  CHECK(human_share(0.123) == "12.3%");
  CHECK(human_share(1) == "100%");
  CHECK(human_share(0) == "0%");
  CHECK(human_share(0.00012) == "0.012%");
}

TEST_CASE("table: columns are as wide as their widest cell, in letters and not in bytes") {
  Table table{{{.title = "target", .align = Align::kLeft}, {.title = "p99"}, {.title = "share"}}};
  table.add({"orders/0", "1.24ms", "50.0%"});
  table.add({"µ", painted("12.4ms", Paint::kRed, true)});
  CHECK(table.to_text() ==
        "target       p99  share\n"
        "orders/0  1.24ms  50.0%\n"
        "µ         \x1b[31m12.4ms\x1b[0m\n");
}

TEST_CASE("table: colour is put on only where it is wanted") {
  CHECK(painted("x", Paint::kGreen, false) == "x");
  CHECK(painted("x", Paint::kNone, true) == "x");
  CHECK(painted("x", Paint::kBold, true) == "\x1b[1mx\x1b[0m");
}

TEST_CASE("table: what is no terminal gets no colour") { CHECK_FALSE(colour_wanted(-1)); }

}  // namespace
}  // namespace headgate::report
