//   compressed = cookie 0x1c849314 · length of what follows · zlib stream of:
//   plain      = cookie 0x1c849313 · length of the counts · normalizing offset 0 · digits ·
//                least value 1 (64 bits) · greatest 3.6e12 (64) · ratio 1.0 (64) · counts
//   counts     = from bucket 0 up to the last one in use; each a ZigZag LEB128 number of at most 9
//                bytes, where a negative one -n stands for n empty buckets, n > 1
//
// Numbers of the heads are big-endian. Source: the Java HdrHistogram 2.2.2, AbstractHistogram
// (encodeIntoByteBuffer) and ZigZagEncoding, public domain.
#include "headgate/stats/hdr_text.hpp"

#include <zlib.h>

#include <array>
#include <bit>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "headgate/core/base64.hpp"
#include "headgate/core/bytes.hpp"
#include "headgate/core/check.hpp"

namespace headgate::stats {
namespace {

constexpr std::uint32_t kPlainCookie = 0x1c849313;
constexpr std::uint32_t kCompressedCookie = 0x1c849314;
constexpr std::uint64_t kUnit = 1;
constexpr std::size_t kHeadSize = 40;
constexpr std::size_t kCompressedHeadSize = 8;
constexpr std::size_t kNumberSizeMax = 9;
// A histogram with all its counters at their greatest, and the least that zlib can make of noise.
constexpr std::size_t kPlainSizeMax = kHeadSize + 33 * std::size_t{1024} * kNumberSizeMax;
constexpr std::size_t kTextSizeMax = 512 * std::size_t{1024};

std::unexpected<Error> corrupt(std::string why) {
  return failed(Errc::kCorrupt, "histogram", std::move(why));
}

void put_number(std::vector<std::byte>& bytes, std::int64_t value) {
  std::uint64_t rest = (static_cast<std::uint64_t>(value) << 1) ^
                       static_cast<std::uint64_t>(value >> 63);  // the sign moves to the last bit
  for (std::size_t i = 1; i < kNumberSizeMax; ++i) {
    if (rest < 0x80) {
      bytes.push_back(static_cast<std::byte>(rest));
      return;
    }
    bytes.push_back(static_cast<std::byte>(rest | 0x80));
    rest >>= 7;
  }
  bytes.push_back(static_cast<std::byte>(rest));  // the ninth byte holds all the last 8 bits
}

/// Takes one number from the front of `bytes`; nothing if they end within it.
std::optional<std::int64_t> take_number(std::span<const std::byte>& bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < kNumberSizeMax; ++i) {
    if (bytes.empty()) return std::nullopt;
    const auto byte = std::to_integer<std::uint64_t>(bytes.front());
    bytes = bytes.subspan(1);
    const bool last = i == kNumberSizeMax - 1;
    value |= (last ? byte : byte & 0x7f) << (7 * i);
    if (last || byte < 0x80) break;
  }
  return static_cast<std::int64_t>((value >> 1) ^ (0 - (value & 1)));
}

std::vector<std::byte> deflated(std::span<const std::byte> plain) {
  uLongf size = compressBound(static_cast<uLong>(plain.size()));
  std::vector<std::byte> bytes(kCompressedHeadSize + size);
  const int code = compress2(reinterpret_cast<Bytef*>(bytes.data() + kCompressedHeadSize), &size,
                             reinterpret_cast<const Bytef*>(plain.data()),
                             static_cast<uLong>(plain.size()), Z_DEFAULT_COMPRESSION);
  HG_ASSERT(code == Z_OK);  // the buffer is large enough; what is left is an exhausted memory
  bytes.resize(kCompressedHeadSize + size);
  store_big(std::span{bytes}, kCompressedCookie);
  store_big(std::span{bytes}.subspan(4), static_cast<std::uint32_t>(size));
  return bytes;
}

/// The plain form inside `text`, its head not yet looked at.
Result<std::vector<std::byte>> inflated(std::string_view text) {
  if (text.size() > kTextSizeMax) return corrupt("is longer than any histogram of this layout");
  const auto bytes = base64_decode(text);
  if (!bytes) return corrupt("is not base64: " + bytes.error().why);
  if (bytes->size() < kCompressedHeadSize || load_big<std::uint32_t>(*bytes) != kCompressedCookie) {
    return corrupt("does not start as a compressed HdrHistogram of version 2 does (HISTFAAAA)");
  }
  const auto body = std::span{*bytes}.subspan(kCompressedHeadSize);
  if (load_big<std::uint32_t>(std::span{*bytes}.subspan(4)) != body.size()) {
    return corrupt("has another length than it says");
  }
  std::vector<std::byte> plain(kPlainSizeMax);
  auto size = static_cast<uLongf>(plain.size());
  auto used = static_cast<uLong>(body.size());
  if (uncompress2(reinterpret_cast<Bytef*>(plain.data()), &size,
                  reinterpret_cast<const Bytef*>(body.data()), &used) != Z_OK ||
      used != body.size()) {
    return corrupt("does not decompress, or to more than any histogram of this layout holds");
  }
  plain.resize(size);
  return plain;
}

/// Checks the head of the plain form; returns the counts behind it.
Result<std::span<const std::byte>> counts_of(std::span<const std::byte> plain,
                                             std::uint32_t digits) {
  if (plain.size() < kHeadSize || load_big<std::uint32_t>(plain) != kPlainCookie) {
    return corrupt("holds no HdrHistogram of version 2");
  }
  if (load_big<std::uint32_t>(plain.subspan(4)) != plain.size() - kHeadSize) {
    return corrupt("has another number of bytes of counts than it says");
  }
  const bool same_layout =
      load_big<std::uint32_t>(plain.subspan(8)) == 0 &&
      load_big<std::uint32_t>(plain.subspan(12)) == digits &&
      load_big<std::uint64_t>(plain.subspan(16)) == kUnit &&
      load_big<std::uint64_t>(plain.subspan(32)) == std::bit_cast<std::uint64_t>(1.0);
  if (!same_layout) {
    return corrupt("must have " + std::string{digits == 3 ? "three" : "two"} +
                   " significant digits, the unit 1 and no shift");
  }
  return plain.subspan(kHeadSize);
}

}  // namespace

