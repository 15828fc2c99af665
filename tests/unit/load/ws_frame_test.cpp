#include "headgate/load/ws_frame.hpp"

#include <catch2/catch.hpp>

namespace headgate::load {
namespace {

using namespace std::string_view_literals;

TEST_CASE("ws frame: the accept word is that of RFC 6455 section 1.3") {
  CHECK(ws_accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST_CASE("ws frame: a masked text is that of RFC 6455 section 5.7") {
  std::string out;
  append_ws_frame(out, WsOpcode::kText, "Hello", 0x37fa213d);
  CHECK(out == "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"sv);
}

TEST_CASE("ws frame: heads of every length are read when they are whole") {
  // RFC 6455 section 5.7: "Hello" in one frame; 256 bytes and 64 KiB of binary.
  const auto hello = read_ws_head("\x81\x05Hello"sv);
  REQUIRE(hello);
  CHECK((hello->opcode == WsOpcode::kText && hello->last && hello->sound));
  CHECK((hello->length == 5 && hello->size == 2));
  CHECK_FALSE(read_ws_head("\x82\x7e\x01"sv));
  const auto medium = read_ws_head("\x82\x7e\x01\x00"sv);
  REQUIRE(medium);
  CHECK((medium->length == 256 && medium->size == 4));
  const auto large = read_ws_head("\x02\x7f\0\0\0\0\0\x01\0\0"sv);
  REQUIRE(large);
  CHECK((large->length == 65'536 && large->size == 10 && !large->last));
}

TEST_CASE("ws frame: what a server must not send is not sound") {
  CHECK_FALSE(read_ws_head("\x81\x85"sv)->sound);          // masked
  CHECK_FALSE(read_ws_head("\xc1\x05"sv)->sound);          // a reserved bit
  CHECK_FALSE(read_ws_head("\x83\x05"sv)->sound);          // an opcode that is none
  CHECK_FALSE(read_ws_head("\x09\x05"sv)->sound);          // a ping in pieces
  CHECK_FALSE(read_ws_head("\x89\x7e\x00\x7e"sv)->sound);  // a ping of 126 bytes
  CHECK(read_ws_head("\x89\x7d"sv)->sound);
}

}  // namespace
}  // namespace headgate::load
