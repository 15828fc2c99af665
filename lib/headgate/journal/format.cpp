#include "headgate/journal/format.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <limits>

#include "headgate/core/bytes.hpp"
#include "headgate/core/hash.hpp"

namespace headgate::journal {
namespace {

constexpr std::uint64_t kSegmentMagic = 0x0100'6c6e'726a'6768;  // "hgjrnl" 0 1
constexpr std::uint32_t kFrameMagic = 0x7266'6768;              // "hgfr"
constexpr std::uint8_t kTopicEntry = 1;
constexpr std::uint8_t kRecordEntry = 2;
constexpr std::size_t kVarintMost = 10;

std::uint64_t pack(Position position) noexcept {
  return std::uint64_t{position.segment} << 32 | position.offset;
}

Position unpack(std::uint64_t packed) noexcept {
  return {.segment = static_cast<std::uint32_t>(packed >> 32),
          .offset = static_cast<std::uint32_t>(packed)};
}

std::uint32_t header_crc(ConstHeaderBytes bytes, std::uint64_t identity) noexcept {
  std::array<std::byte, 8> own{};
  store_little(std::span<std::byte>{own}, identity);
  return crc32c(bytes.first<44>(), crc32c(own));
}

bool is_zero(std::span<const std::byte> bytes) noexcept {
  return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

void put_varint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

void put_text(std::string& out, std::string_view text) {
  put_varint(out, text.size());
  out += text;
}

/// Takes parts off the front of a body; once one is missing, everything is.
class Parts {
 public:
  explicit Parts(std::string_view body) noexcept : rest_(body) {}

  std::uint64_t varint() noexcept {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint64_t byte = octet();
      value |= (byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) {
        if (shift == 63 && byte > 1) good_ = false;
        return value;
      }
    }
    good_ = false;
    return 0;
  }
  std::uint8_t octet() noexcept {
    const std::string_view one = bytes(1);
    return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one.front());
  }
  std::uint64_t fixed() noexcept {
    const std::string_view eight = bytes(8);
    return eight.empty() ? 0 : load_little<std::uint64_t>(as_bytes(eight));
  }
  std::string_view text() noexcept { return bytes(varint()); }
  std::string_view bytes(std::uint64_t size) noexcept {
    if (size > rest_.size()) {
      good_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }
  [[nodiscard]] bool good() const noexcept { return good_; }
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

 private:
  std::string_view rest_;
  bool good_ = true;
};

}  // namespace

void store_segment_header(std::span<std::byte, kSegmentHeaderSize> bytes,
                          const SegmentHeader& header) noexcept {
  std::ranges::fill(bytes, std::byte{0});
  store_little(bytes.subspan(0), kSegmentMagic);
  store_little(bytes.subspan(8), header.identity);
  store_little(bytes.subspan(16), std::uint64_t{header.number});
  store_little(bytes.subspan(24), std::uint64_t{header.size});
  store_little(bytes.subspan(60), crc32c(bytes.first<60>()));
}

std::optional<SegmentHeader> load_segment_header(
    std::span<const std::byte, kSegmentHeaderSize> bytes) noexcept {
  if (load_little<std::uint64_t>(bytes) != kSegmentMagic) return std::nullopt;
  if (load_little<std::uint32_t>(bytes.subspan(60)) != crc32c(bytes.first<60>())) {
    return std::nullopt;
  }
  const auto number = load_little<std::uint64_t>(bytes.subspan(16));
  const auto size = load_little<std::uint64_t>(bytes.subspan(24));
  constexpr std::uint64_t kMost = std::numeric_limits<std::uint32_t>::max();
  if (number == 0 || number > kMost || size < kSegmentHeaderSize || size > kMost) {
    return std::nullopt;
  }
  return SegmentHeader{.identity = load_little<std::uint64_t>(bytes.subspan(8)),
                       .number = static_cast<std::uint32_t>(number),
                       .size = static_cast<std::uint32_t>(size)};
}

void store_frame_header(HeaderBytes bytes, const FrameHeader& header,
                        std::uint64_t identity) noexcept {
  std::ranges::fill(bytes, std::byte{0});
  store_little(bytes.subspan(0), kFrameMagic);
  store_little(bytes.subspan(4), header.body_size);
  store_little(bytes.subspan(8), pack(header.at));
  store_little(bytes.subspan(16), pack(header.synced));
  store_little(bytes.subspan(24), header.body_crc);
  store_little(bytes.subspan(28), header.entries);
  bytes[32] = static_cast<std::byte>(header.kind);
  store_little(bytes.subspan(44), header_crc(bytes, identity));
}

std::optional<FrameHeader> load_frame_header(ConstHeaderBytes bytes,
                                             std::uint64_t identity) noexcept {
  if (load_little<std::uint32_t>(bytes) != kFrameMagic) return std::nullopt;
  if (load_little<std::uint32_t>(bytes.subspan(44)) != header_crc(bytes, identity)) {
    return std::nullopt;
  }
  const auto kind = std::to_integer<std::uint8_t>(bytes[32]);
  const FrameHeader header{.body_size = load_little<std::uint32_t>(bytes.subspan(4)),
                           .at = unpack(load_little<std::uint64_t>(bytes.subspan(8))),
                           .synced = unpack(load_little<std::uint64_t>(bytes.subspan(16))),
                           .body_crc = load_little<std::uint32_t>(bytes.subspan(24)),
                           .entries = load_little<std::uint32_t>(bytes.subspan(28)),
                           .kind = static_cast<FrameKind>(kind)};
  const bool known = kind >= 1 && kind <= 4;
  const bool bare = header.kind != FrameKind::kData;
  if (!known || header.body_size % kAlignment != 0 || header.synced > header.at ||
      (bare && header.body_size != 0) || !is_zero(bytes.subspan<33, 11>())) {
    return std::nullopt;
  }
  return header;
}

std::string segment_name(std::uint32_t number) {
  std::string digits = std::to_string(number);
  constexpr std::size_t kWidth = 8;
  if (digits.size() < kWidth) digits.insert(0, kWidth - digits.size(), '0');
  return digits + ".log";
}

std::optional<std::uint32_t> segment_number(std::string_view name) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (error != std::errc{} || number == 0 || segment_name(number) != name) return std::nullopt;
  return number;
}

