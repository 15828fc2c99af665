// The writing end of a journal: builds frames in memory, puts them into the files, goes from one
// segment to the next. Used by the journal's writer thread alone; it decides nothing about when.
//
//   (roll? (add_topic | add)+ end_batch)* write sync?    with fits() asked before each batch
//
// Errors: kNoSpace means that nothing of what was not yet written is in the files, the call can be
// tried again, and everything before is untouched. Any other error is final: what the files hold is
// then known only to the next recovery.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <future>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/journal/format.hpp"
#include "headgate/journal/index.hpp"
#include "headgate/journal/recovery.hpp"
#include "headgate/journal/segment.hpp"
#include "headgate/journal/vfs.hpp"

namespace headgate::journal {

/// What a frame brought, for the index.
struct WrittenFrame {
  Position at;
  Position end;
  std::vector<Span> spans;
  std::vector<std::string> topics;  // defined by it
};

class Tail {
 public:
  struct Options {
    std::string directory;
    std::uint32_t segment_bytes;
    bool prepare_ahead;
    Vfs* vfs;
  };

  /// Goes on at the end of what was recovered. Fails with kIo or kCorrupt.
  [[nodiscard]] static Result<Tail> open(Options options, const Recovered& recovered);

  /// Whether a batch of at most `bound` bytes of entries fits into the segment.
  [[nodiscard]] bool fits(std::size_t bound) const noexcept;
  /// The largest bound that fits into an empty segment of `segment_bytes`.
  [[nodiscard]] static std::size_t largest_batch(std::uint32_t segment_bytes) noexcept;

  // A batch goes into one frame. Requires: fits().
  void add_topic(std::string_view name);
  /// Returns the offset that the record has, unless write() fails.
  [[nodiscard]] std::uint64_t add(std::uint32_t topic, const messaging::Record& record);
  void end_batch();

  /// Puts all frames into the file.
  [[nodiscard]] Result<void> write();
  /// Puts what is in the files on the disk.
  [[nodiscard]] Result<void> sync();
  /// Starts the next segment; the last one is sealed and synced. Requires: everything is written.
  [[nodiscard]] Result<void> roll();
  /// Writes a mark (attests what was synced) or a footer, in the next segment if this one is full.
  /// Requires: everything is written.
  [[nodiscard]] Result<void> put(FrameKind kind);

  /// The frames written since the last call.
  [[nodiscard]] std::vector<WrittenFrame> take_written() { return std::exchange(written_, {}); }
  /// All before it is on the disk.
  [[nodiscard]] Position synced() const noexcept { return synced_; }
  [[nodiscard]] Position at() const noexcept { return {segment_.header.number, offset_}; }
  /// Whether a mark would attest anything new.
  [[nodiscard]] bool has_news() const noexcept {
    return attested_ < data_end_ && data_end_ <= synced_;
  }
  void forget_news() noexcept { data_end_ = attested_; }
  /// Whether the topic is defined, in a frame or one that is being built.
  [[nodiscard]] bool knows(std::string_view name) const { return names_.contains(name); }
  /// Written, in all segments.
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_before_ + offset_; }
  [[nodiscard]] std::uint64_t syncs() const noexcept { return syncs_; }

 private:
  Tail(Options options, Segment segment, const Recovered& recovered);

  [[nodiscard]] Result<void> write_bare(FrameKind kind);
  [[nodiscard]] Result<void> write_buffer();
  void open_frame();
  void close_frame(FrameKind kind);
  void forget_unwritten();
  void prepare_if_near();
  [[nodiscard]] Result<Segment> next_segment();

  Options options_;
  Segment segment_;       // the last one
  std::uint32_t offset_;  // where buffer_ goes in it
  Position synced_;
  Position attested_;           // by the last frame that was written
  Position data_end_;           // of the last frame in the file that holds entries
  std::uint64_t bytes_before_;  // in the segments before
  std::set<std::string, std::less<>> names_;
  std::vector<std::uint64_t> next_;  // by topic: the offset of its next record

  std::string buffer_;               // frames that are not yet written
  std::optional<std::size_t> open_;  // where the open frame starts in buffer_
  std::uint32_t entries_ = 0;        // of the open frame
  Spans spans_;                      // likewise
  std::vector<std::string> topics_;
  std::vector<WrittenFrame> built_;  // the frames in buffer_
  std::vector<WrittenFrame> written_;

  std::future<Result<Segment>> ahead_;  // the segment after segment_, being made
  std::uint64_t syncs_ = 0;
};

}  // namespace headgate::journal
