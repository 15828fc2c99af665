// The text form of a histogram: HdrHistogram's V2 encoding, deflated, in base64.
//
//   compressed = cookie 0x1c849314 · length of what follows · zlib stream of:
//   plain      = cookie 0x1c849313 · length of the counts · normalizing offset 0 · digits 3 ·
//                least value 1 (64 bits) · greatest 3.6e12 (64) · ratio 1.0 (64) · counts
//   counts     = from bucket 0 up to the last one in use; each a ZigZag LEB128 number of at most 9
//                bytes, where a negative one -n stands for n empty buckets, n > 1
//
// Numbers of the heads are big-endian. Source: the Java HdrHistogram 2.2.2, AbstractHistogram
// (encodeIntoByteBuffer) and ZigZagEncoding, public domain.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <optional>
#include <span>
#include <utility>

#include "headgate/core/base64.hpp"
#include "headgate/core/bytes.hpp"
#include "headgate/core/check.hpp"
#include "headgate/stats/histogram.hpp"

namespace headgate::stats {
namespace {

constexpr std::uint32_t kPlainCookie = 0x1c849313;
constexpr std::uint32_t kCompressedCookie = 0x1c849314;
constexpr std::uint32_t kDigits = 3;
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
Result<std::span<const std::byte>> counts_of(std::span<const std::byte> plain) {
  if (plain.size() < kHeadSize || load_big<std::uint32_t>(plain) != kPlainCookie) {
    return corrupt("holds no HdrHistogram of version 2");
  }
  if (load_big<std::uint32_t>(plain.subspan(4)) != plain.size() - kHeadSize) {
    return corrupt("has another number of bytes of counts than it says");
  }
  const bool same_layout =
      load_big<std::uint32_t>(plain.subspan(8)) == 0 &&
      load_big<std::uint32_t>(plain.subspan(12)) == kDigits &&
      load_big<std::uint64_t>(plain.subspan(16)) == kUnit &&
      load_big<std::uint64_t>(plain.subspan(32)) == std::bit_cast<std::uint64_t>(1.0);
  if (!same_layout) return corrupt("must have three significant digits, the unit 1 and no shift");
  return plain.subspan(kHeadSize);
}

}  // namespace

std::string Histogram::encode() const {
  std::vector<std::byte> plain(kHeadSize);
  const std::size_t used = index_of(static_cast<std::uint64_t>(max_)) + 1;
  for (std::size_t i = 0; i < used;) {
    const std::size_t start = i;
    while (i < used && counts_[i] == 0) ++i;
    if (i - start > 1) put_number(plain, -static_cast<std::int64_t>(i - start));
    if (i - start == 1) put_number(plain, 0);
    if (i < used) put_number(plain, static_cast<std::int64_t>(counts_[i++]));
  }
  const std::span head{plain};
  store_big(head, kPlainCookie);
  store_big(head.subspan(4), static_cast<std::uint32_t>(plain.size() - kHeadSize));
  store_big(head.subspan(8), std::uint32_t{0});
  store_big(head.subspan(12), kDigits);
  store_big(head.subspan(16), kUnit);
  store_big(head.subspan(24), static_cast<std::uint64_t>(kLongest.count()));
  store_big(head.subspan(32), std::bit_cast<std::uint64_t>(1.0));
  return base64_encode(deflated(plain));
}

Result<Histogram> Histogram::decode(std::string_view text) {
  const auto plain = inflated(text);
  if (!plain) return std::unexpected(plain.error());
  auto counts = counts_of(*plain);
  if (!counts) return std::unexpected(counts.error());

  constexpr std::size_t kEnd = index_of(static_cast<std::uint64_t>(kLongest.count())) + 1;
  Histogram histogram;
  std::uint64_t index = 0;
  while (!counts->empty()) {
    const auto number = take_number(*counts);
    if (!number) return corrupt("ends within a count");
    const std::uint64_t step = *number < 0 ? 0 - static_cast<std::uint64_t>(*number) : 1;
    if (step > kEnd - index) return corrupt("has values above 1 h");
    if (*number > 0) {
      const auto count = static_cast<std::uint64_t>(*number);
      if (count > std::numeric_limits<std::int64_t>::max() - histogram.count_) {
        return corrupt("counts more values than fit into 63 bits");
      }
      histogram.add_bucket(index, count);
    }
    index += step;
  }
  return histogram;
}

void Histogram::add_bucket(std::size_t index, std::uint64_t count) noexcept {
  const std::int64_t low = low_of(index);
  const std::int64_t high = high_of(index);
  // The middle as the reference reader takes it for its mean.
  const std::int64_t middle = low + (high - low + 1) / 2;
  counts_[index] += count;
  count_ += count;
  sum_ += static_cast<Uint128>(middle) * count;
  min_ = std::min(min_, low);
  max_ = std::max(max_, std::min(high, kLongest.count()));
}

}  // namespace headgate::stats
