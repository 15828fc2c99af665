#include "headgate/routing/text_index.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <utility>

#include "headgate/core/random.hpp"

namespace headgate::routing {
namespace {

TEST_CASE("text index: numbers are given in the order of first appearance, from 0") {
  TextIndex index;
  CHECK(index.find(0, "a") == TextIndex::kNone);
  CHECK(index.add(0, "a") == 0);
  CHECK(index.add(0, "b") == 1);
  CHECK(index.add(0, "a") == 0);
  CHECK(index.add(0, "") == 2);
  CHECK(index.find(0, "") == 2);
  CHECK(index.size() == 3);
}

TEST_CASE("text index: the same text in another space is another entry") {
  TextIndex index;
  CHECK(index.add(1, "a") == 0);
  CHECK(index.find(2, "a") == TextIndex::kNone);
  CHECK(index.add(2, "a") == 1);
  CHECK(index.find(1, "a") == 0);
}

TEST_CASE("text index: agrees with an ordered map over thousands of entries") {
  Random random(3);
  TextIndex index;
  std::map<std::pair<std::uint64_t, std::string>, std::uint32_t> expected;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t space = random.below(5);
    const std::string text(random.below(4), static_cast<char>('a' + random.below(26)));
    const std::string key = text + std::to_string(random.below(800));
    const auto known = expected.find({space, key});
    REQUIRE(index.find(space, key) == (known == expected.end() ? TextIndex::kNone : known->second));
    const auto number = static_cast<std::uint32_t>(expected.size());
    REQUIRE(index.add(space, key) == expected.try_emplace({space, key}, number).first->second);
  }
  CHECK(index.size() == expected.size());
}

}  // namespace
}  // namespace headgate::routing
