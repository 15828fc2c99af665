// Who a client is to limits. The networks are worked by hand.
#include "headgate/gateway/client_name.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "headgate/gateway/caller.hpp"

namespace headgate::gateway {
namespace {

ClientName named(const std::string& host) {
  ClientName name;
  name.set(net::Address::resolve(host, 1234).value());
  return name;
}

std::string network(const std::string& host, std::int64_t ipv4, std::int64_t ipv6) {
  ClientName::Text space;
  return std::string{named(host).network({.ipv4 = ipv4, .ipv6 = ipv6}, space)};
}

TEST_CASE("client name: an IPv4 client is its address, an IPv6 client its network of 64 bits") {
  CHECK(named("192.0.2.77").address() == "192.0.2.77");
  CHECK(named("192.0.2.77").network() == "192.0.2.77");
  CHECK(named("2001:db8:1:2:3:4:5:6").address() == "2001:db8:1:2:3:4:5:6");
  CHECK(named("2001:db8:1:2:3:4:5:6").network() == "2001:db8:1:2::");
  CHECK(named("::1").network() == "::");
}

TEST_CASE("client name: an IPv4 client on a socket for both is an IPv4 client") {
  CHECK(named("::ffff:192.0.2.77").address() == "192.0.2.77");
  CHECK(named("::ffff:192.0.2.77").network() == "192.0.2.77");
  CHECK(network("::ffff:192.0.2.77", 24, 48) == "192.0.2.0");
  CHECK(named("::fffe:192.0.2.77").network() == "::");  // not mapped
}

TEST_CASE("client name: other prefixes make other networks, each of its own family") {
  CHECK(network("192.0.2.77", 24, 64) == "192.0.2.0");
  CHECK(network("192.0.2.77", 32, 48) == "192.0.2.77");
  CHECK(network("192.0.2.77", 16, 128) == "192.0.0.0");
  CHECK(network("2001:db8:1:2:3:4:5:6", 24, 64) == "2001:db8:1:2::");
  CHECK(network("2001:db8:1:2:3:4:5:6", 32, 48) == "2001:db8:1::");
  CHECK(network("2001:db8:1:2:3:4:5:6", 32, 128) == "2001:db8:1:2:3:4:5:6");
}

TEST_CASE("client name: a connection of another client leaves nothing of the one before") {
  ClientName name = named("2001:db8:1:2:3:4:5:6");
  name.set(net::Address::resolve("10.1.2.3", 1).value());
  CHECK(name.address() == "10.1.2.3");
  name.set(net::Address::resolve("2001:db8::", 1).value());
  CHECK(name.network() == "2001:db8::");
}

TEST_CASE("caller: a key holds the network that its limit asks for") {
  const ClientName client = named("2001:db8:1:2:3:4:5:6");
  http::Fields fields;
  const Caller caller{
      .client = client, .consumer = {}, .route = "r", .service = "s", .fields = fields};
  const ratelimit::KeySpec key{ratelimit::parse_key_part("client_ip").value(),
                               ratelimit::parse_key_part("route").value(),
                               ratelimit::parse_key_part("consumer").value()};
  const KeyTexts usual{caller, key};
  REQUIRE(usual.all().size() == 4);
  CHECK(usual.all()[0] == "2001:db8:1:2::");
  CHECK(usual.all()[1] == "r");
  CHECK(usual.all()[2].empty());
  CHECK(usual.all()[3] == "2001:db8:1:2::");  // of the stranger
  const KeyTexts wide{caller, key, {.ipv4 = 32, .ipv6 = 32}};
  CHECK(wide.all()[0] == "2001:db8::");
  CHECK(wide.all()[3] == "2001:db8::");
}

}  // namespace
}  // namespace headgate::gateway
