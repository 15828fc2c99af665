// What the files of a journal hold, byte by byte. All integers are little-endian.
//
// A store directory holds `lock` and the segments `00000001.log`, `00000002.log`, …. A segment has
// a fixed size, is written with zeros before it gets its name, and holds a header and then frames,
// each at a multiple of 8; zeros follow the last one. (Writing into blocks that exist makes
// fdatasync cheaper by a third: the file's metadata does not change.)
//
//   segment header, 64 bytes            frame header, 48 bytes
//    0 8  "hgjrnl" 0 1                   0 4  "hgfr"
//    8 8  identity of the journal        4 4  size of the body, a multiple of 8
//   16 8  number of the segment, 1…      8 8  position of this frame: segment << 32 | offset
//   24 8  size of the file              16 8  synced: all before this position is on the disk
//   32 28 zero                          24 4  CRC-32C of the body
//   60 4  CRC-32C of the 60 above       28 4  number of entries in the body
//                                       32 1  kind: 1 data, 2 mark, 3 seal, 4 footer
//                                       33 11 zero
//                                       44 4  CRC-32C of the identity and the 44 above
//
// A frame is the unit of atomicity: it is valid as a whole or it is not there. It says where it
// stands and to which journal it belongs, so old bytes, bytes inside a payload, or a copied file
// are never taken for a frame. `synced` attests: when damage is found at a place that a later frame
// attests, acknowledged data was hurt; otherwise it is the unfinished end of a crash.
//
//   entry    1  topic id  name                 defines a topic; ids count from 0
//            2  topic id  offset  timestamp(8)  key  value  header count  (name value)…
// Numbers are varints (7 bits a byte, low first) where no size is given; texts are a varint and
// bytes. A mark has no entries and only attests; a seal ends a segment, the next one follows; a
// footer is the last frame of a writer that closed.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "headgate/messaging/record.hpp"

namespace headgate::journal {

inline constexpr std::size_t kSegmentHeaderSize = 64;
inline constexpr std::size_t kFrameHeaderSize = 48;
inline constexpr std::size_t kAlignment = 8;

/// A place in a journal. Ordered as the frames are.
struct Position {
  std::uint32_t segment = 0;  ///< from 1; 0 is before everything
  std::uint32_t offset = 0;   ///< bytes into the segment

  friend constexpr auto operator<=>(const Position&, const Position&) = default;
};

struct SegmentHeader {
  std::uint64_t identity = 0;
  std::uint32_t number = 0;
  std::uint32_t size = 0;  ///< bytes
};

enum class FrameKind : std::uint8_t { kData = 1, kMark = 2, kSeal = 3, kFooter = 4 };

struct FrameHeader {
  std::uint32_t body_size = 0;
  Position at;
  Position synced;
  std::uint32_t body_crc = 0;
  std::uint32_t entries = 0;
  FrameKind kind = FrameKind::kData;
};

using HeaderBytes = std::span<std::byte, kFrameHeaderSize>;
using ConstHeaderBytes = std::span<const std::byte, kFrameHeaderSize>;

void store_segment_header(std::span<std::byte, kSegmentHeaderSize> bytes,
                          const SegmentHeader& header) noexcept;
/// Nothing if the bytes are not a segment header.
[[nodiscard]] std::optional<SegmentHeader> load_segment_header(
    std::span<const std::byte, kSegmentHeaderSize> bytes) noexcept;

void store_frame_header(HeaderBytes bytes, const FrameHeader& header,
                        std::uint64_t identity) noexcept;
/// Nothing if the bytes are not a frame header of the journal `identity`. The body is not looked
/// at.
[[nodiscard]] std::optional<FrameHeader> load_frame_header(ConstHeaderBytes bytes,
                                                           std::uint64_t identity) noexcept;

/// `00000001.log`
[[nodiscard]] std::string segment_name(std::uint32_t number);
/// Nothing if `name` is not the name of a segment.
[[nodiscard]] std::optional<std::uint32_t> segment_number(std::string_view name);

[[nodiscard]] constexpr std::size_t aligned(std::size_t size) noexcept {
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

// --- entries

void put_topic_entry(std::string& out, std::uint32_t id, std::string_view name);
void put_record_entry(std::string& out, std::uint32_t topic, std::uint64_t offset,
                      const messaging::Record& record);
/// At least what the entry takes in a body.
[[nodiscard]] std::size_t record_entry_bound(const messaging::Record& record) noexcept;
[[nodiscard]] std::size_t topic_entry_bound(std::string_view name) noexcept;

/// An entry seen in place: the texts are those of the body.
struct EntryView {
  bool defines_topic = false;
  std::uint32_t topic = 0;
  std::string_view name;     // of a definition
  std::uint64_t offset = 0;  // the rest: of a record
  Duration timestamp{};
  std::string_view key;
  std::string_view value;
  std::uint64_t headers = 0;      // how many
  std::string_view header_bytes;  // their texts, name and value by turns
};

[[nodiscard]] messaging::Record to_record(const EntryView& entry);
/// payload_bytes() of the record, without making it.
[[nodiscard]] std::size_t payload_bytes(const EntryView& entry) noexcept;

/// Takes the entry at the front off `body`; nothing if there is no whole entry.
[[nodiscard]] std::optional<EntryView> take_entry(std::string_view& body) noexcept;

}  // namespace headgate::journal
