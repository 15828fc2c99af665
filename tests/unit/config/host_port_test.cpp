#include "headgate/config/host_port.hpp"

#include <catch2/catch.hpp>

namespace {

using namespace headgate::config;

TEST_CASE("HOST:PORT is a literal or a name and a port, written back as it was") {
  for (const char* const text :
       {"127.0.0.1:8080", "[::1]:8080", "localhost:0", "a-b.example.com:65535"}) {
    const auto address = parse_host_port(text);
    REQUIRE(address);
    CHECK(to_text(*address) == text);
  }
  CHECK(parse_host_port("[::1]:80")->host == "::1");
  CHECK(parse_host_port("LocalHost:1")->host == "localhost");
}

TEST_CASE("what is not HOST:PORT shows the right form") {
  for (const char* const text :
       {"", ":", "8080", "127.0.0.1", "127.0.0.1:", ":8080", "a:65536", "a:-1", "a:1x", "a: 1",
        "::1:80", "[127.0.0.1]:80", "[::1]", "a b:1", "[::1]x:80", "[:::]:1", "a/b:1"}) {
    INFO(text);
    const auto address = parse_host_port(text);
    REQUIRE_FALSE(address);
    CHECK(address.error().why == "must be HOST:PORT such as 127.0.0.1:8080 or [::1]:8080");
  }
}

TEST_CASE("a socket is opened at a literal address or at localhost, not at a name") {
  CHECK(parse_bind("0.0.0.0:80"));
  CHECK(parse_bind("[::]:80"));
  CHECK(parse_bind("localhost:80"));
  CHECK_FALSE(parse_bind("example.com:80"));
  CHECK_FALSE(parse_bind("127.0.0.300:80"));
}

TEST_CASE("a URL has a host, a port that is 80 unless said, and a path that is / unless said") {
  const auto check = [](const char* text, const HostPort& address, const char* path) {
    INFO(text);
    const auto url = parse_url(text);
    REQUIRE(url);
    CHECK(url->text == text);
    CHECK(url->address == address);
    CHECK(url->path == path);
  };
  check("http://a.example.com", {.host = "a.example.com", .port = 80}, "/");
  check("http://127.0.0.1:9001/", {.host = "127.0.0.1", .port = 9001}, "/");
  check("http://[::1]/x?y=1", {.host = "::1", .port = 80}, "/x?y=1");
  check("http://[::1]:81?y", {.host = "::1", .port = 81}, "/?y");
  check("http://a:8080/orders/{sequence}", {.host = "a", .port = 8080}, "/orders/{sequence}");
}

TEST_CASE("a URL with a fragment, a blank, another scheme or no host is refused") {
  for (const char* const text : {"http://a/#x", "http://a/x y", "http://a/\x01", "https://a", "a",
                                 "http:///x", "http://a:0/", "http://a:b/", "//a", "HTTP://a"}) {
    INFO(text);
    CHECK_FALSE(parse_url(text));
  }
}

}  // namespace
