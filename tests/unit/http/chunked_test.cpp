#include "headgate/http/chunked.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <string_view>

#include "reading.hpp"

namespace headgate::http::test {
namespace {

using namespace std::string_view_literals;

std::string body_of(const Pieces& pieces) {
  return read_body({.kind = Framing::Kind::kChunked}, pieces);
}

/// The same in one piece, in bytes, and cut in two at every place.
void check_chunked(std::string_view bytes, std::string_view expected) {
  CAPTURE(bytes);
  CHECK(body_of({bytes}) == expected);
  CHECK(body_of(bytes_of(bytes)) == expected);
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    if (body_of({bytes.substr(0, cut), bytes.substr(cut)}) != expected) {
      FAIL_CHECK("cut after " << cut << " bytes it reads differently");
    }
  }
}

TEST_CASE("chunked: data comes out, sizes and line ends do not") {
  check_chunked("5\r\nhello\r\n0\r\n\r\n", " body=hello rest=");
  check_chunked("1\r\na\r\nA\r\n0123456789\r\n0\r\n\r\n", " body=a0123456789 rest=");
  check_chunked("0\r\n\r\nGET", " body= rest=GET");
  check_chunked("00005\r\nhello\r\n000\r\n\r\n", " body=hello rest=");
  check_chunked("5\r\nhel", "INCOMPLETE");
  check_chunked("5\r\nhello\r\n0\r\n", "INCOMPLETE");
}

TEST_CASE("chunked: a size is one to sixteen hexadecimal digits below 2^63") {
  for (const std::string_view size :
       {"0x1", "1_", " 1", "1 ", "", "-1", "+1", "g", "1 ;a", "10000000000000000",
        "00000000000000001", "8000000000000000"}) {
    check_chunked(std::string{size} + "\r\nx\r\n0\r\n\r\n", "CHUNK-SIZE");
  }
  check_chunked("7fffffffffffffff\r\nx", "INCOMPLETE");
}

TEST_CASE("chunked: every line ends in CRLF and nothing else") {
  check_chunked("1\nx\r\n0\r\n\r\n", "CHUNK-LINE");
  check_chunked("1\r\rx\r\n0\r\n\r\n", "CHUNK-LINE");
  check_chunked("1;a\nx\r\n0\r\n\r\n", "CHUNK-LINE");
  check_chunked("7\r\nabcdefg\r\n7;\nxx0\r\n\r\n", "CHUNK-LINE");
  check_chunked("1;a=\"x\ny\"\r\nx\r\n0\r\n\r\n", "CHUNK-LINE");
  check_chunked("0\n\r\n", "CHUNK-LINE");
  check_chunked("0\r\n\n", "CHUNK-LINE");
  check_chunked("0\r\n\r\r", "CHUNK-LINE");
  check_chunked("0\r\nT: x\n\r\n", "CHUNK-LINE");
  check_chunked("0\r\nT: x\rX\r\n", "CHUNK-LINE");
}

TEST_CASE("chunked: the data of a chunk is followed by CRLF and nothing else") {
  check_chunked("1\r\nxx\r\n0\r\n\r\n", "CHUNK-DATA-END");
  check_chunked("1\r\nx\n0\r\n\r\n", "CHUNK-DATA-END");
  check_chunked("1\r\nx0\r\n\r\n", "CHUNK-DATA-END");
  check_chunked("1\r\nx\r0\r\n\r\n", "CHUNK-DATA-END");
}

TEST_CASE("chunked: sound extensions are dropped, others refused") {
  check_chunked("1;a\r\nx\r\n0;b=c\r\n\r\n", " body=x rest=");
  check_chunked("1;a=b;c=\"d;e\\\" f\"\r\nx\r\n0\r\n\r\n", " body=x rest=");
  for (const std::string_view extension :
       {";", ";=", ";a=", ";a b", ";a=b c", ";a=\"b\"c", "; a", ";a=(", ";;", ";a=\"\x01\""}) {
    check_chunked("1" + std::string{extension} + "\r\nx\r\n0\r\n\r\n", "CHUNK-EXTENSION");
  }
  check_chunked("1;a=\"\r\nx\r\n", "CHUNK-EXTENSION");  // a quote does not span lines
  check_chunked("1;a=\"\\\r\nx\r\n", "CHUNK-EXTENSION");
}

TEST_CASE("chunked: extensions of a body are bounded in number and size") {
  const auto chunks = [](std::size_t count) {
    std::string bytes;
    for (std::size_t i = 0; i < count; ++i) bytes += "1;a\r\nx\r\n";
    return bytes + "0\r\n\r\n";
  };
  CHECK(body_of({chunks(16)}) == " body=" + std::string(16, 'x') + " rest=");
  CHECK(body_of({chunks(17)}) == "CHUNK-EXTENSIONS-LARGE");
  // After the ';' the bytes of the extension and the CR that ends it are counted.
  const auto one = [](std::size_t size) {
    return "1;" + std::string(size, 'a') + "\r\nx\r\n0\r\n\r\n";
  };
  CHECK(body_of({one(4095)}) == " body=x rest=");
  CHECK(body_of({one(4096)}) == "CHUNK-EXTENSIONS-LARGE");
  ChunkedDecoder endless;
  CHECK(endless.next("1;" + std::string(1'000'000, 'a')).framing == 2 + 4097);
}

TEST_CASE("chunked: trailers are judged, dropped and bounded") {
  check_chunked("0\r\nT: x\r\nContent-Length: 5\r\nHost: evil\r\n\r\nrest", " body= rest=rest");
  check_chunked("0\r\n: x\r\n\r\n", "TRAILER-SYNTAX");
  check_chunked("0\r\nT : x\r\n\r\n", "TRAILER-SYNTAX");
  check_chunked("0\r\n T: x\r\n\r\n", "TRAILER-SYNTAX");
  check_chunked("0\r\nT\r\n\r\n", "TRAILER-SYNTAX");
  check_chunked("0\r\nT: \0\r\n\r\n"sv, "TRAILER-SYNTAX");
  const auto trailers = [](std::size_t count) {
    std::string bytes = "0\r\n";
    for (std::size_t i = 0; i < count; ++i) bytes += "T: x\r\n";
    return bytes + "\r\n";
  };
  CHECK(body_of({trailers(32)}) == " body= rest=");
  CHECK(body_of({trailers(33)}) == "TRAILERS-LARGE");
  // "T:" + CRLF + CRLF are 6 bytes of the trailer section.
  CHECK(body_of({"0\r\nT:" + std::string(8192 - 6, 'x') + "\r\n\r\n"}) == " body= rest=");
  CHECK(body_of({"0\r\nT:" + std::string(8192 - 5, 'x') + "\r\n\r\n"}) == "TRAILERS-LARGE");
}

TEST_CASE("chunked: a step never covers bytes beyond the end of the body") {
  ChunkedDecoder decoder;
  const std::string_view bytes = "3\r\nabc\r\n0\r\n\r\nnext";
  const ChunkedDecoder::Step first = decoder.next(bytes);
  CHECK(first.framing == 3);
  CHECK(first.data == 3);
  const ChunkedDecoder::Step second = decoder.next(bytes.substr(6));
  CHECK(second.framing == 7);
  CHECK(second.data == 0);
  CHECK(decoder.done());
  CHECK(decoder.next("next").framing == 0);
}

TEST_CASE("chunked: the head of a chunk is its size in hexadecimal and CRLF") {
  const auto head = [](std::uint64_t size) {
    std::array<char, kChunkHeadMax> out{};
    return std::string{out.data(), write_chunk_head(size, out)};
  };
  CHECK(head(1) == "1\r\n");
  CHECK(head(15) == "f\r\n");
  CHECK(head(16) == "10\r\n");
  CHECK(head(65535) == "ffff\r\n");
  CHECK(head(UINT64_MAX) == "ffffffffffffffff\r\n");
}

}  // namespace
}  // namespace headgate::http::test
