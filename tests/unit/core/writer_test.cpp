#include "headgate/core/writer.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>

namespace headgate {
namespace {

TEST_CASE("writer: text and numbers follow each other to the last byte") {
  std::array<char, 8> out{};
  Writer writer(out);
  writer.text("ab").number(-12).text("").number(std::uint64_t{345});
  CHECK(writer.fits());
  CHECK(writer.size() == 8);
  CHECK(writer.result() == "ab-12345");
}

TEST_CASE("writer: what does not fit spoils the whole, and no byte beyond the end is touched") {
  std::array<char, 8> bytes{};
  bytes.fill('.');
  Writer writer(std::span{bytes}.first(4));
  writer.text("abc").text("de").text("f").number(7);
  CHECK_FALSE(writer.fits());
  CHECK(writer.result().empty());
  CHECK(std::string_view{bytes.data() + 4, 4} == "....");
}

TEST_CASE("writer: a number that does not fit spoils the whole") {
  std::array<char, 8> bytes{};
  bytes.fill('.');
  Writer writer(std::span{bytes}.first(2));
  writer.number(123).text("a");
  CHECK_FALSE(writer.fits());
  CHECK(writer.result().empty());
  CHECK(std::string_view{bytes.data() + 2, 6} == "......");
}

}  // namespace
}  // namespace headgate
