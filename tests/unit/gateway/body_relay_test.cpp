#include "headgate/gateway/body_relay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

namespace headgate::gateway {
namespace {

using http::Framing;
using Out = BodyRelay::Out;

/// Feeds `input` in pieces of `piece` bytes; returns all output and how much input was left over.
struct Fed {
  std::string output;
  std::size_t left = 0;
};

Fed feed(BodyRelay& relay, std::string_view input, std::size_t piece) {
  Fed fed;
  std::vector<char> scratch(BodyRelay::scratch_size(piece));
  while (!input.empty() && !relay.done() && relay.refused() == http::Reason::kNone) {
    const BodyRelay::Step step = relay.step(input.substr(0, piece), scratch);
    fed.output += step.output;
    input.remove_prefix(step.consumed);
    if (step.consumed == 0) break;
  }
  fed.left = input.size();
  return fed;
}

TEST_CASE("body relay: a body with a length passes as it is and stops at its end") {
  const auto piece = GENERATE(as<std::size_t>{}, 1, 2, 5, 7, 100);
  BodyRelay relay;
  relay.begin({.kind = Framing::Kind::kLength, .length = 7, .length_given = true}, Out::kRaw);
  CHECK_FALSE(relay.done());
  const Fed fed = feed(relay, "1234567GET / ", piece);
  CHECK(fed.output == "1234567");
  CHECK(fed.left == 6);
  CHECK(relay.done());
  CHECK(relay.size() == 7);
}

TEST_CASE("body relay: what passes as it is, is not copied") {
  BodyRelay relay;
  relay.begin({.kind = Framing::Kind::kLength, .length = 3, .length_given = true}, Out::kRaw);
  const std::string input = "abcdef";
  std::vector<char> scratch(BodyRelay::scratch_size(input.size()));
  CHECK(relay.step(input, scratch).output.data() == input.data());
}

TEST_CASE("body relay: no body, and one of no bytes, are done at once") {
  BodyRelay relay;
  relay.begin({.kind = Framing::Kind::kNone}, Out::kRaw);
  CHECK(relay.done());
  relay.begin({.kind = Framing::Kind::kLength, .length = 0, .length_given = true}, Out::kRaw);
  CHECK(relay.done());
  CHECK(feed(relay, "next", 4).left == 4);
}

TEST_CASE("body relay: chunks become data when the other side takes no chunks") {
  const auto piece = GENERATE(as<std::size_t>{}, 1, 3, 4, 64);
  BodyRelay relay;
  relay.begin({.kind = Framing::Kind::kChunked}, Out::kRaw);
  const Fed fed = feed(relay, "3;x=y\r\nabc\r\n00a\r\n0123456789\r\n0\r\nT: v\r\n\r\nnext", piece);
  CHECK(fed.output == "abc0123456789");
  CHECK(fed.left == 4);
  CHECK(relay.done());
  CHECK(relay.size() == 13);
}

TEST_CASE("body relay: chunks are framed anew, and what they carry is the same") {
  // The oracle: taking the output apart with a second relay gives the data of the first.
  const auto piece = GENERATE(as<std::size_t>{}, 1, 2, 3, 5, 16, 1000);
  std::string input;
  std::string data;
  for (int i = 1; i < 40; ++i) {
    const std::string chunk(static_cast<std::size_t>(i * i % 97 + 1),
                            static_cast<char>('a' + i % 26));
    data += chunk;
    // A body may have no more than 16 extensions.
    const std::string head = fmt::format("{:X}{}\r\n", chunk.size(), i < 10 ? ";ext=1" : "");
    input += head + chunk + "\r\n";
  }
  input += "0\r\nTrailer: t\r\n\r\n";
  BodyRelay relay;
  relay.begin({.kind = Framing::Kind::kChunked}, Out::kChunked);
  const std::string output = feed(relay, input, piece).output;
  CHECK(relay.done());
  CHECK(output.find("ext") == std::string::npos);
  CHECK(output.find("Trailer") == std::string::npos);
  BodyRelay reader;
  reader.begin({.kind = Framing::Kind::kChunked}, Out::kRaw);
  CHECK(feed(reader, output, 1000).output == data);
  CHECK(reader.done());
}

TEST_CASE("body relay: a body that ends with its connection becomes chunks with an end") {
  BodyRelay relay;
  relay.begin({.kind = Framing::Kind::kUntilClose}, Out::kChunked);
  std::string output = feed(relay, "hello", 3).output;
  CHECK(output == "3\r\nhel\r\n2\r\nlo\r\n");
  CHECK_FALSE(relay.done());
  CHECK(relay.ends_with_connection());
  output = relay.end_of_input();
  CHECK(output == "0\r\n\r\n");
  CHECK(relay.done());
}

TEST_CASE("body relay: broken chunks stop it, and say why") {
  BodyRelay relay;
  relay.begin({.kind = Framing::Kind::kChunked}, Out::kChunked);
  CHECK(feed(relay, "2\r\nabX\r\n", 100).output == "2\r\nab\r\n");
  CHECK(relay.refused() == http::Reason::kChunkDataEnd);
  CHECK_FALSE(relay.done());
}

TEST_CASE("body relay: tiny chunks never outgrow the scratch space") {
  // 1-byte chunks are the worst case: framing is five times the data. An overflow would assert.
  std::string input;
  for (int i = 0; i < 3000; ++i) input += "1\r\nx\r\n";
  for (std::size_t piece = 1; piece < 40; ++piece) {
    BodyRelay relay;
    relay.begin({.kind = Framing::Kind::kChunked}, Out::kChunked);
    CHECK(feed(relay, input, piece).left == 0);
    CHECK(relay.size() == 3000);
  }
}

TEST_CASE("body relay: what can be left is known for a length and not for chunks") {
  BodyRelay relay;
  relay.begin({.kind = Framing::Kind::kLength, .length = 10, .length_given = true}, Out::kRaw);
  CHECK(relay.left_at_most(10));
  CHECK_FALSE(relay.left_at_most(9));
  feed(relay, "1234", 4);
  CHECK(relay.left_at_most(6));
  relay.begin({.kind = Framing::Kind::kChunked}, Out::kRaw);
  CHECK(relay.left_at_most(0));
}

}  // namespace
}  // namespace headgate::gateway
