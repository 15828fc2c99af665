// Requests as bytes, and what a gateway must make of them. The expectations come from RFC 9110, RFC
// 9112 and RFC 3986 and, where those leave a choice, from the rule that bytes which two parsers
// could read differently are refused. Each is read whole, byte by byte, and cut in two at every
// place.
#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "reading.hpp"

namespace headgate::http::test {
namespace {

using namespace std::string_view_literals;

struct Case {
  std::string_view bytes;
  std::string_view expected;
};

void check_all(std::string_view bytes, std::string_view expected) {
  CAPTURE(bytes);
  CHECK(read_request({bytes}) == expected);
  CHECK(read_request(bytes_of(bytes)) == expected);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    if (read_request({bytes.substr(0, cut), bytes.substr(cut)}) != expected) {
      FAIL_CHECK("cut after " << cut << " bytes it reads differently");
    }
  }
}

template <std::size_t N>
void check_all(const Case (&cases)[N]) {
  for (const Case& item : cases) check_all(item.bytes, item.expected);
}

/// A request with the given lines after a sound request line and Host.
std::string with_fields(std::string_view lines) {
  return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string{lines} + "\r\n";
}

TEST_CASE("requests: sound ones are read as they are meant") {
  check_all({
      {"GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", "GET a.example / none body= rest="},
      {"GET /x?q=1&r HTTP/1.1\r\nHost: a:8080\r\n\r\n", "GET a /x?q=1&r none body= rest="},
      {"GET / HTTP/1.1\r\nhOsT:A.Example\r\n\r\n", "GET a.example / none body= rest="},
      {"GET / HTTP/1.1\r\nHost: \t a \t\r\n\r\n", "GET a / none body= rest="},
      {"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "GET [::1] / none body= rest="},
      {"GET / HTTP/1.1\r\nHost: a.\r\n\r\n", "GET a / none body= rest="},
      {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS a * none body= rest="},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET",
       "POST a / length:5 body=hello rest=GET"},
      {"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "PUT a / length:0 body= rest="},
      {"DELETE / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab",
       "DELETE a / length:2 body=ab rest="},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n", "GET a / none body= rest="},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: caf\xe9\tau lait\r\n\r\n", "GET a / none body= rest="},
      {"GET / HTTP/1.0\r\n\r\n", "GET - / none close body= rest="},
      {"GET / HTTP/1.0\r\nHost: a\r\nConnection: Keep-Alive\r\n\r\n", "GET a / none body= rest="},
      {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "GET a / none close body= rest="},
      {"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET a / none body= rest="},
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\n",
       "GET a / none body= rest=GET /2 HTTP/1.1\r\n"},
      {"GET / HTTP/1.1\r\nHost: a\r\n", "INCOMPLETE"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhell", "INCOMPLETE"},
  });
}

TEST_CASE("requests: a Content-Length beside a Transfer-Encoding is refused in either order") {
  check_all(with_fields("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), "CL-TE");
  check_all(with_fields("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), "CL-TE");
  check_all(with_fields("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n"), "CL-TE");
}

TEST_CASE("requests: a Transfer-Encoding is exactly one chunked or the request is refused") {
  const auto check = [](std::string_view value, std::string_view expected) {
    check_all(with_fields("Transfer-Encoding:" + std::string{value} + "\r\n"), expected);
  };
  check(" gzip", "TE-NOT-CHUNKED");
  check(" xchunked", "TE-NOT-CHUNKED");
  check(" chunked, identity", "TE-NOT-CHUNKED");
  check(" chunked, gzip", "TE-NOT-CHUNKED");
  check(" ,chunked", "TE-NOT-CHUNKED");
  check(" chunked,", "TE-NOT-CHUNKED");
  check(" identity, chunked", "TE-NOT-CHUNKED");
  check(" chunked, chunked", "TE-NOT-CHUNKED");
  check(" chunked;x=y", "TE-NOT-CHUNKED");
  check(" \"chunked\"", "TE-NOT-CHUNKED");
  check(
      " \xa0"
      "chunked",
      "TE-NOT-CHUNKED");
  check("", "TE-NOT-CHUNKED");
  check(" gzip, chunked", "TE-CODING");
  check(" \vchunked", "CONTROL");
  check(" chunked\f", "CONTROL");
  check(" chunked\0"sv, "NUL");
  check(" chunked\r\nTransfer-Encoding: chunked", "TE-MULTIPLE");
  check(" chunked\r\nTransfer-Encoding: identity", "TE-MULTIPLE");
  check_all("POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: CHUNKED\r\n\r\n0\r\n\r\n",
            "POST a / chunked body= rest=");
  check_all("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "TE-VERSION");
}

TEST_CASE("requests: a Content-Length is one plain number below 2^63 or the request is refused") {
  const auto check = [](std::string_view value, std::string_view expected) {
    check_all(with_fields("Content-Length:" + std::string{value} + "\r\n"), expected);
  };
  for (const std::string_view value :
       {" +1", " -1", " 0x1", " 1_0", "", " 1 0", " 1.0", " 01", " 00", " 1e3", " \"1\""}) {
    check(value, "CL-SYNTAX");
  }
  check(" 1, 1", "CL-MULTIPLE");
  check(" 1\r\nContent-Length: 1", "CL-MULTIPLE");
  check(" 1\r\nContent-Length: 2", "CL-MULTIPLE");
  check(" 9223372036854775808", "CL-LARGE");
  check(" 18446744073709551616", "CL-LARGE");
  check(" 99999999999999999999999999999999", "CL-LARGE");
  check(" 9223372036854775807", "INCOMPLETE");  // the largest; its body does not follow
}

TEST_CASE("requests: a field line is a token, a colon and text, or the request is refused") {
  const auto check = [](std::string_view line, std::string_view expected) {
    check_all(with_fields(std::string{line} + "\r\n"), expected);
  };
  check("X : 1", "FIELD-SPACE");
  check("X\t: 1", "FIELD-SPACE");
  check(": 1", "FIELD-NAME");
  check("F(o): 1", "FIELD-NAME");
  check("F\"o: 1", "FIELD-NAME");
  check("F\xc3\xb6: 1", "FIELD-NAME");
  check("Foo", "FIELD-COLON");
  check("X_Y: 1", "FIELD-UNDERSCORE");
  check("Content_Length: 5", "FIELD-UNDERSCORE");
  check("X: 1\r\n 2", "OBS-FOLD");
  check("X: 1\r\n\t2", "OBS-FOLD");
  check("X: a\nb", "BARE-LF");
  check("X: a\rb", "BARE-CR");
  check("X: a\r\rb", "BARE-CR");
  check("X: a\0b"sv, "NUL");
  check(
      "X: a\x7f"
      "b",
      "CONTROL");
  check(
      "X: a\x01"
      "b",
      "CONTROL");
  check_all("GET / HTTP/1.1\r\n Host: a\r\n\r\n", "OBS-FOLD");
  check_all("GET / HTTP/1.1\nHost: a\n\n", "BARE-LF");
  check_all("GET / HTTP/1.1\r\nHost: a\r\n\n", "BARE-LF");
}

TEST_CASE("requests: HTTP/1.1 has one sound Host and HTTP/1.0 at most one") {
  const auto check = [](std::string_view lines, std::string_view expected) {
    check_all("GET / HTTP/1.1\r\n" + std::string{lines} + "\r\n", expected);
  };
  check("", "HOST-MISSING");
  check("Host: a\r\nHost: a\r\n", "HOST-MULTIPLE");
  check("Host: a\r\nHost: b\r\n", "HOST-MULTIPLE");
  for (const std::string_view value :
       {"",     "a, b", "u@a", "a/b", "a b",   "a:", "a:0",  "a:65536", "a:x", "a:80:80",
        "a%41", "[::1", "::1", "[]",  "[g::]", ".a", "a..b", "a?b",     "a#b", "caf\xc3\xa9"}) {
    check("Host: " + std::string{value} + "\r\n", "HOST-SYNTAX");
  }
  check("Host: " + std::string(256, 'a') + "\r\n", "HOST-SYNTAX");
  check_all("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", "HOST-MULTIPLE");
}

TEST_CASE("requests: a whole URI as target must name the host of the Host field") {
  check_all({
      {"GET http://a.example/x HTTP/1.1\r\nHost: a.example\r\n\r\n",
       "GET a.example /x none body= rest="},
      {"GET http://A.Example?q HTTP/1.1\r\nHost: a.example\r\n\r\n",
       "GET a.example /?q none body= rest="},
      {"GET HTTPS://a:8443 HTTP/1.1\r\nHost: a:8443\r\n\r\n", "GET a / none body= rest="},
      {"GET http://a/ HTTP/1.0\r\n\r\n", "GET a / none close body= rest="},
      {"GET http://evil/x HTTP/1.1\r\nHost: a.example\r\n\r\n", "HOST-MISMATCH"},
      {"GET http://a:81/x HTTP/1.1\r\nHost: a\r\n\r\n", "HOST-MISMATCH"},
      {"GET http://u@a/x HTTP/1.1\r\nHost: a\r\n\r\n", "HOST-MISMATCH"},
      {"GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n", "PATH-FORM"},
      {"GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", "PATH-FORM"},
      {"GET http://a/x HTTP/1.1\r\n\r\n", "HOST-MISSING"},
  });
}

TEST_CASE("requests: a target that no URI can be is refused") {
  const auto check = [](std::string_view target, std::string_view expected) {
    check_all("GET " + std::string{target} + " HTTP/1.1\r\nHost: a\r\n\r\n", expected);
  };
  check("foo", "PATH-FORM");
  check("@evil/", "PATH-FORM");
  check("*", "PATH-FORM");
  check("?q", "PATH-FORM");
  check("/#fragment", "TARGET");
  check("/\xc3\xa9", "TARGET");
  for (const std::string_view c : {"\"", "<", ">", "\\", "^", "`", "{", "|", "}"}) {
    check("/" + std::string{c}, "TARGET");
  }
}

TEST_CASE("requests: the path that routes see is canonical, or the request is refused") {
  const auto check = [](std::string_view target, std::string_view expected) {
    check_all("GET " + std::string{target} + " HTTP/1.1\r\nHost: a\r\n\r\n", expected);
  };
  check("/%61dmin", "GET a /admin none body= rest=");
  check("/x/%2e%2E/admin?a=/../b%2f", "GET a /admin?a=/../b%2f none body= rest=");
  check("//admin///x", "GET a /admin/x none body= rest=");
  check("/%00", "PATH-DELIMITER");
  check("/a%2fb", "PATH-DELIMITER");
  check("/a%5Cb", "PATH-DELIMITER");
  check("/a%3bb", "PATH-DELIMITER");
  check("/a%252fb", "PATH-DELIMITER");
  check("/a%0d%0ab", "PATH-DELIMITER");
  check("/..;/admin", "PATH-DELIMITER");
  check("/%zz", "PATH-PERCENT");
  check("/%4", "PATH-PERCENT");
  check("/..", "PATH-ABOVE-ROOT");
  check("/a/../../b", "PATH-ABOVE-ROOT");
}

TEST_CASE("requests: a method is known, in upper case, and neither CONNECT nor TRACE") {
  const auto check = [](std::string_view method, std::string_view expected) {
    check_all(std::string{method} + " / HTTP/1.1\r\nHost: a\r\n\r\n", expected);
  };
  check("get", "METHOD");
  check("Get", "METHOD");
  check("G@T", "METHOD");
  check("GET\t", "METHOD");
  check("", "METHOD");
  check("BREW", "METHOD-UNKNOWN");
  check("PROPFIND", "METHOD-UNKNOWN");
  check("TRACE", "METHOD-REFUSED");
  check_all("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", "METHOD-REFUSED");
}

TEST_CASE("requests: a request line is three words with one blank between them") {
  const auto check = [](std::string_view line, std::string_view expected) {
    check_all(std::string{line} + "\r\nHost: a\r\n\r\n", expected);
  };
  check("GET  / HTTP/1.1", "REQUEST-LINE");
  check("GET /  HTTP/1.1", "VERSION");
  check("GET / HTTP/1.1 ", "VERSION");
  check("GET\t/ HTTP/1.1", "METHOD");
  check("GET /\tHTTP/1.1", "TARGET");
  check("GET /", "REQUEST-LINE");
  check("GET", "REQUEST-LINE");
  check(" GET / HTTP/1.1", "METHOD");
  check("\r\n\r\n\r\nGET / HTTP/1.1", "REQUEST-LINE");
  check("GET / HTTP/1.2", "GET a / none body= rest=");  // a later minor is read as 1.1
  check("GET / HTTP/0.9", "VERSION-UNSUPPORTED");
  check("GET / HTTP/2.0", "VERSION-UNSUPPORTED");
  check("GET / HTTP/01.1", "VERSION");
  check("GET / HTTP/1.10", "VERSION");
  check("GET / HTTP/1", "VERSION");
  check("GET / http/1.1", "VERSION");
  check("GET / HTTP/1,1", "VERSION");
  check("\x16\x03\x01 / HTTP/1.1", "CONTROL");  // how a TLS client begins
}

TEST_CASE("requests: Connection may nominate only fields that nobody decides by") {
  const auto check = [](std::string_view value, std::string_view expected) {
    check_all("GET / HTTP/1.1\r\nHost: a\r\nConnection: " + std::string{value} + "\r\n\r\n",
              expected);
  };
  check("close, X-Secret", "GET a / none close nominates body= rest=");
  check("keep-alive, , TE", "GET a / none body= rest=");
  check("Upgrade, HTTP2-Settings", "GET a / none body= rest=");
  for (const std::string_view name :
       {"Content-Length", "transfer-encoding", "HOST", "Authorization", "Cookie", "Forwarded",
        "X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Real-IP", "Via"}) {
    check("close, " + std::string{name}, "CONNECTION-NOMINATES");
  }
  check("a b", "CONNECTION-SYNTAX");
  std::string many = "o1";
  for (int i = 2; i <= 32; ++i) many += ",o" + std::to_string(i);
  check(many, "GET a / none nominates body= rest=");
  check(many + ",o33", "CONNECTION-SYNTAX");
  check("\"close\"", "CONNECTION-SYNTAX");
}

TEST_CASE("requests: the only expectation is 100-continue, and matters only before a body") {
  check_all({
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\nx",
       "POST a / length:1 continue body=x rest="},
      {"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n", "GET a / none body= rest="},
      {"POST / HTTP/1.0\r\nHost: a\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\nx",
       "POST a / length:1 close body=x rest="},
      {"GET / HTTP/1.1\r\nHost: a\r\nExpect: 200-ok\r\n\r\n", "EXPECT"},
  });
}

TEST_CASE("requests: every limit is exact, and the reason names it") {
  const auto request_line = [](std::size_t size) {
    // "GET " + "/aaa…" + " HTTP/1.1" is the line: 13 bytes beside the target.
    return "GET /" + std::string(size - 14, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n";
  };
  CHECK(read_request({request_line(8192)}).starts_with("GET a /aaa"));
  CHECK(read_request({request_line(8193)}) == "TARGET-LONG");
  CHECK(read_request(bytes_of(request_line(8193))) == "TARGET-LONG");

  const auto fields = [](std::size_t count) {
    std::string lines = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (std::size_t i = 1; i < count; ++i) lines += "X: 1\r\n";
    return lines + "\r\n";
  };
  CHECK(read_request({fields(100)}) == "GET a / none body= rest=");
  CHECK(read_request({fields(101)}) == "FIELDS-MANY");
  CHECK(read_request(bytes_of(fields(101))) == "FIELDS-MANY");

  const auto head = [](std::size_t size) {
    const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    return start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n";
  };
  REQUIRE(head(16384).size() == 16384);
  CHECK(read_request({head(16384)}) == "GET a / none body= rest=");
  CHECK(read_request({head(16385)}) == "HEAD-LARGE");
  CHECK(read_request(bytes_of(head(16385))) == "HEAD-LARGE");
}

}  // namespace
}  // namespace headgate::http::test
