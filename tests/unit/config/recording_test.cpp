#include "headgate/config/recording.hpp"

#include <catch2/catch.hpp>
#include <chrono>

namespace {

using namespace headgate::config;
using namespace std::chrono_literals;
using headgate::Duration;

std::vector<std::string> sent(const Recording& recording) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < recording.order.size(); ++i) {
    const RecordedRequest& request = recording.requests[recording.order[i]];
    all.push_back(std::to_string((*recording.arrivals.offsets)[i] / 1ms) + " " + request.method +
                  " " + request.path + (request.body.empty() ? "" : " " + request.body));
  }
  return all;
}

std::string fault_of(std::string_view text) {
  const auto recording = read_recording(text);
  return recording ? "" : recording.error().where + " " + recording.error().why;
}

TEST_CASE("a combined log is sent again in the order of its times, the seconds spread evenly") {
  const auto recording = read_recording(
      "::1 - - [21/Nov/2026:10:00:01 +0000] \"POST /c?x=1 HTTP/1.1\" 201 5 \"-\" \"curl/7\"\n"
      "::1 - - [21/Nov/2026:10:00:00 +0000] \"GET /a HTTP/1.1\" 200 5 \"-\" \"curl/7\"\n"
      "::1 - - [21/Nov/2026:10:00:00 +0000] \"GET /b HTTP/1.1\" 200 5 \"-\" \"curl/7\"\n"
      "::1 - - [21/Nov/2026:10:00:02 +0000] \"GET /a HTTP/1.1\" 200 5 \"-\" \"curl/7\"\n");
  REQUIRE(recording);
  CHECK(sent(*recording) ==
        std::vector<std::string>{"0 GET /a", "500 GET /b", "1000 POST /c?x=1", "2000 GET /a"});
  CHECK(recording->requests.size() == 3);  // /a once
}

TEST_CASE("the gateway's own access log is sent again") {
  const auto recording = read_recording(
      "{\"time\":\"2026-11-21T10:00:00.25Z\",\"method\":\"GET\",\"path\":\"/b\"}\n"
      "{\"time\":\"2026-11-21T10:00:00.1Z\",\"client\":\"::1\",\"method\":\"PUT\",\"path\":\"/"
      "a\"}\n");
  REQUIRE(recording);
  CHECK(sent(*recording) == std::vector<std::string>{"0 PUT /a", "150 GET /b"});
}

TEST_CASE("a table of times, methods, paths and bodies is sent again") {
  const auto recording =
      read_recording("time,path,method,body\n0ms,/a,GET,\n20ms,/b,POST,\"{\"\"x\"\": 1}\"\n");
  REQUIRE(recording);
  CHECK(sent(*recording) == std::vector<std::string>{"0 GET /a", "20 POST /b {\"x\": 1}"});
}

TEST_CASE("a HAR is sent again with its fields and bodies, but for those of its connection") {
  const auto recording = read_recording(R"({"log": {"version": "1.2", "entries": [
    {"startedDateTime": "2026-11-21T11:00:00.300+01:00", "request": {"method": "POST",
      "url": "https://shop.example/cart?add=1#top", "headers": [{"name": "Host", "value": "shop.example"},
      {"name": ":authority", "value": "x"}, {"name": "Accept", "value": "*/*"},
      {"name": "Content-Length", "value": "3"}], "postData": {"mimeType": "text/plain", "text": "a=1"}}},
    {"startedDateTime": "2026-11-21T10:00:00.000Z",
      "request": {"method": "GET", "url": "https://shop.example", "headers": []}}]}})");
  REQUIRE(recording);
  CHECK(sent(*recording) == std::vector<std::string>{"0 GET /", "300 POST /cart?add=1 a=1"});
  const auto& post = recording->requests[recording->order[1]];
  CHECK(post.headers == std::vector<std::pair<std::string, std::string>>{{"Accept", "*/*"}});
}

TEST_CASE("what cannot be sent again is refused with its line") {
  CHECK(fault_of("").starts_with("line 1 there is no request"));
  CHECK(fault_of("time,method\n0ms,GET\n").starts_with("line 1 names no column"));
  CHECK(fault_of("time,path\n0ms,/a\n5,/b\n").starts_with("row 2 '5' is no time"));
  CHECK(fault_of("time,path\n9ms,/a\n5ms,/b\n").starts_with("row 2 is before"));
  CHECK(fault_of("time,path\n0ms,a\n1ms,/b\n").starts_with("row 1 has no method or no path"));
  CHECK(fault_of("- - - [21/Nov/2026:10:00:00 +0000] -\n- - - [21/Nov/2026:10:00:01 +0000] -\n")
            .starts_with("line 1 has no request"));
  CHECK(fault_of("{\"time\":\"2026-11-21T10:00:00Z\"}\n{\"time\":\"2026-11-21T10:00:09Z\"}\n")
            .starts_with("line 1 has no request"));
  CHECK(fault_of(R"({"log": {"entries": [{"startedDateTime": "yesterday"}]}})")
            .starts_with("entry 1 has no startedDateTime"));
}

}  // namespace
