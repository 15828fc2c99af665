// Responses of an upstream as bytes, and what a gateway must make of them (a refusal is a 502).
// From RFC 9112 sections 4 and 6.3; see request_conformance_test.cpp.
#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "reading.hpp"

namespace headgate::http::test {
namespace {

void check_response(std::string_view bytes, std::string_view expected,
                    Method asked = Method::kGet) {
  CAPTURE(bytes);
  CHECK(read_response({bytes}, asked) == expected);
  CHECK(read_response(bytes_of(bytes), asked) == expected);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    if (read_response({bytes.substr(0, cut), bytes.substr(cut)}, asked) != expected) {
      FAIL_CHECK("cut after " << cut << " bytes it reads differently");
    }
  }
}

TEST_CASE("responses: sound ones are framed by length, chunks or the end of the stream") {
  check_response("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokX", "200 length:2 body=ok rest=X");
  check_response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nX",
                 "200 chunked body=ok rest=X");
  check_response("HTTP/1.1 200 OK\r\n\r\nall of it", "200 until-close close body=all of it rest=");
  check_response("HTTP/1.0 200 OK\r\n\r\nx", "200 until-close close body=x rest=");
  check_response("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
                 "200 length:1 close body=x rest=");
  check_response("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\nx",
                 "200 length:1 body=x rest=");
  check_response("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
                 "200 length:0 close body= rest=");
  check_response("HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "200 length:0 body= rest=");
  check_response("HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", "200 length:0 body= rest=");
  check_response("HTTP/1.1 404 Nicht gefunden \xe9\r\nContent-Length: 0\r\n\r\n",
                 "404 length:0 body= rest=");
  check_response("HTTP/1.1 200 OK\r\nX_Y: 1\r\nContent-Length: 0\r\n\r\n",
                 "200 length:0 body= rest=");
}

TEST_CASE("responses: some have no body whatever their fields say") {
  check_response("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nX", "200 none:5 body= rest=X",
                 Method::kHead);
  check_response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                 "200 none body= rest=", Method::kHead);
  check_response("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\nX",
                 "304 none:5 body= rest=X");
  check_response("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nX", "204 none body= rest=X");
  check_response("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n",
                 "100 none interim body= rest=HTTP/1.1 200 OK\r\n");
  check_response("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", "103 none interim body= rest=");
}

TEST_CASE("responses: ambiguous framing is refused, even where there is no body") {
  check_response("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
                 "CL-TE");
  check_response("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n",
                 "CL-MULTIPLE");
  check_response("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n", "CL-MULTIPLE");
  check_response("HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n", "CL-SYNTAX");
  check_response("HTTP/1.1 304 OK\r\nContent-Length: two\r\n\r\n", "CL-SYNTAX");
  check_response("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "TE-NOT-CHUNKED");
  check_response("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "TE-CODING");
  check_response("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "TE-VERSION");
  check_response("HTTP/1.1 200 OK\r\nConnection: content-length\r\nContent-Length: 2\r\n\r\nok",
                 "CONNECTION-NOMINATES");
  check_response("HTTP/1.1 200 OK\r\nConnection: x-internal\r\nContent-Length: 0\r\n\r\n",
                 "200 length:0 nominates body= rest=");
}

TEST_CASE("responses: a status line is a version, three digits and a phrase") {
  for (const std::string_view line :
       {"HTTP/1.1 20 OK", "HTTP/1.1 2000 OK", "HTTP/1.1 2x0 OK", "HTTP/1.1  200 OK",
        "HTTP/1.1 099 X", "HTTP/1.1 600 X", "HTTP/1.1", "HTTP/1.1 ", "HTTP/1.1 200OK",
        "HTTP/1.1\t200 OK"}) {
    check_response(std::string{line} + "\r\n\r\n", "STATUS-LINE");
  }
  check_response("HTTP/2.0 200 OK\r\n\r\n", "VERSION-UNSUPPORTED");
  check_response("ICY 200 OK\r\n\r\n", "VERSION");
  check_response("\r\nHTTP/1.1 200 OK\r\n\r\n", "VERSION");
  check_response("", "INCOMPLETE");
  check_response("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
                 "UPGRADE-UNASKED");
}

TEST_CASE("responses: lines and fields are judged as strictly as in requests") {
  check_response("HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n", "BARE-LF");
  check_response("HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n", "FIELD-SPACE");
  check_response("HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\n\r\n", "OBS-FOLD");
  check_response("HTTP/1.1 200 OK\r\nX\r\n\r\n", "FIELD-COLON");
  check_response("HTTP/1.1 200 O\x01K\r\n\r\n", "CONTROL");
  CHECK(read_response({"HTTP/1.1 200 OK\r\nX: " + std::string(16384, 'x')}, Method::kGet) ==
        "HEAD-LARGE");
  CHECK(read_response({"HTTP/1.1 200 " + std::string(16384, 'x')}, Method::kGet) == "HEAD-LARGE");
}

}  // namespace
}  // namespace headgate::http::test
