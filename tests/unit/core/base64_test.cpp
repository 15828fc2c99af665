#include "headgate/core/base64.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "headgate/core/bytes.hpp"

namespace headgate {
namespace {

TEST_CASE("base64: the test vectors of RFC 4648 section 10 go both ways") {
  const std::vector<std::pair<std::string, std::string>> vectors = {{"", ""},
                                                                    {"f", "Zg=="},
                                                                    {"fo", "Zm8="},
                                                                    {"foo", "Zm9v"},
                                                                    {"foob", "Zm9vYg=="},
                                                                    {"fooba", "Zm9vYmE="},
                                                                    {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, text] : vectors) {
    CHECK(base64_encode(as_bytes(plain)) == text);
    const auto bytes = base64_decode(text);
    REQUIRE(bytes);
    CHECK(as_text(*bytes) == plain);
  }
}

TEST_CASE("base64: all byte values come back") {
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  const auto bytes = base64_decode(base64_encode(as_bytes(all)));
  REQUIRE(bytes);
  CHECK(as_text(*bytes) == all);
}

TEST_CASE("base64: only the one text of each byte string is read") {
  CHECK_FALSE(base64_decode("Zg"));         // padding left out
  CHECK_FALSE(base64_decode("Zg="));        // half of it
  CHECK_FALSE(base64_decode("Zh=="));       // a bit behind the last byte
  CHECK_FALSE(base64_decode("Zm9="));       // two of them
  CHECK_FALSE(base64_decode("Zm 9v\n=="));  // blanks
  CHECK_FALSE(base64_decode("Zm9-"));       // the alphabet of URLs
  CHECK_FALSE(base64_decode("===="));
  CHECK_FALSE(base64_decode("Zg==Zg=="));  // padding in the middle
}

}  // namespace
}  // namespace headgate
