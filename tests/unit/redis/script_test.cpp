// What is sent and how an answer is read; the script itself runs in integration/redis_script_test.
#include "headgate/redis/script.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "headgate/core/hash.hpp"

namespace headgate::redis {
namespace {

std::string name_of(std::initializer_list<std::string_view> caller) {
  return key_name("hg:r/", caller);
}

TEST_CASE("script: a call has the number of keys, the keys, then the numbers") {
  std::string out;
  append_call(out, "abc", {.keys = {"k1", "k2"}, .numbers = {-5, 1'000'000'000'000'000}});
  CHECK(out ==
        "*7\r\n$7\r\nEVALSHA\r\n$3\r\nabc\r\n$1\r\n2\r\n$2\r\nk1\r\n$2\r\nk2\r\n$2\r\n-5\r\n$16\r\n"
        "1000000000000000\r\n");
}

TEST_CASE("script: an answer has the time, then three numbers for each limit") {
  ReplyReader reader;
  reader.feed("*7\r\n:9\r\n:1\r\n:2\r\n:3\r\n:0\r\n:5\r\n:6\r\n");
  const Reply reply = **reader.next();
  const auto sights = sights_of(reply, 2);
  REQUIRE(sights);
  REQUIRE(sights->size() == 2);
  CHECK((*sights)[0].now_us == 9);
  CHECK((*sights)[0].taken == 1);
  CHECK((*sights)[0].first == 2);
  CHECK((*sights)[0].second == 3);
  CHECK((*sights)[1].now_us == 9);
  CHECK((*sights)[1].taken == 0);
  CHECK((*sights)[1].first == 5);
  CHECK((*sights)[1].second == 6);
  CHECK(sights_of(reply, 1).error().code == Errc::kCorrupt);
  CHECK(sights_of(reply, 3).error().code == Errc::kCorrupt);
}

TEST_CASE("script: the key of a caller can be read, and no two callers have the same") {
  CHECK(name_of({"127.0.0.1"}) == "hg:r/9:127.0.0.1");
  CHECK(name_of({}) == "hg:r/");
  CHECK(name_of({"a", "b"}) == "hg:r/1:a1:b");
  CHECK(name_of({"a", ""}) != name_of({"", "a"}));
  CHECK(name_of({"a1:b"}) != name_of({"a", "b"}));
}

TEST_CASE("script: a long caller costs a short key, told apart by its hash") {
  const std::string longest(125, 'x');  // and its "125:" is 129 bytes
  const std::string name = name_of({longest});
  CHECK(name.size() == 5 + 64 + 1 + 32);
  CHECK(name.starts_with("hg:r/125:xxx"));
  CHECK(name_of({std::string(124, 'x')}).size() == 5 + 128);
  std::set<std::string> names;
  for (char c = 'a'; c <= 'z'; ++c) names.insert(name_of({longest + c}));
  CHECK(names.size() == 26);
}

}  // namespace
}  // namespace headgate::redis
