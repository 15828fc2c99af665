#include "cases.hpp"

#include <string_view>

namespace headgate::study {
namespace {

using namespace std::string_view_literals;

class Builder {
 public:
  explicit Builder(std::vector<Case>& cases) : cases_(cases) {}

  /// A whole request that must be refused.
  void whole(std::string_view group, std::string_view name, std::string_view bytes) {
    cases_.push_back({std::string{group}, std::string{name}, std::string{bytes}, ""});
  }
  /// Field lines that make a POST one that must be refused.
  void fields(std::string_view group, std::string_view lines, std::string_view body = {}) {
    whole(group, lines,
          "POST / HTTP/1.1\r\nHost: a\r\n" + std::string{lines} + "\r\n\r\n" + std::string{body});
  }
  void chunked(std::string_view body) {
    whole("chunked body", body,
          "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string{body});
  }
  void target(std::string_view target) {
    whole("target and method", target,
          "GET " + std::string{target} + " HTTP/1.1\r\nHost: a\r\n\r\n");
  }
  /// Field lines of which `secret` must stay behind.
  void strip(std::string_view lines, std::string_view secret) {
    cases_.push_back({"one hop only", std::string{lines},
                      "GET / HTTP/1.1\r\nHost: a\r\n" + std::string{lines} + "\r\n\r\n",
                      std::string{secret}});
  }

 private:
  std::vector<Case>& cases_;
};

void add_framing(Builder& add) {
  constexpr std::string_view kGroup = "framing";
  for (const std::string_view lines :
       {"Content-Length: 5\r\nTransfer-Encoding: chunked"sv,
        "Transfer-Encoding: chunked\r\nContent-Length: 5"sv, "Transfer-Encoding: gzip"sv,
        "Transfer-Encoding: xchunked"sv, "Transfer-Encoding: chunked, identity"sv,
        "Transfer-Encoding: ,chunked"sv, "Transfer-Encoding: identity, chunked"sv,
        "Transfer-Encoding: chunked;x=y"sv,
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity"sv,
        "Transfer-Encoding: \vchunked"sv,
        "Transfer-Encoding: \xa0"
        "chunked"sv,
        "Transfer-Encoding: \"chunked\""sv, "Transfer-Encoding: chunked\0"sv}) {
    add.fields(kGroup, lines, "0\r\n\r\n");
  }
  for (const std::string_view lines :
       {"Content-Length: 1\r\nContent-Length: 2", "Content-Length: +1", "Content-Length: -1",
        "Content-Length: 0x1", "Content-Length: 1_0", "Content-Length: ", "Content-Length: 1, 2",
        "Content-Length: 18446744073709551616", "Content-Length: 1 1"}) {
    add.fields(kGroup, lines, "x");
  }
  add.whole(kGroup, "Transfer-Encoding in HTTP/1.0",
            "POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
}

void add_chunked(Builder& add) {
  for (const std::string_view body :
       {"0x1\r\nx\r\n0\r\n\r\n", "1_\r\nx\r\n0\r\n\r\n", " 1\r\nx\r\n0\r\n\r\n",
        "1 \r\nx\r\n0\r\n\r\n", "\r\nx\r\n0\r\n\r\n", "-1\r\nx\r\n0\r\n\r\n",
        "10000000000000001\r\nx\r\n0\r\n\r\n", "1\nx\r\n0\r\n\r\n", "1\r\rx\r\n0\r\n\r\n",
        "7;\nxx0\r\nxxxxxxx\r\n0\r\n\r\n", "1;a=\"\n\"\r\nx\r\n0\r\n\r\n", "1\r\nx\n0\r\n\r\n",
        "1\r\nxx\r\n0\r\n\r\n", "1\r\nx0\r\n\r\n"}) {
    add.chunked(body);
  }
}

void add_fields(Builder& add) {
  constexpr std::string_view kGroup = "field lines";
  for (const std::string_view line : {"X : 1"sv, "X\t: 1"sv, ": 1"sv, "F(o): 1"sv, "Foo"sv,
                                      "X: 1\r\n 2"sv, "X: a\nb"sv, "X: a\rb"sv, "X: a\0b"sv,
                                      "X: a\x01"
                                      "b"sv,
                                      "X: a\x7f"sv}) {
    add.fields(kGroup, line);
  }
  add.whole(kGroup, "a blank before the first field", "GET / HTTP/1.1\r\n Host: a\r\n\r\n");
  add.whole(kGroup, "LF ends the lines", "GET / HTTP/1.1\nHost: a\n\n");
  for (const std::string_view lines :
       {"", "Host: a\r\nHost: b\r\n", "Host: a, b\r\n", "Host: u@a\r\n", "Host: a/b\r\n",
        "Host: a b\r\n", "Host: a:x\r\n"}) {
    add.whole("Host", lines, "GET / HTTP/1.1\r\n" + std::string{lines} + "\r\n");
  }
}

void add_first_lines(Builder& add) {
  constexpr std::string_view kGroup = "target and method";
  for (const std::string_view target : {"foo", "@evil/", "*", "/#x", "/\xc3\xa9", "/\"", "/<",
                                        "/\\", "/{", "/%00", "/%zz", "/../x"}) {
    add.target(target);
  }
  for (const std::string_view line :
       {"get / HTTP/1.1", "G@T / HTTP/1.1", "TRACE / HTTP/1.1", "GET  / HTTP/1.1",
        "GET\t/ HTTP/1.1", "GET / HTTP/01.1", "GET / HTTP/2.0", "GET / HTTP/0.9"}) {
    add.whole(kGroup, line, std::string{line} + "\r\nHost: a\r\n\r\n");
  }
  add.whole(kGroup, "CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n");
  add.whole(kGroup, "HTTP/0.9", "GET /\r\n\r\n");
}

void add_one_hop(Builder& add) {
  add.strip("Connection: X-Secret\r\nX-Secret: 1", "X-Secret: 1");
  add.strip("Keep-Alive: timeout=5", "Keep-Alive:");
  add.strip("Proxy-Connection: keep-alive", "Proxy-Connection:");
  add.strip("TE: trailers, deflate", "deflate");
  add.strip(
      "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__",
      "HTTP2-Settings:");
  add.strip("Connection: Upgrade\r\nUpgrade: h2c", "h2c");
}

}  // namespace

std::vector<Case> cases() {
  std::vector<Case> all;
  Builder add(all);
  add_framing(add);
  add_chunked(add);
  add_fields(add);
  add_first_lines(add);
  add_one_hop(add);
  return all;
}

}  // namespace headgate::study
