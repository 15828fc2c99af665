// Any bytes as a chunked body: what is decoded must not depend on how they arrive, and encoding it
// again with our own chunks must decode to the same.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "../unit/http/reading.hpp"
#include "headgate/core/check.hpp"

namespace headgate::http {
namespace {

constexpr Framing kChunkedBody{.kind = Framing::Kind::kChunked};

std::string encode(std::string_view body, std::size_t chunk) {
  std::string bytes;
  while (!body.empty()) {
    const std::string_view data = body.substr(0, chunk);
    std::array<char, kChunkHeadMax> head{};
    bytes.append(head.data(), write_chunk_head(data.size(), head)).append(data).append(kChunkEnd);
    body.remove_prefix(data.size());
  }
  return bytes.append(kLastChunk);
}

}  // namespace
}  // namespace headgate::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headgate::http;
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  const std::string whole = test::read_body(kChunkedBody, {bytes});
  HG_ASSERT(test::read_body(kChunkedBody, test::bytes_of(bytes)) == whole);
  for (const std::size_t at : {size / 3, size / 2, size - size / 4}) {
    HG_ASSERT(test::read_body(kChunkedBody, {bytes.substr(0, at), bytes.substr(at)}) == whole);
  }
  // Any bytes as the data of a body.
  const std::string expected = " body=" + std::string{bytes} + " rest=next";
  for (const std::size_t chunk : {1UL, 7UL, 4096UL}) {
    HG_ASSERT(test::read_body(kChunkedBody, {encode(bytes, chunk) + "next"}) == expected);
  }
  return 0;
}
