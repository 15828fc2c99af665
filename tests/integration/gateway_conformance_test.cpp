// The strict rules over a real connection: what the running gateway answers to bytes that two
// parsers could read differently, and which bytes reach the upstream. The unit tests have more
// cases; these show that nothing between the socket and the parser softens them.
#include <catch2/catch.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "support/http_client.hpp"
#include "support/process.hpp"
#include "support/recording_upstream.hpp"

namespace headgate::test {
namespace {

using namespace std::string_view_literals;

/// A gateway that passes everything to one recording upstream.
class Lab {
 public:
  Lab()
      : config_(
            directory_.write("gateway.yaml",
                             "listeners: [{name: http, bind: \"127.0.0.1:0\"}]\n"
                             "services: {up: {targets: [{url: \"http://" +
                                 upstream.address() +
                                 "\"}]}}\n"
                                 "routes: [{name: all, match: {path: {prefix: /}}, service: up}]\n"
                                 "workers: 1\n"
                                 "admin: {bind: \"127.0.0.1:0\"}\n")),
        gateway_({command("gwctl"), "run", config_}),
        address_(gateway_.ready("http")) {}

  /// Sends `bytes` on a new connection and returns the answer, after which the gateway must close
  /// without another word.
  [[nodiscard]] HttpResponse exchange(std::string_view bytes) const {
    HttpClient client(address_);
    client.send(bytes);
    client.finish_sending();
    HttpResponse response = client.receive();
    CHECK(client.drain().empty());
    return response;
  }
  [[nodiscard]] HttpClient connect() const { return HttpClient(address_); }

  RecordingUpstream upstream;

