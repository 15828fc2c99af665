// The frames of a journal from one segment to the next, and what lies behind the last of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "headgate/core/result.hpp"
#include "headgate/journal/format.hpp"
#include "headgate/journal/segment.hpp"
#include "headgate/journal/vfs.hpp"

namespace headgate::journal {

class Walker {
 public:
  /// Starts at the frame at `from`. Nothing is opened before next().
  Walker(Vfs& vfs, std::string directory, Position from)
      : vfs_(&vfs), directory_(std::move(directory)), at_(from) {}

  /// The next frame, seals included; nothing where no valid frame stands: the end, for now. Fails
  /// with kCorrupt if a segment is missing that a seal or an earlier call speaks of, if it belongs
  /// to another journal, or is none; and with kIo.
  [[nodiscard]] Result<std::optional<Frame>> next();

  /// Goes on at the frame at `to`, which is not before at().
  void skip_to(Position to);

  /// Where the next frame stands, if there is one.
  [[nodiscard]] Position at() const noexcept { return at_; }
  /// Of the journal; 0 before the first next().
  [[nodiscard]] std::uint64_t identity() const noexcept { return identity_; }
  [[nodiscard]] const std::string& directory() const noexcept { return directory_; }

 private:
  [[nodiscard]] Result<void> open();

  Vfs* vfs_;
  std::string directory_;
  Position at_;
  std::uint64_t identity_ = 0;
  std::unique_ptr<Segment> segment_;  // of at_; null until it is needed
  std::optional<Scanner> scanner_;    // at at_, if segment_ is open
};

/// What lies behind the place where the frames of a journal stop.
struct Remainder {
  bool zero = true;                  ///< nothing at all: the log ends there
  std::uint64_t bytes = 0;           ///< up to the last one that is not zero, of all segments
  std::uint32_t last = 0;            ///< one past that one, in the segment of the stop
  std::uint64_t frames = 0;          ///< frame headers
  std::optional<Position> attested;  ///< a frame that says: all before here was on the disk, and
                                     ///< the stop is before that
};

/// Whether zeros stand where the frame header at `stop` would. Fails with kIo, kCorrupt.
[[nodiscard]] Result<bool> is_blank(Vfs& vfs, const std::string& directory, Position stop);

/// Looks at every byte from `stop` to the end of the last segment. Fails with kIo, kCorrupt.
[[nodiscard]] Result<Remainder> inspect_remainder(Vfs& vfs, const std::string& directory,
                                                  Position stop);

}  // namespace headgate::journal
