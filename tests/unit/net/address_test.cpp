#include "headgate/net/address.hpp"

#include <catch2/catch.hpp>

namespace headgate::net {
namespace {

TEST_CASE("address: an IPv4 or bracketed IPv6 literal is read and printed as written") {
  const auto text = GENERATE(as<std::string>{}, "127.0.0.1:8080", "0.0.0.0:0", "[::1]:443",
                             "[2001:db8::7]:65535");
  CHECK(Address::parse(text).value().to_text() == text);
}

TEST_CASE("address: localhost is the IPv4 loopback address") {
  CHECK(Address::parse("localhost:80").value().to_text() == "127.0.0.1:80");
}

TEST_CASE("address: what is no HOST:PORT is refused and quoted") {
  const auto text =
      GENERATE(as<std::string>{}, "", ":80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
               "127.0.0.1:-1", "127.0.0.1:80x", "::1:80", "[::1]", "[127.0.0.1]:80",
               "example.com:80", "[", "[]:1", "1.2.3:80");
  const Result<Address> address = Address::parse(text);
  REQUIRE_FALSE(address);
  CHECK(address.error().where == text);
}

TEST_CASE("address: a name is looked up, a literal is not") {
  CHECK(Address::resolve("[::1]", 9).value().to_text() == "[::1]:9");
  CHECK(Address::resolve("10.1.2.3", 9).value().to_text() == "10.1.2.3:9");
  // RFC 6761 section 6.4: names under .invalid never exist.
  CHECK(Address::resolve("nobody.invalid", 9).error().code == Errc::kUnavailable);
}

TEST_CASE("address: equal means the same family, host and port") {
  CHECK(Address::parse("127.0.0.1:1").value() == Address::parse("localhost:1").value());
  CHECK_FALSE(Address::parse("127.0.0.1:1").value() == Address::parse("127.0.0.1:2").value());
  CHECK_FALSE(Address::parse("127.0.0.1:1").value() == Address::parse("[::1]:1").value());
}

}  // namespace
}  // namespace headgate::net
