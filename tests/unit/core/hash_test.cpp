#include "headgate/core/hash.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "headgate/core/bytes.hpp"

namespace headgate {
namespace {

TEST_CASE("hash: crc32c gives the check values of RFC 3720 appendix B.4") {
  CHECK(crc32c(as_bytes("123456789")) == 0xe3069283U);  // the usual check value
  std::array<std::byte, 32> block{};
  CHECK(crc32c(block) == 0x8a9136aaU);  // 32 zeros
  block.fill(std::byte{0xff});
  CHECK(crc32c(block) == 0x62a8ab43U);  // 32 ones
  for (std::size_t i = 0; i < block.size(); ++i) block[i] = static_cast<std::byte>(i);
  CHECK(crc32c(block) == 0x46dd794eU);  // 0 to 31
}

TEST_CASE("hash: crc32c in pieces is crc32c of the whole") {
  const std::string text(1000, 'x');
  const auto bytes = as_bytes(text);
  for (const std::size_t cut : {0UL, 1UL, 7UL, 8UL, 9UL, 999UL, 1000UL}) {
    CHECK(crc32c(bytes.subspan(cut), crc32c(bytes.first(cut))) == crc32c(bytes));
  }
}

TEST_CASE("hash: every length and every seed gives another value") {
  std::set<std::uint64_t> seen;
  for (std::size_t length = 0; length < 100; ++length) {
    for (std::uint64_t seed = 0; seed < 10; ++seed)
      seen.insert(hash64(std::string(length, 'a'), seed));
  }
  CHECK(seen.size() == 1000);
}

TEST_CASE("hash: an empty text that lies nowhere is as good as any") {
  CHECK(hash64(std::string_view{}, 7) == hash64("", 7));
}

TEST_CASE("bytes: integers survive either byte order") {
  std::array<std::byte, 8> buffer{};
  store_big<std::uint32_t>(buffer, 0x01020304);
  CHECK(buffer[0] == std::byte{1});
  CHECK(load_big<std::uint32_t>(buffer) == 0x01020304);
  store_little<std::uint64_t>(buffer, 0x0102030405060708);
  CHECK(buffer[0] == std::byte{8});
  CHECK(load_little<std::uint64_t>(buffer) == 0x0102030405060708);
  store_big<std::uint8_t>(buffer, 9);
  CHECK(load_big<std::uint8_t>(buffer) == 9);
}

}  // namespace
}  // namespace headgate
