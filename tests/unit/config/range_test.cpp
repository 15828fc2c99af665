#include "headgate/config/range.hpp"

#include <catch2/catch.hpp>

namespace headgate::config {
namespace {

using Values = std::vector<std::string>;

TEST_CASE("range: decimal steps are counted exactly and end with the last value") {
  CHECK(expand_range("0.7..1 step 0.1").value() == Values{"0.7", "0.8", "0.9", "1"});
  CHECK(expand_range("0.5..0.95 step 0.05").value().size() == 10);
  CHECK(expand_range("0.5..0.95 step 0.05").value().back() == "0.95");
  CHECK(expand_range("0.5..0.95 step 0.2").value() == Values{"0.5", "0.7", "0.9"});
  CHECK(expand_range("3..3 step 1").value() == Values{"3"});
}

TEST_CASE("range: every value has the unit of the three") {
  CHECK(expand_range("10ms..30ms step 10ms").value() == Values{"10ms", "20ms", "30ms"});
  CHECK(expand_range("1.5k/s..2k/s step 0.25k/s").value() == Values{"1.5k/s", "1.75k/s", "2k/s"});
  CHECK(expand_range("0%..20% step 10%").value() == Values{"0%", "10%", "20%"});
}

TEST_CASE("range: what is none says what to write") {
  const auto why = [](std::string_view text) {
    const auto values = expand_range(text);
    REQUIRE_FALSE(values.has_value());
    return values.error().why;
  };
  CHECK(why("1..2").find("FIRST..LAST step STEP") != std::string::npos);
  CHECK(why("..2 step 1").find("FIRST..LAST step STEP") != std::string::npos);
  CHECK(why("1...2 step 1").find("FIRST..LAST step STEP") != std::string::npos);
  CHECK(why("1ms..2s step 1ms").find("units") != std::string::npos);
  CHECK(why("1..2 step 0").find("more than zero") != std::string::npos);
  CHECK(why("2..1 step 1").find("rise") != std::string::npos);
  CHECK(why("0..10000 step 1").find("more than 10000") != std::string::npos);
  CHECK(expand_range("1..10000 step 1").value().size() == 10'000);
  CHECK(why("99999999999999999999..2 step 1").find("FIRST..LAST") != std::string::npos);
}

}  // namespace
}  // namespace headgate::config
