#include "headgate/core/text.hpp"

#include <catch2/catch.hpp>
#include <chrono>
#include <string_view>
#include <vector>

namespace headgate {
namespace {

using namespace std::chrono_literals;

TEST_CASE("text: a duration is a number and a unit, or several from large to small") {
  CHECK(parse_duration("250us").value() == 250us);
  CHECK(parse_duration("10ms").value() == 10ms);
  CHECK(parse_duration("2s").value() == 2s);
  CHECK(parse_duration("1h30m").value() == 90min);
  CHECK(parse_duration("7d").value() == 168h);
  CHECK(parse_duration("1.5s").value() == 1500ms);
  CHECK(parse_duration("0s").value() == 0ns);
  CHECK(parse_duration("1ns").value() == 1ns);
}

TEST_CASE("text: a bare number is no duration, and the error shows the right form") {
  const auto bare = parse_duration("10");
  REQUIRE_FALSE(bare);
  CHECK(bare.error().where == "10");
  CHECK(bare.error().why == "has no unit; write it like 250us, 10ms, 2s or 1h30m");
  for (const char* bad : {"", "ms", "-1s", "10 ms", "1.s", ".5s", "1m1h", "1s1s", "0.1ns", "10mz",
                          "99999999999999d", "1e3s", "1..5s"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_duration(bad));
  }
}

TEST_CASE("text: a rate is exact, whatever its period") {
  CHECK(parse_rate("100/s").value() == make_rate(100, 1s));
  CHECK(parse_rate("2.5/s").value() == make_rate(5, 2s));
  CHECK(parse_rate("5000/min").value() == make_rate(5000, 60s));
  CHECK(parse_rate("1M/day").value() == make_rate(1'000'000, 24h));
  CHECK(parse_rate("5/2s").value() == parse_rate("2.5/s").value());
  CHECK(parse_rate("2.5/s").value().per_second() == 2.5);
  for (const char* bad : {"100", "100/", "/s", "100/x", "100/0s", "-1/s", "100 /s"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_rate(bad));
  }
}

TEST_CASE("text: bytes, shares, counts and numbers") {
  CHECK(parse_bytes("16KiB").value() == Bytes{16'384});
  CHECK(parse_bytes("10MB").value() == Bytes{10'000'000});
  CHECK(parse_bytes("512B").value() == Bytes{512});
  CHECK(parse_bytes("1.5KiB").value() == Bytes{1536});
  CHECK_FALSE(parse_bytes("512"));
  CHECK_FALSE(parse_bytes("16Kib"));
  CHECK(parse_share("5%").value().of_one == 0.05);
  CHECK(parse_share("0.05").value().of_one == 0.05);
  CHECK_FALSE(parse_share("101%"));
  CHECK_FALSE(parse_share("-1%"));
  CHECK(parse_count("2M").value() == 2'000'000);
  CHECK(parse_count("2000000").value() == 2'000'000);
  CHECK(parse_count("1.5k").value() == 1'500);
  CHECK_FALSE(parse_count("1.5"));
  CHECK_FALSE(parse_count("-3"));
  CHECK(parse_number("0.25").value() == 0.25);
  CHECK_FALSE(parse_number("nan"));
  CHECK_FALSE(parse_number("1 "));
}

TEST_CASE("text: what is printed parses back to the same value") {
  for (const Duration value : {Duration{0}, Duration{1}, Duration{1'500}, Duration{250us},
                               Duration{90min}, Duration{168h}, Duration{1'000'000'001}}) {
    CHECK(parse_duration(to_text(value)).value() == value);
  }
  CHECK(to_text(Duration{90min}) == "90m");
  CHECK(to_text(Duration{0}) == "0s");
  for (const std::string_view text : {"100/s", "5/2s", "5000/min", "1M/day", "7/3s", "1/h"}) {
    const Rate value = parse_rate(text).value();
    CAPTURE(text, to_text(value));
    CHECK(parse_rate(to_text(value)).value() == value);
  }
  CHECK(to_text(parse_rate("100/s").value()) == "100/s");
  for (const Bytes value : {Bytes{0}, Bytes{512}, Bytes{16'384}, Bytes{10'000'000}}) {
    CHECK(parse_bytes(to_text(value)).value() == value);
  }
  CHECK(parse_share(to_text(Share{0.05})).value() == Share{0.05});
  for (const std::int64_t value : {0L, 7L, 1'000L, 1'500L, 2'000'000L, 3'000'000'000L}) {
    CHECK(parse_count(count_to_text(value)).value() == value);
  }
}

TEST_CASE("text: a slip of the pen finds its word, a different word does not") {
  const std::vector<std::string_view> words{"balance", "targets", "timeouts", "rate"};
  CHECK(nearest_word("balnce", words) == "balance");
  CHECK(nearest_word("blaance", words) == "balance");  // transposed letters are one edit
  CHECK(nearest_word("target", words) == "targets");
  CHECK(nearest_word("zebra", words).empty());
  CHECK(edit_distance("kitten", "sitting") == 3);  // the textbook example
}

}  // namespace
}  // namespace headgate
