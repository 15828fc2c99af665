#include "headgate/load/fill.hpp"

#include <catch2/catch.hpp>
#include <regex>
#include <set>

#include "headgate/config/data_table.hpp"

namespace headgate::load {
namespace {

std::string filled(std::string_view text, const Fill& fill = {}, const PlaceNames& names = {}) {
  std::string out;
  FillText::parse(text, names).value().append(fill, out);
  return out;
}

std::string fault(std::string_view text, const PlaceNames& names = {}) {
  const auto parsed = FillText::parse(text, names);
  return parsed ? "" : parsed.error().where + " " + parsed.error().why;
}

TEST_CASE("fill: text without places is itself, whatever braces it has") {
  for (const char* text :
       {"", "/orders", "{\"a\": {\"b\": 1}}", "{", "}", "{}", "{seq}", "a{b}c"}) {
    CHECK(filled(text) == text);
    CHECK_FALSE(FillText::parse(text, {}).value().varies());
  }
}

TEST_CASE("fill: a sequence number stands wherever its place does") {
  CHECK(filled("/{sequence}/{sequence}", {.sequence = 42}) == "/42/42");
  CHECK(filled("{\"id\": {sequence}}", {.sequence = 7}) == "{\"id\": 7}");
}

TEST_CASE(
    "fill: UUIDs are of version 4, each its own, and the same for the same seed and request") {
  const std::regex form{"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"};
  std::set<std::string> seen;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const std::string one = filled("{uuid}", {.sequence = i});
    CHECK(std::regex_match(one, form));
    seen.insert(one);
  }
  CHECK(seen.size() == 1000);
  CHECK(filled("{uuid}", {.sequence = 3}) == filled("{uuid}", {.sequence = 3}));
  CHECK(filled("{uuid}", {.sequence = 3, .seed = 2}) != filled("{uuid}", {.sequence = 3}));
  const std::string two = filled("{uuid} {uuid}");
  CHECK(two.substr(0, 36) != two.substr(37));
}

TEST_CASE("fill: random numbers reach both ends of their range and none beyond, evenly") {
  std::array<int, 4> counts{};
  for (std::uint64_t i = 0; i < 4000; ++i) {
    const std::string number = filled("{random:7..10}", {.sequence = i});
    ++counts.at(static_cast<std::size_t>(std::stoi(number) - 7));
  }
  for (const int count : counts) CHECK(count == Approx(1000).margin(110));  // 4 deviations of 27
  CHECK(filled("{random:5..5}") == "5");
}

TEST_CASE("fill: a request has one row of the data, in all its places") {
  auto data = config::read_data_table("user,password\nann,a1\nbob,b2\ncid,c3\n").value();
  const PlaceNames names{.data = &data};
  const auto at = [&](std::uint64_t i) {
    return filled("{data.user}:{data.password}", {.sequence = i, .data = &data}, names);
  };
  CHECK(at(0) == "ann:a1");
  CHECK(at(1) == "bob:b2");
  CHECK(at(5) == "cid:c3");
  data.order = config::RowOrder::kRandom;
  std::set<std::string> seen;
  for (std::uint64_t i = 0; i < 100; ++i) seen.insert(at(i));
  CHECK(seen == std::set<std::string>{"ann:a1", "bob:b2", "cid:c3"});
}

TEST_CASE("fill: what was captured stands in its place") {
  const std::vector<std::string> names{"token", "id"};
  const std::vector<std::string> values{"t0k", ""};
  CHECK(filled("Bearer {captured.token}{captured.id}.", {.captured = values},
               {.captured = names}) == "Bearer t0k.");
}

TEST_CASE("fill: a place that cannot be filled is refused, and what there is is named") {
  const auto data = config::read_data_table("user,password\nann,a1\n").value();
  const std::vector<std::string> captured{"token"};
  const PlaceNames names{.data = &data, .captured = captured};
  CHECK(fault("{data.usr}", names) ==
        "{data.usr} no such column of data; there are: user, password");
  CHECK(fault("{captured.tokn}", names) ==
        "{captured.tokn} no such captured name; there are: token");
  CHECK(fault("{data.user}") == "{data.user} the plan has no column of data");
  CHECK(fault("{random:5}") == "{random:5} a range is written {random:1..100}");
  CHECK(fault("{random:9..1}") == "{random:9..1} a range is written {random:1..100}");
  CHECK(fault("{random:a..b}") == "{random:a..b} a range is written {random:1..100}");
}

}  // namespace
}  // namespace headgate::load
