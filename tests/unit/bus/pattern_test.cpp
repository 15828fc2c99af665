#include "headgate/bus/pattern.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "headgate/core/random.hpp"

namespace headgate::bus {
namespace {

bool matches(std::string_view pattern, std::string_view name) {
  return Pattern::compile(pattern)->matches(name);
}

std::vector<std::uint32_t> found(const PatternSet& set, std::string_view name) {
  std::vector<std::uint32_t> numbers;
  set.match(name, [&](std::uint32_t number) { numbers.push_back(number); });
  std::ranges::sort(numbers);
  return numbers;
}

TEST_CASE("a star stands for exactly one segment") {
  CHECK(matches("orders.*.created", "orders.eu.created"));
  CHECK_FALSE(matches("orders.*.created", "orders.created"));
  CHECK_FALSE(matches("orders.*.created", "orders.eu.west.created"));
  CHECK_FALSE(matches("orders.*.created", "orders.eu.created.twice"));
  CHECK(matches("*", "orders"));
  CHECK_FALSE(matches("*", "orders.eu"));
}

TEST_CASE("a last greater-than sign stands for one or more segments") {
  CHECK(matches("orders.>", "orders.eu"));
  CHECK(matches("orders.>", "orders.eu.created"));
  CHECK_FALSE(matches("orders.>", "orders"));
  CHECK_FALSE(matches("orders.>", "ordersx.eu"));
  CHECK(matches(">", "orders"));
  CHECK(matches("*.>", "orders.eu"));
  CHECK_FALSE(matches("*.>", "orders"));
}

TEST_CASE("a pattern without wildcards means the topic of that name alone") {
  CHECK(matches("requests", "requests"));
  CHECK_FALSE(matches("requests", "request"));
  CHECK_FALSE(matches("requests", "requests.x"));
  CHECK_FALSE(matches("requests", ""));
}

TEST_CASE("a pattern that could mean two things is refused") {
  for (const char* bad :
       {"", ".", "a.", ".a", "a..b", "a.>.b", ">.a", "a*", "a.b*", "**", "a.>>"}) {
    CAPTURE(bad);
    CHECK_FALSE(Pattern::compile(bad));
  }
  CHECK(Pattern::compile("a.>.b").error().why == "'>' stands only at the end of a pattern");
  CHECK_FALSE(Pattern::compile(std::string(250, 'a')));
}

TEST_CASE("a set finds every pattern that matches, once per number") {
  PatternSet set;
  std::uint32_t number = 0;
  for (const char* text :
       {"orders.*.created", "orders.>", "orders.eu.created", "*.eu.*", "other"}) {
    set.add(*Pattern::compile(text), number++);
  }
  set.add(*Pattern::compile("orders.>"), 1);  // again
  CHECK(found(set, "orders.eu.created") == std::vector<std::uint32_t>{0, 1, 2, 3});
  CHECK(found(set, "orders.us.created") == std::vector<std::uint32_t>{0, 1});
  CHECK(found(set, "orders") == std::vector<std::uint32_t>{});
  CHECK(found(set, "other") == std::vector<std::uint32_t>{4});
  CHECK(found(set, "") == std::vector<std::uint32_t>{});
}

// The second definition is one Pattern at a time; Pattern itself is checked by hand above.
TEST_CASE("a set of random patterns finds what its patterns find one by one") {
  Random random{11};
  const auto segments = [&](std::uint64_t kinds) {
    std::string text;
    for (std::uint64_t i = random.below(4) + 1; i > 0; --i) {
      const std::uint64_t kind = random.below(kinds);
      text += kind == 3 ? "*" : std::string(1, static_cast<char>('a' + kind));
      if (i > 1) text += '.';
    }
    return text;
  };
  for (int round = 0; round < 200; ++round) {
    PatternSet set;
    std::vector<Pattern> patterns;
    for (int i = 0; i < 30; ++i) {
      std::string text = segments(4);
      if (random.below(3) == 0) text += ".>";
      patterns.push_back(*Pattern::compile(text));
      set.add(patterns.back(), static_cast<std::uint32_t>(i));
    }
    for (int i = 0; i < 20; ++i) {
      const std::string name = segments(3);
      CAPTURE(round, name);
      std::vector<std::uint32_t> expected;
      for (std::uint32_t n = 0; n < patterns.size(); ++n) {
        if (patterns[n].matches(name)) expected.push_back(n);
      }
      REQUIRE(found(set, name) == expected);
    }
  }
}

}  // namespace
}  // namespace headgate::bus
