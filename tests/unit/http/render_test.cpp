#include "headgate/http/render.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "headgate/http/problem.hpp"
#include "headgate/http/response.hpp"
#include "headgate/http/status.hpp"

namespace headgate::http {
namespace {

std::string forward(std::string bytes, const ForwardOptions& options) {
  RequestParser parser;
  REQUIRE(parser.parse(bytes) == Progress::kDone);
  const auto request = examine(parser.head(), bytes.data());
  REQUIRE(request.has_value());
  std::string out(kRenderedHeadMax, '?');
  out.resize(render_request(parser.head(), *request, options, out));
  return out;
}

std::string answer(const std::string& bytes, const AnswerOptions& options,
                   Method asked = Method::kGet) {
  ResponseParser parser;
  REQUIRE(parser.parse(bytes) == Progress::kDone);
  const auto response = examine(parser.head(), asked);
  REQUIRE(response.has_value());
  std::string out(kRenderedHeadMax, '?');
  const Framing body = answer_framing(response->body, options.client_minor);
  out.resize(render_response(parser.head(), body, options, out));
  return out;
}

TEST_CASE("render: a request keeps its method, its canonical target and its own fields") {
  CHECK(forward("PUT /%61/../b?x=%zz HTTP/1.1\r\nHost: A.example:80\r\nX-Key:  v \r\nAccept:*/*\r\n"
                "Content-Length: 5\r\n\r\n",
                {.client = "192.0.2.1"}) ==
        "PUT /b?x=%zz HTTP/1.1\r\n"
        "Host: a.example:80\r\n"
        "X-Key: v\r\n"
        "Accept: */*\r\n"
        "X-Forwarded-For: 192.0.2.1\r\n"
        "X-Forwarded-Proto: http\r\n"
        "X-Forwarded-Host: a.example:80\r\n"
        "Content-Length: 5\r\n"
        "\r\n");
}

TEST_CASE("render: fields of one hop and fields that Connection names do not pass") {
  const std::string out = forward(
      "POST / HTTP/1.1\r\nHost: a\r\nConnection: close, X-Secret\r\nX-Secret: s\r\nKeep-Alive: "
      "5\r\n"
      "Proxy-Connection: x\r\nProxy-Authorization: x\r\nTE: trailers\r\nTrailer: T\r\n"
      "Upgrade: h2c\r\nHTTP2-Settings: AAA\r\nExpect: 100-continue\r\n"
      "Transfer-Encoding: CHUNKED\r\nAuthorization: mine\r\n\r\n",
      {.host = "upstream:9001", .client = "::1", .via = "headgate"});
  CHECK(out ==
        "POST / HTTP/1.1\r\n"
        "Host: upstream:9001\r\n"
        "Authorization: mine\r\n"
        "X-Forwarded-For: ::1\r\n"
        "X-Forwarded-Proto: http\r\n"
        "X-Forwarded-Host: a\r\n"
        "Via: 1.1 headgate\r\n"
        "Transfer-Encoding: chunked\r\n"
        "\r\n");
}

TEST_CASE("render: what a peer says of its client counts only if the peer is trusted") {
  const std::string bytes =
      "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-Proto: https\r\n"
      "X-Forwarded-Host: h\r\nForwarded: for=x\r\nX-Real-IP: 2.2.2.2\r\n"
      "X-Forwarded-For: 3.3.3.3\r\n\r\n";
  CHECK(forward(bytes, {.client = "9.9.9.9"}) ==
        "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Proto: http\r\n"
        "X-Forwarded-Host: a\r\n\r\n");
  CHECK(forward(bytes, {.client = "9.9.9.9", .peer_trusted = true}) ==
        "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: h\r\n"
        "Forwarded: for=x\r\nX-Real-IP: 2.2.2.2\r\n"
        "X-Forwarded-For: 1.1.1.1, 3.3.3.3, 9.9.9.9\r\n\r\n");
}

TEST_CASE(
    "render: a request from HTTP/1.0 becomes one of HTTP/1.1, with an empty Host if it had none") {
  CHECK(forward("GET /x HTTP/1.0\r\n\r\n", {.client = "::1", .via = "headgate"}) ==
        "GET /x HTTP/1.1\r\nHost: \r\nX-Forwarded-For: ::1\r\nX-Forwarded-Proto: http\r\n"
        "Via: 1.0 headgate\r\n\r\n");
}

TEST_CASE("render: what was rendered is read again as the same request") {
  std::string again = forward(
      "DELETE /a%20b/?q HTTP/1.1\r\nHost: h:1\r\nX: 1\r\n"
      "Content-Length: 3\r\n\r\n",
      {.client = "::1"});
  RequestParser parser;
  REQUIRE(parser.parse(again) == Progress::kDone);
  const auto request = examine(parser.head(), again.data());
  REQUIRE(request.has_value());
  CHECK(request->method == Method::kDelete);
  CHECK(request->path == "/a%20b/");
  CHECK(request->query == "?q");
  CHECK(request->authority == "h:1");
  CHECK(request->body ==
        Framing{.kind = Framing::Kind::kLength, .length = 3, .length_given = true});
}

TEST_CASE(
    "render: a buffer that is too small gets nothing, and none is ever too small by accident") {
  std::string bytes = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  RequestParser parser;
  REQUIRE(parser.parse(bytes) == Progress::kDone);
  const Request request = examine(parser.head(), bytes.data()).value();
  const ForwardOptions options{.client = "::1"};
  const std::string whole = forward(bytes, options);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    std::string out(size, '?');
    CHECK(render_request(parser.head(), request, options, out) == 0);
  }
  std::string out(whole.size(), '?');
  CHECK(render_request(parser.head(), request, options, out) == whole.size());
  CHECK(out == whole);
}

TEST_CASE("render: a response keeps status, phrase and fields, and is framed by us") {
  CHECK(answer("HTTP/1.1 200 Fine\r\nServer: x\r\nConnection: X-Hop\r\nX-Hop: 1\r\n"
               "Keep-Alive: timeout=5\r\nContent-Length: 5\r\n\r\n",
               {.extra = "RateLimit: \"p\";r=1\r\n"}) ==
        "HTTP/1.1 200 Fine\r\nServer: x\r\nRateLimit: \"p\";r=1\r\nContent-Length: 5\r\n\r\n");
  CHECK(answer("HTTP/1.1 404\r\nTransfer-Encoding: chunked\r\nTrailer: T\r\n\r\n",
               {.keep_open = false}) ==
        "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
}

TEST_CASE(
    "render: a body without a length is chunked for HTTP/1.1 and ends with the stream for 1.0") {
  CHECK(answer("HTTP/1.0 200 OK\r\n\r\n", {}) ==
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  CHECK(answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
               {.client_minor = 0, .keep_open = false}) ==
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
  CHECK(answer("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n", {.client_minor = 0}) ==
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: keep-alive\r\n\r\n");
}

TEST_CASE("render: a response without a body says the length only where that is meant") {
  CHECK(answer("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", {}, Method::kHead) ==
        "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n");
  CHECK(answer("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\nETag: \"x\"\r\n\r\n", {}) ==
        "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nContent-Length: 7\r\n\r\n");
  CHECK(answer("HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", {}) ==
        "HTTP/1.1 204 No Content\r\n\r\n");
}

std::string own(const Answer& answer, const AnswerOptions& options = {}) {
  std::string out(1024, '?');
  out.resize(render_answer(answer, options, out));
  return out;
}

TEST_CASE("render: an answer of our own carries its length, and no body to HEAD") {
  CHECK(own({.status = 404, .content_type = "text/plain", .body = "no"}) ==
        "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno");
  CHECK(own({.status = 404, .body = "no", .head_only = true}, {.keep_open = false}) ==
        "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nConnection: close\r\n\r\n");
  CHECK(own({.status = 100}) == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(own({.status = 204}) == "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST_CASE("status: known codes have the phrase of RFC 9110, others none") {
  CHECK(reason_phrase(200) == "OK");
  CHECK(reason_phrase(413) == "Content Too Large");
  CHECK(reason_phrase(431) == "Request Header Fields Too Large");
  CHECK(reason_phrase(299).empty());
}

std::string problem(const Problem& problem) {
  std::array<char, 512> out{};
  return {out.data(), write_problem(problem, out)};
}

TEST_CASE("problem: the document has type, title, status and detail") {
  CHECK(problem({.status = 503}) ==
        R"({"type":"about:blank","title":"Service Unavailable","status":503})");
  CHECK(problem({.status = 429, .type = "t", .title = "Slow down", .detail = "wait"}) ==
        R"({"type":"t","title":"Slow down","status":429,"detail":"wait"})");
  const std::array<std::string_view, 2> violated{"daily", "\"burst\""};
  CHECK(problem({.status = 429, .type = kQuotaExceeded, .title = "t", .violated = violated}) ==
        R"({"type":"https://iana.org/assignments/http-problem-types#quota-exceeded","title":"t",)"
        R"("status":429,"violated-policies":["daily","\"burst\""]})");
  CHECK(problem(problem_of(Reason::kBareLf)) ==
        R"({"type":"urn:headgate:refused:BARE-LF","title":"Bad Request","status":400,)"
        R"("detail":"a line ends in LF without CR"})");
}

TEST_CASE("problem: text is escaped for JSON and mended for UTF-8") {
  const auto detail = [](std::string_view text) {
    const std::string whole = problem({.status = 500, .detail = text});
    const std::size_t start = whole.find("\"detail\":\"") + 10;
    return whole.substr(start, whole.size() - start - 2);
  };
  CHECK(detail("a\"b\\c/d") == R"(a\"b\\c/d)");
  CHECK(detail("\n\x01\x7f") == R"(\u000a\u0001\u007f)");
  CHECK(detail("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80") ==
        "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
  const std::string mended = "\xef\xbf\xbd";
  CHECK(detail("\xe9x") == mended + "x");                                  // Latin-1
  CHECK(detail("\xc0\xaf") == mended + mended);                            // overlong '/'
  CHECK(detail("\xed\xa0\x80") == mended + mended + mended);               // a surrogate
  CHECK(detail("\xf4\x90\x80\x80") == mended + mended + mended + mended);  // above U+10FFFF
  CHECK(detail("\xe2\x82") == mended + mended);                            // cut short
  std::array<char, 20> small{};
  CHECK(write_problem({.status = 500}, small) == 0);
}

TEST_CASE("render: fields of the upstream that are ours give way, whatever their case") {
  constexpr std::array<std::string_view, 2> kOurs{"X-RateLimit-Limit", "RateLimit-Reset"};
  const std::string out = answer(
      "HTTP/1.1 200 OK\r\nx-ratelimit-LIMIT: 7\r\nRateLimit: \"up\";r=1\r\nRateLimit-Reset: 9\r\n"
      "X-RateLimit-Limits: 8\r\nContent-Length: 0\r\n\r\n",
      {.extra = "X-RateLimit-Limit: 3\r\n", .replaced = kOurs});
  CHECK(out ==
        "HTTP/1.1 200 OK\r\nRateLimit: \"up\";r=1\r\nX-RateLimit-Limits: 8\r\n"
        "X-RateLimit-Limit: 3\r\nContent-Length: 0\r\n\r\n");
}

}  // namespace
}  // namespace headgate::http
