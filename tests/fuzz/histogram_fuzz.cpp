// Histogram::decode reads result files of anybody: no bytes may crash it or make it allocate much,
// and what it accepts must survive its own writer. The input is base64 text, or (first byte 0) the
// plain form that stands inside, compressed here, which the fuzzer could not get past zlib's
// checksum.
#include <zlib.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/base64.hpp"
#include "headgate/core/bytes.hpp"
#include "headgate/core/check.hpp"
#include "headgate/stats/histogram.hpp"

namespace {

std::string compressed(std::span<const std::byte> plain) {
  uLongf size = compressBound(plain.size());
  std::vector<std::byte> bytes(8 + size);
  const int code = compress(reinterpret_cast<Bytef*>(bytes.data()) + 8, &size,
                            reinterpret_cast<const Bytef*>(plain.data()), plain.size());
  HG_ASSERT(code == Z_OK);
  bytes.resize(8 + size);
  headgate::store_big<std::uint32_t>(bytes, 0x1c849314);
  headgate::store_big<std::uint32_t>(std::span{bytes}.subspan(4), static_cast<std::uint32_t>(size));
  return headgate::base64_encode(bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span bytes{reinterpret_cast<const std::byte*>(data), size};
  const bool plain = size > 0 && data[0] == 0;
  const auto histogram = headgate::stats::Histogram::decode(
      plain ? compressed(bytes.subspan(1)) : std::string{headgate::as_text(bytes)});
  if (!histogram) return 0;
  const auto again = headgate::stats::Histogram::decode(histogram->encode());
  HG_ASSERT(again.has_value() && *again == *histogram);
  HG_ASSERT(histogram->quantile(0.5) <= histogram->quantile(1));
  HG_ASSERT(histogram->quantile(1) <= histogram->max());
  return 0;
}