void put_topic_entry(std::string& out, std::uint32_t id, std::string_view name) {
  out += static_cast<char>(kTopicEntry);
  put_varint(out, id);
  put_text(out, name);
}

void put_record_entry(std::string& out, std::uint32_t topic, std::uint64_t offset,
                      const messaging::Record& record) {
  out += static_cast<char>(kRecordEntry);
  put_varint(out, topic);
  put_varint(out, offset);
  std::array<std::byte, 8> timestamp{};
  store_little(std::span<std::byte>{timestamp},
               static_cast<std::uint64_t>(record.timestamp.count()));
  out += as_text(timestamp);
  put_text(out, record.key);
  put_text(out, record.value);
  put_varint(out, record.headers.size());
  for (const auto& [name, value] : record.headers) {
    put_text(out, name);
    put_text(out, value);
  }
}

std::size_t record_entry_bound(const messaging::Record& record) noexcept {
  const std::size_t varints = 5 + 2 * record.headers.size();
  return 1 + 8 + varints * kVarintMost + messaging::payload_bytes(record);
}

std::size_t topic_entry_bound(std::string_view name) noexcept {
  return 1 + 2 * kVarintMost + name.size();
}

messaging::Record to_record(const EntryView& entry) {
  messaging::Record record{.key = std::string{entry.key},
                           .value = std::string{entry.value},
                           .headers = {},
                           .timestamp = entry.timestamp};
  record.headers.reserve(entry.headers);
  Parts parts{entry.header_bytes};
  for (std::uint64_t i = 0; i < entry.headers; ++i) {
    const std::string_view name = parts.text();
    record.headers.emplace_back(name, parts.text());
  }
  return record;
}

std::size_t payload_bytes(const EntryView& entry) noexcept {
  std::size_t bytes = entry.key.size() + entry.value.size();
  Parts parts{entry.header_bytes};
  for (std::uint64_t i = 0; i < 2 * entry.headers; ++i) bytes += parts.text().size();
  return bytes;
}

std::optional<EntryView> take_entry(std::string_view& body) noexcept {
  Parts parts{body};
  EntryView entry;
  const std::uint8_t type = parts.octet();
  const std::uint64_t topic = parts.varint();
  entry.topic = static_cast<std::uint32_t>(topic);
  if (type == kTopicEntry) {
    entry.defines_topic = true;
    entry.name = parts.text();
  } else {
    entry.offset = parts.varint();
    entry.timestamp = Duration{static_cast<std::int64_t>(parts.fixed())};
    entry.key = parts.text();
    entry.value = parts.text();
    entry.headers = parts.varint();
    const std::string_view from = parts.rest();
    if (entry.headers > from.size() / 2) return std::nullopt;  // each takes two bytes at least
    for (std::uint64_t i = 0; i < 2 * entry.headers; ++i) (void)parts.text();
    entry.header_bytes = from.substr(0, from.size() - parts.rest().size());
  }
  if (!parts.good() || (type != kTopicEntry && type != kRecordEntry) || topic != entry.topic) {
    return std::nullopt;
  }
  body = parts.rest();
  return entry;
}

}  // namespace headgate::journal
