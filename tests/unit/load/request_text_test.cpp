#include "headgate/load/request_text.hpp"

#include <catch2/catch.hpp>

namespace headgate::load {
namespace {

std::string rendered(const RequestSpec& spec, std::uint64_t sequence = 0) {
  std::string scratch;
  return std::string{RequestText::make(spec).value().render({.sequence = sequence}, scratch)};
}

TEST_CASE("request text: a GET is its line, its host and an empty line") {
  CHECK(rendered({.path = "/a?b=c", .host = "example.com:81"}) ==
        "GET /a?b=c HTTP/1.1\r\nHost: example.com:81\r\n\r\n");
}

TEST_CASE("request text: a body brings its length") {
  CHECK(rendered({.method = "POST", .path = "/", .host = "h", .body = "four"}) ==
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nfour");
}

TEST_CASE("request text: a POST without a body says that it has none") {
  CHECK(rendered({.method = "POST", .host = "h"}) ==
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("request text: the user's Host replaces the target's") {
  CHECK(rendered({.host = "127.0.0.1", .headers = {{"host", "api.example.com"}}}) ==
        "GET / HTTP/1.1\r\nhost: api.example.com\r\n\r\n");
}

TEST_CASE("request text: each {sequence} becomes the number, in path, header and body") {
  CHECK(
      rendered({.method = "PUT",
                .path = "/orders/{sequence}",
                .host = "h",
                .headers = {{"x-id", "<{sequence}>"}},
                .body = "{sequence},{sequence}"},
               1234) ==
      "PUT /orders/1234 HTTP/1.1\r\nHost: h\r\nx-id: <1234>\r\nContent-Length: 9\r\n\r\n1234,1234");
}

TEST_CASE("request text: the length of a body that varies follows its digits") {
  const RequestSpec spec{.method = "POST", .host = "h", .body = "n={sequence}"};
  CHECK_THAT(rendered(spec, 9), Catch::EndsWith("Content-Length: 3\r\n\r\nn=9"));
  CHECK_THAT(rendered(spec, 10), Catch::EndsWith("Content-Length: 4\r\n\r\nn=10"));
}

TEST_CASE("request text: a scratch buffer can be used again") {
  const RequestText text = RequestText::make({.path = "/{sequence}", .host = "h"}).value();
  std::string scratch;
  CHECK(text.render({.sequence = 100}, scratch) == "GET /100 HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(text.render({.sequence = 7}, scratch) == "GET /7 HTTP/1.1\r\nHost: h\r\n\r\n");
}

TEST_CASE("request text: what would not be one well-formed request is refused") {
  const auto refused = [](const RequestSpec& spec) { return !RequestText::make(spec).has_value(); };
  CHECK(refused({.method = "G ET"}));
  CHECK(refused({.method = ""}));
  CHECK(refused({.path = "orders"}));
  CHECK(refused({.path = "/a b"}));
  CHECK(refused({.path = "/a\r\nx: y"}));
  CHECK(refused({.headers = {{"bad name", "v"}}}));
  CHECK(refused({.headers = {{"x", "a\r\nevil: 1"}}}));
  CHECK(refused({.headers = {{"Content-Length", "3"}}}));
  CHECK(refused({.headers = {{"transfer-encoding", "chunked"}}}));
  CHECK_FALSE(refused({.headers = {{"x", "tab\tis fine"}}}));
}

}  // namespace
}  // namespace headgate::load
