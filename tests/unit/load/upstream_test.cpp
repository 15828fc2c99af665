#include "headgate/load/upstream.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "headgate/load/canned.hpp"

namespace headgate::load {
namespace {

TEST_CASE("upstream: a status mix is one status or several with weights") {
  CHECK(parse_status_mix("204").value() == std::vector<StatusShare>{{204, 1}});
  CHECK(parse_status_mix("200:99,503:1").value() == std::vector<StatusShare>{{200, 99}, {503, 1}});
  CHECK(parse_status_mix("200,500:2k").value() == std::vector<StatusShare>{{200, 1}, {500, 2000}});
}

TEST_CASE("upstream: what is no status mix is refused, with the right form") {
  for (const char* text : {"", "OK", "100", "600", "200:", "200:0", "200:x", "200:1,", ",200",
                           "200:1:1", "200;503", "-200", "200:9999999"}) {
    CAPTURE(text);
    const auto mix = parse_status_mix(text);
    REQUIRE_FALSE(mix.has_value());
    CHECK_THAT(mix.error().why, Catch::Contains("200:99,503:1"));
  }
}

TEST_CASE("canned: head and body in one piece, with their length") {
  const Canned canned = make_canned(200, 5, false);
  CHECK(canned.text == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n" +
                           std::string{canned_block().substr(0, 5)});
  CHECK(canned.text.size() == canned.head_size + 5);
  CHECK(canned.body_left == 0);
}

TEST_CASE("canned: 204 and 304 have neither body nor length") {
  CHECK(make_canned(204, 1024, false).text == "HTTP/1.1 204 No Content\r\n\r\n");
  CHECK(make_canned(304, 1024, true).text ==
        "HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
}

TEST_CASE("canned: a body over one block follows block by block") {
  CHECK(make_canned(200, kCannedBlock, false).body_left == 0);
  const Canned large = make_canned(200, kCannedBlock + 1, false);
  CHECK(large.body_left == kCannedBlock + 1);
  CHECK(large.text.size() == large.head_size);
  CHECK(canned_block().size() == kCannedBlock);
}

}  // namespace
}  // namespace headgate::load