 private:
  TempDir directory_;
  std::string config_;
  Process gateway_;
  std::string address_;
};

struct Refused {
  std::string_view bytes;
  int status;
  std::string_view id;
};

const std::vector<Refused> kRefusedHeads = {
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: "
     "chunked\r\n\r\n0\r\n\r\n",
     400, "CL-TE"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: "
     "5\r\n\r\n0\r\n\r\n",
     400, "CL-TE"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 400, "TE-NOT-CHUNKED"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501, "TE-CODING"},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n",
     400, "TE-MULTIPLE"},
    {"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "TE-VERSION"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx", 400,
     "CL-MULTIPLE"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx", 400, "CL-SYNTAX"},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18446744073709551616\r\n\r\nx", 400,
     "CL-LARGE"},
    {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400, "FIELD-SPACE"},
    {"GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400, "FIELD-COLON"},
    {"GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", 400, "FIELD-NAME"},
    {"GET / HTTP/1.1\r\nHost: a\r\nContent_Length: 5\r\n\r\n", 400, "FIELD-UNDERSCORE"},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", 400, "OBS-FOLD"},
    {"GET / HTTP/1.1\nHost: a\n\n", 400, "BARE-LF"},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 400, "BARE-CR"},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"sv, 400, "NUL"},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: a\x7f\r\n\r\n", 400, "CONTROL"},
    {"GET / HTTP/1.1\r\n\r\n", 400, "HOST-MISSING"},
    {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "HOST-MULTIPLE"},
    {"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 400, "HOST-SYNTAX"},
    {"GET http://evil/ HTTP/1.1\r\nHost: a\r\n\r\n", 400, "HOST-MISMATCH"},
    {"GET foo HTTP/1.1\r\nHost: a\r\n\r\n", 400, "PATH-FORM"},
    {"GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "TARGET"},
    {"GET /a%2fb HTTP/1.1\r\nHost: a\r\n\r\n", 400, "PATH-DELIMITER"},
    {"GET /a/../.. HTTP/1.1\r\nHost: a\r\n\r\n", 400, "PATH-ABOVE-ROOT"},
    {"get / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "METHOD"},
    {"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "METHOD-UNKNOWN"},
    {"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405, "METHOD-REFUSED"},
    {"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", 405, "METHOD-REFUSED"},
    {"GET /\r\n\r\n", 400, "REQUEST-LINE"},
    {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "REQUEST-LINE"},
    {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "VERSION-UNSUPPORTED"},
    {"GET / HTTP/1.1\r\nHost: a\r\nConnection: close, Host\r\n\r\n", 400, "CONNECTION-NOMINATES"},
    {"GET / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\n\r\n", 417, "EXPECT"},
};

TEST_CASE(
    "gateway conformance: a head that is refused is answered, closed, and never seen upstream") {
  Lab lab;
  for (const Refused& refused : kRefusedHeads) {
    CAPTURE(refused.bytes, refused.id);
    // What follows would be the smuggled request, if the gateway went on reading.
    const HttpResponse answer =
        lab.exchange(std::string{refused.bytes} + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(answer.status == refused.status);
    CHECK(answer.field("Content-Type") == "application/problem+json");
    CHECK(answer.field("Connection") == "close");
    const std::string type = "\"urn:headgate:refused:" + std::string{refused.id} + "\"";
    CHECK(answer.body.find(type) != std::string::npos);
  }
  CHECK(lab.upstream.take_received().empty());
}

TEST_CASE("gateway conformance: limits are answered with the status that names them") {
  Lab lab;
  const auto status_of = [&lab](const std::string& bytes) { return lab.exchange(bytes).status; };
  CHECK(status_of("GET /" + std::string(9'000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n") == 414);
  CHECK(status_of("GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(17'000, 'a') + "\r\n\r\n") ==
        431);
  std::string many = "GET / HTTP/1.1\r\nHost: a\r\n";
  for (int i = 0; i < 100; ++i) many += "X: 1\r\n";
  CHECK(status_of(many + "\r\n") == 431);
  CHECK(lab.upstream.take_received().empty());
}

TEST_CASE("gateway conformance: a chunked body that is refused never ends upstream") {
  Lab lab;
  for (const std::string_view body :
       {"1\nx\r\n0\r\n\r\n", "0x1\r\nx\r\n0\r\n\r\n", "1 \r\nx\r\n0\r\n\r\n",
        "1\r\nxx\r\n0\r\n\r\n", "7;\nxx0\r\n\r\n", "1;a=\"x\ny\"\r\nx\r\n0\r\n\r\n",
        "ffffffffffffffff\r\nx", "1\r\nx\n0\r\n\r\n", "1\r\r\nx\r\n0\r\n\r\n",
        "0\r\nBad Trailer: x\r\n\r\n"}) {
    CAPTURE(body);
    const HttpResponse answer =
        lab.exchange("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
                     std::string{body} + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK(answer.status == 400);
    const std::string received = lab.upstream.take_received();
    CHECK(received.find("0\r\n\r\n") == std::string::npos);
    CHECK(received.find("smuggled") == std::string::npos);
  }
}

TEST_CASE("gateway conformance: what reaches the upstream is canonical and framed by the gateway") {
  Lab lab;
  const auto forwarded = [&lab](std::string_view bytes) {
    CHECK(lab.exchange(bytes).status == 200);
    return lab.upstream.take_received();
  };
  const std::string own =
      "X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\n"
      "X-Forwarded-Host: a\r\nVia: 1.1 headgate\r\n";
  CHECK(forwarded("GET /x/%2e%2e//%61?q=%2f HTTP/1.1\r\nHost: A\r\nConnection: X-Secret\r\n"
                  "X-Secret: s\r\nTE: trailers\r\nUpgrade: h2c\r\nHTTP2-Settings: AAA\r\n"
                  "Proxy-Authorization: p\r\nX-Forwarded-For: 6.6.6.6\r\nKeep-Alive: 1\r\n\r\n") ==
        "GET /a?q=%2f HTTP/1.1\r\nHost: a\r\n" + own + "\r\n");
  CHECK(forwarded("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: CHUNKED\r\n\r\n"
                  "3;ext=\"1\"\r\nabc\r\n0\r\nContent-Length: 9\r\nHost: evil\r\n\r\n") ==
        "POST / HTTP/1.1\r\nHost: a\r\n" + own +
            "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
}

TEST_CASE(
    "gateway conformance: a response that is ambiguous is a 502, and its connection is dropped") {
  Lab lab;
  for (const std::string_view response :
       {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nok", "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX: 1\r\n fold\r\nContent-Length: 2\r\n\r\nok"}) {
    CAPTURE(response);
    lab.upstream.answer_with(std::string{response});
    HttpClient client = lab.connect();
    CHECK(client.request("GET", "/").status == 502);
    CHECK(client.request("GET", "/").status == 502);  // the client's connection stays
  }
}

TEST_CASE("gateway conformance: bytes beyond a response never become the next client's answer") {
  Lab lab;
  lab.upstream.answer_with(
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
      "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\npoisoned");
  HttpClient client = lab.connect();
  for (int i = 0; i < 20; ++i) CHECK(client.request("GET", "/").body == "ok");
  lab.upstream.answer_with("HTTP/1.1 204 No Content\r\nContent-Length: 8\r\n\r\npoisoned");
  for (int i = 0; i < 20; ++i) {
    const HttpResponse response = client.request("GET", "/");
    CHECK(response.status == 204);
    CHECK(response.body.empty());
  }
}

}  // namespace
}  // namespace headgate::test
