#include "headgate/sim/csv.hpp"

#include <catch2/catch.hpp>
#include <limits>
#include <string>

namespace headgate::sim {
namespace {

TEST_CASE("csv: a line has its fields and no others") {
  const auto fields = split_csv<3>("12,alice,-3");
  REQUIRE(fields);
  CHECK((*fields)[0] == "12");
  CHECK((*fields)[1] == "alice");
  CHECK((*fields)[2] == "-3");
  REQUIRE(split_csv<3>(",,"));
  CHECK((*split_csv<3>(",,"))[2].empty());
  CHECK_FALSE(split_csv<3>("1,2"));
  CHECK_FALSE(split_csv<3>("1,2,3,"));
  CHECK_FALSE(split_csv<3>(""));
  CHECK(split_csv<1>(""));
}

TEST_CASE("csv: quotes hold commas and must be closed") {
  const auto fields = split_csv<3>(R"(1,"a,""b""",2)");
  REQUIRE(fields);
  CHECK((*fields)[1] == R"("a,""b""")");
  std::string scratch;
  CHECK(unquoted((*fields)[1], scratch) == R"(a,"b")");
  CHECK(unquoted("\"plain\"", scratch) == "plain");
  CHECK(unquoted("\"\"", scratch).empty());
  CHECK(unquoted("\"", scratch) == "\"");
  CHECK(unquoted("bare", scratch) == "bare");
  CHECK_FALSE(split_csv<3>(R"(1,"a,2)"));
}

TEST_CASE("csv: integers are whole and within 64 bits") {
  CHECK(parse_integer("0") == 0);
  CHECK(parse_integer("-5") == -5);
  CHECK(parse_integer("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  for (const char* const wrong :
       {"", "-", "+1", "1 ", " 1", "1.0", "1e3", "0x1", "9223372036854775808"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_integer(wrong));
  }
  std::string out = "x";
  append_integer(out, std::numeric_limits<std::int64_t>::min());
  append_integer(out, 0);
  CHECK(out == "x-92233720368547758080");
}

}  // namespace
}  // namespace headgate::sim
