#include "headgate/net/proxy_header.hpp"

#include <catch2/catch.hpp>

#include "headgate/net/transport.hpp"

namespace headgate::net {
namespace {

Address at(const char* text) { return Address::parse(text).value(); }

TEST_CASE("proxy header: version 1 is one line of words") {
  // The examples of section 2.1 of the specification, with other numbers.
  CHECK(proxy_header(ProxyVersion::kV1, at("192.168.0.1:56324"), at("192.168.0.11:443")) ==
        "PROXY TCP4 192.168.0.1 192.168.0.11 56324 443\r\n");
  CHECK(proxy_header(ProxyVersion::kV1, at("[2001:db8::1]:1"), at("[::1]:2")) ==
        "PROXY TCP6 2001:db8::1 ::1 1 2\r\n");
  CHECK(proxy_header(ProxyVersion::kV1, at("127.0.0.1:1"), at("[::1]:2")) == "PROXY UNKNOWN\r\n");
  CHECK(proxy_header(ProxyVersion::kNone, at("127.0.0.1:1"), at("127.0.0.1:2")).empty());
}

TEST_CASE("proxy header: version 2 is a signature and the addresses in network order") {
  const std::string signature{"\r\n\r\n\0\r\nQUIT\n", 12};
  CHECK(proxy_header(ProxyVersion::kV2, at("10.0.0.1:258"), at("127.0.0.1:80")) ==
        signature + std::string{"\x21\x11\0\x0c\x0a\0\0\x01\x7f\0\0\x01\x01\x02\0\x50", 16});
  const std::string six = proxy_header(ProxyVersion::kV2, at("[::1]:1"), at("[::1]:2"));
  CHECK(six.size() == 16 + 36);
  CHECK(six.substr(12, 4) == std::string{"\x21\x21\0\x24", 4});
  CHECK(proxy_header(ProxyVersion::kV2, at("unix:/a"), at("unix:/a")) ==
        signature + std::string{"\x21\0\0\0", 4});
}

TEST_CASE("transport: sources and made-up clients take turns") {
  const Transport transport{{.address = at("127.0.0.1:80"),
                             .sources = {at("127.0.0.2:0"), at("127.0.0.3:0")},
                             .proxy = ProxyVersion::kV1,
                             .clients = {.first = 0x0a000000, .count = 2}}};
  CHECK(*transport.next_source() == at("127.0.0.2:0"));
  CHECK(*transport.next_source() == at("127.0.0.3:0"));
  CHECK(*transport.next_source() == at("127.0.0.2:0"));
  CHECK(transport.next_proxy_header({}) == "PROXY TCP4 10.0.0.0 127.0.0.1 1024 80\r\n");
  CHECK(transport.next_proxy_header({}) == "PROXY TCP4 10.0.0.1 127.0.0.1 1024 80\r\n");
  CHECK(transport.next_proxy_header({}) == "PROXY TCP4 10.0.0.0 127.0.0.1 1025 80\r\n");
}

TEST_CASE("address: a Unix socket is written with its path, and equal paths are equal") {
  CHECK(at("unix:/run/a.sock").to_text() == "unix:/run/a.sock");
  CHECK(at("unix:/run/a.sock") == at("unix:/run/a.sock"));
  CHECK_FALSE(at("unix:/run/a.sock") == at("unix:/run/b.sock"));
  CHECK_FALSE(Address::parse("unix:"));
  CHECK(Address::local(std::string(107, 'x')));
  CHECK_FALSE(Address::local(std::string(108, 'x')));
}

}  // namespace
}  // namespace headgate::net
