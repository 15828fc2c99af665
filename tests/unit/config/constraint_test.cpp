#include "headgate/config/constraint.hpp"

#include <catch2/catch.hpp>

namespace headgate::config {
namespace {

using At = std::vector<std::pair<std::string, std::string>>;

const At kAt{{"load", "0.9"}, {"policy", "random"}, {"timeout", "500us"}, {"wait", "2ms"}};

bool allows(std::string_view text) {
  const auto constraint = Constraint::parse(text);
  REQUIRE(constraint.has_value());
  const auto allowed = constraint->allows(kAt);
  REQUIRE(allowed.has_value());
  return *allowed;
}

TEST_CASE("constraint: values compare by what they mean") {
  CHECK(allows("load < 1"));
  CHECK_FALSE(allows("load < 0.9"));
  CHECK(allows("load <= 90%"));
  CHECK(allows("load>=0.90"));
  CHECK(allows("timeout < wait"));
  CHECK_FALSE(allows("timeout > 1ms"));
  CHECK(allows("policy = random"));
  CHECK_FALSE(allows("policy != random"));
}

TEST_CASE("constraint: all comparisons must hold") {
  CHECK(allows("load > 0.5 and policy = random and wait = 2000us"));
  CHECK_FALSE(allows("load > 0.5 and policy = two_choices"));
}

TEST_CASE("constraint: what is none, or cannot be compared, says so") {
  for (const char* wrong : {"", "load", "load <", "< 1", "load < 1 and", "a < b < c", "load ! 1"}) {
    CAPTURE(wrong);
    CHECK_FALSE(Constraint::parse(wrong).has_value());
  }
  CHECK(Constraint::parse("loaf < 1")->allows(kAt).error().why ==
        "the sweep has no dimension 'loaf'");
  CHECK(Constraint::parse("policy < 1")->allows(kAt).error().why ==
        "'random' and '1' have no order");
  CHECK(Constraint::parse("load < 10ms")->allows(kAt).error().where == "load");
}

}  // namespace
}  // namespace headgate::config
