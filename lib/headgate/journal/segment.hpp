// One segment file: how it comes to be, and how its frames are read back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/journal/format.hpp"
#include "headgate/journal/vfs.hpp"

namespace headgate::journal {

/// An open segment.
struct Segment {
  SegmentHeader header;
  std::unique_ptr<File> file;
};

/// "DIRECTORY/00000001.log:64", for errors.
[[nodiscard]] std::string place(const std::string& directory, Position position);

/// Fails with kNotFound, kIo, or kCorrupt if the file is not the segment of its name: a segment
/// gets its name only after its header and its full size are on the disk.
[[nodiscard]] Result<Segment> open_segment(Vfs& vfs, const std::string& directory,
                                           std::uint32_t number, Access access);

/// Makes the segment under a temporary name: zeros, header, synced. Cost: writes the whole size.
[[nodiscard]] Result<Segment> prepare_segment(Vfs& vfs, const std::string& directory,
                                              const SegmentHeader& header);
/// Gives a prepared segment its name, durably.
[[nodiscard]] Result<void> publish_segment(Vfs& vfs, const std::string& directory,
                                           std::uint32_t number);
/// Removes what prepare_segment() left behind in a crash.
[[nodiscard]] Result<void> remove_unpublished(Vfs& vfs, const std::string& directory);

/// The numbers of the segments in a directory, ascending. Fails with kNotFound without directory.
[[nodiscard]] Result<std::vector<std::uint32_t>> list_segments(Vfs& vfs,
                                                               const std::string& directory);

/// The size of all segments before `number`.
[[nodiscard]] Result<std::uint64_t> bytes_before(Vfs& vfs, const std::string& directory,
                                                 std::uint32_t number);

/// A valid frame; `body` is good until the scanner's next call.
struct Frame {
  FrameHeader header;
  std::string_view body;

  [[nodiscard]] Position end() const noexcept {
    return {header.at.segment,
            static_cast<std::uint32_t>(header.at.offset + kFrameHeaderSize + header.body_size)};
  }
};

/// Reads the frames of a segment in order, through a window that grows to 256 KiB, or to a frame.
class Scanner {
 public:
  /// Starts at `offset`, the beginning of a frame. The segment outlives the scanner.
  Scanner(const Segment& segment, std::uint32_t offset) : segment_(&segment), offset_(offset) {}

  /// The frame at offset(); nothing if no whole valid frame stands there, and then the next call
  /// looks at the file again. Fails with kIo.
  [[nodiscard]] Result<std::optional<Frame>> next();
  [[nodiscard]] std::uint32_t offset() const noexcept { return offset_; }

 private:
  /// The `size` bytes at offset(), or fewer at the end of the file.
  [[nodiscard]] Result<std::string_view> look(std::size_t size);

  const Segment* segment_;
  std::uint32_t offset_;  // of the next frame
  std::string window_;    // bytes of the file from window_at_
  std::uint64_t window_at_ = 0;
  std::size_t window_size_ = 4096;  // of the next load
};

}  // namespace headgate::journal