void put_counts(std::vector<std::byte>& bytes, std::span<const std::uint64_t> counts) {
  for (std::size_t i = 0; i < counts.size();) {
    const std::size_t start = i;
    while (i < counts.size() && counts[i] == 0) ++i;
    if (i - start > 1) put_number(bytes, -static_cast<std::int64_t>(i - start));
    if (i - start == 1) put_number(bytes, 0);
    if (i < counts.size()) put_number(bytes, static_cast<std::int64_t>(counts[i++]));
  }
}

Result<void> take_counts(std::span<const std::byte> bytes, std::size_t buckets,
                         const std::function<void(std::size_t, std::uint64_t)>& take) {
  std::uint64_t index = 0;
  std::uint64_t sum = 0;
  while (!bytes.empty()) {
    const auto number = take_number(bytes);
    if (!number) return corrupt("ends within a count");
    const std::uint64_t step = *number < 0 ? 0 - static_cast<std::uint64_t>(*number) : 1;
    if (step > buckets - index) return corrupt("has values above 1 h");
    if (*number > 0) {
      const auto count = static_cast<std::uint64_t>(*number);
      if (count > std::numeric_limits<std::int64_t>::max() - sum) {
        return corrupt("counts more values than fit into 63 bits");
      }
      sum += count;
      take(index, count);
    }
    index += step;
  }
  return {};
}

std::string hdr_text(std::span<const std::uint64_t> counts, std::uint32_t digits,
                     Duration greatest) {
  std::vector<std::byte> plain(kHeadSize);
  put_counts(plain, counts);
  const std::span head{plain};
  store_big(head, kPlainCookie);
  store_big(head.subspan(4), static_cast<std::uint32_t>(plain.size() - kHeadSize));
  store_big(head.subspan(8), std::uint32_t{0});
  store_big(head.subspan(12), digits);
  store_big(head.subspan(16), kUnit);
  store_big(head.subspan(24), static_cast<std::uint64_t>(greatest.count()));
  store_big(head.subspan(32), std::bit_cast<std::uint64_t>(1.0));
  return base64_encode(deflated(plain));
}

Result<void> read_hdr_text(std::string_view text, std::uint32_t digits, std::size_t buckets,
                           const std::function<void(std::size_t, std::uint64_t)>& take) {
  const auto plain = inflated(text);
  if (!plain) return std::unexpected(plain.error());
  const auto counts = counts_of(*plain, digits);
  if (!counts) return std::unexpected(counts.error());
  return take_counts(*counts, buckets, take);
}

}  // namespace headgate::stats
