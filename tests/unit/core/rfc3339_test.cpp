#include "headgate/core/rfc3339.hpp"

#include <catch2/catch.hpp>

namespace headgate {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("a time is printed in UTC with the decimals it needs") {
  // `date -u -d @1479249799 +%FT%TZ` says 2016-11-15T22:43:19Z.
  CHECK(to_rfc3339(seconds{1479249799}) == "2016-11-15T22:43:19Z");
  CHECK(to_rfc3339(Duration{0}) == "1970-01-01T00:00:00Z");
  CHECK(to_rfc3339(milliseconds{1500}) == "1970-01-01T00:00:01.500Z");
  CHECK(to_rfc3339(Duration{1}) == "1970-01-01T00:00:00.000000001Z");
  CHECK(to_rfc3339(Duration{-1}) == "1969-12-31T23:59:59.999999999Z");
}

TEST_CASE("the examples of RFC 3339 section 5.8 are read") {
  CHECK(parse_rfc3339("1985-04-12T23:20:50.52Z") == milliseconds{482196050520});
  CHECK(parse_rfc3339("1996-12-19T16:39:57-08:00") == seconds{851042397});
  CHECK(parse_rfc3339("1990-12-31T23:59:60Z") == seconds{662688000});  // a leap second
  CHECK(parse_rfc3339("1990-12-31T15:59:60-08:00") == seconds{662688000});
  CHECK(parse_rfc3339("1937-01-01T12:00:27.87+00:20") == milliseconds{-1041337172130});
}

TEST_CASE("every printed time is read back as the same time") {
  for (const std::int64_t each :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1479249799123456789},
        std::int64_t{-9'000'000'000'000'000'000}, std::int64_t{9'000'000'000'000'000'000}}) {
    CHECK(parse_rfc3339(to_rfc3339(Duration{each})) == Duration{each});
  }
}

TEST_CASE("what is not such a time is refused") {
  for (const char* bad :
       {"", "2026", "2026-11-20", "2026-11-20T22:47:51", "2026-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-11-20T24:00:00Z", "2026-11-20T00:60:00Z",
        "2026-11-20T00:00:61Z", "2026-11-20T00:00:00.Z", "2026-11-20T00:00:00.1234567890Z",
        "2026-11-20T00:00:00+1:00", "2026-11-20T00:00:00+24:00", "2026-11-20T00:00:00Zx",
        "1677-01-01T00:00:00Z", "2262-01-01T00:00:00Z", "20a6-11-20T00:00:00Z"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_rfc3339(bad));
  }
}

}  // namespace
}  // namespace headgate
