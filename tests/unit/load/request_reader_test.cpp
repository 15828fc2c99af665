#include "headgate/load/request_reader.hpp"

#include <catch2/catch.hpp>
#include <string>

namespace headgate::load {
namespace {

/// What a connection would do: gives the reader what has come, drops what it used. One letter for
/// each event: R a request, H a request with HEAD, C continue, X refused; lower case if the
/// connection is to be closed after it.
std::string events(std::string_view input, std::size_t piece) {
  RequestReader reader;
  std::string seen;
  std::string buffer;
  for (std::size_t at = 0; at < input.size(); at += piece) {
    buffer += input.substr(at, piece);
    while (true) {
      const RequestReader::Step step = reader.read(buffer);
      buffer.erase(0, step.used);
      if (step.event == RequestReader::Event::kRefused) return seen + 'X';
      if (step.event == RequestReader::Event::kContinue) seen += 'C';
      if (step.event == RequestReader::Event::kRequest) {
        const char letter = reader.is_head() ? 'H' : 'R';
        seen += reader.persistent() ? letter : static_cast<char>(letter + 'a' - 'A');
      }
      if (step.event == RequestReader::Event::kNeedMore) break;
    }
  }
  return seen + (buffer.empty() ? "" : "…");
}

/// The same in pieces of every size, which must not matter.
std::string read(std::string_view input) {
  const std::string whole = events(input, input.size());
  for (std::size_t piece = 1; piece < input.size(); ++piece) {
    CAPTURE(piece);
    CHECK(events(input, piece) == whole);
  }
  return whole;
}

TEST_CASE("request reader: one request after the other, bodies thrown away") {
  CHECK(read("GET / HTTP/1.1\r\nHost: h\r\n\r\n") == "R");
  CHECK(read("GET / HTTP/1.1\r\nHost: h\r\n\r\nHEAD / HTTP/1.1\r\nHost: h\r\n\r\n") == "RH");
  CHECK(read("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nHTTP/"
             "GET / HTTP/1.1\r\nHost: h\r\n\r\n") == "RR");
  CHECK(read("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n") == "R");
}

TEST_CASE("request reader: a chunked body ends where its last chunk says") {
  CHECK(read("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
             "3\r\nabc\r\n10;x=y\r\n0123456789abcdef\r\n0\r\nT: v\r\n\r\n"
             "GET / HTTP/1.1\r\nHost: h\r\n\r\n") == "RR");
}

TEST_CASE("request reader: a connection ends when the client says so, and with HTTP/1.0") {
  CHECK(read("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n") == "r");
  CHECK(read("GET / HTTP/1.0\r\n\r\n") == "r");
}

TEST_CASE("request reader: a client that waits for 100 Continue is told to go on") {
  // Only when the head has come and the body has not.
  const std::string head =
      "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
  CHECK(events(head, head.size()) == "C");
  CHECK(events(head + "abc", head.size()) == "CR");
  CHECK(events(head + "abc", head.size() + 3) == "R");
}

TEST_CASE("request reader: what is no request, or is framed in two ways, is refused") {
  CHECK(read("BLAH\r\n\r\n") == "X");
  CHECK(read("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nTransfer-Encoding: "
             "chunked\r\n\r\n") == "X");
  CHECK(read("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n") == "X");
}

}  // namespace
}  // namespace headgate::load
