// How much of an address is one caller. The networks are worked by hand (RFC 4632, RFC 4291).
#include "headgate/ratelimit/key.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>

namespace headgate::ratelimit {
namespace {

using V4 = std::array<std::uint8_t, 4>;
using V6 = std::array<std::uint8_t, 16>;

template <class Address>
Address network(Address address, std::int64_t prefix) {
  keep_prefix(address, prefix);
  return address;
}

TEST_CASE("prefix: an address keeps its first bits and no others") {
  constexpr V4 kHost{203, 0, 113, 77};
  CHECK(network(kHost, 32) == kHost);
  CHECK(network(kHost, 31) == V4{203, 0, 113, 76});
  CHECK(network(kHost, 26) == V4{203, 0, 113, 64});
  CHECK(network(kHost, 24) == V4{203, 0, 113, 0});
  CHECK(network(kHost, 20) == V4{203, 0, 112, 0});
  CHECK(network(kHost, 8) == V4{203, 0, 0, 0});
  CHECK(network(kHost, 1) == V4{128, 0, 0, 0});
  CHECK(network(kHost, 0) == V4{});
}

TEST_CASE("prefix: of IPv6 the same over sixteen bytes") {
  const V6 host{0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff, 0xff, 0xff,
                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  CHECK(network(host, 128) == host);
  V6 kept{0x20, 0x01, 0x0d, 0xb8, 0xff, 0xff, 0xff, 0xff};
  CHECK(network(host, 64) == kept);
  kept[7] = 0x00;
  CHECK(network(host, 56) == kept);
  kept[6] = 0xf0;
  CHECK(network(host, 52) == kept);
  kept[6] = 0x00;
  CHECK(network(host, 48) == kept);
}

TEST_CASE("prefix: who is known by the address, if only as a stranger, has one") {
  const auto spec = [](std::initializer_list<const char*> parts) {
    KeySpec key;
    for (const char* part : parts) key.push_back(parse_key_part(part).value());
    return key;
  };
  CHECK(reads_address(spec({"client_ip"})));
  CHECK(reads_address(spec({"route", "consumer"})));
  CHECK_FALSE(reads_address(spec({"header:x-key", "route", "service", "global"})));
}

}  // namespace
}  // namespace headgate::ratelimit
