#include "headgate/journal/recovery.hpp"

#include <algorithm>
#include <optional>
#include <ranges>
#include <vector>

#include "headgate/journal/segment.hpp"

namespace headgate::journal {
namespace {

/// Overwrites [from, to) of an open segment with zeros.
Result<void> write_zeros(File& file, std::uint32_t from, std::uint32_t to) {
  constexpr std::uint32_t kChunk = 1 << 20;
  const std::vector<std::byte> zeros(std::min(kChunk, to - from));
  for (std::uint32_t at = from; at < to;) {
    const std::uint32_t size = std::min(kChunk, to - at);
    if (auto done = file.write(at, std::span{zeros}.first(size)); !done) return done;
    at += size;
  }
  return {};
}

/// Makes `stop` the end of the journal. Later segments go first, the last of them before the
/// others: a crash in between leaves what this function can be called for again.
Result<void> cut(Vfs& vfs, const std::string& directory, Position stop, std::uint32_t dirty_end) {
  const auto numbers = list_segments(vfs, directory);
  if (!numbers) return std::unexpected(numbers.error());
  bool removed = false;
  for (const std::uint32_t number : std::views::reverse(*numbers)) {
    if (number <= stop.segment) break;
    if (auto done = vfs.remove(directory + "/" + segment_name(number)); !done) return done;
    removed = true;
  }
  if (removed) {
    if (auto done = vfs.sync_directory(directory); !done) return done;
  }
  auto segment = open_segment(vfs, directory, stop.segment, Access::kReadWrite);
  if (!segment) return std::unexpected(segment.error());
  if (dirty_end > stop.offset) {
    if (auto done = write_zeros(*segment->file, stop.offset, dirty_end); !done) return done;
  }
  // Also for what was kept: from here on it counts as being on the disk.
  return segment->file->sync();
}

Result<void> check_numbers(Vfs& vfs, const std::string& directory) {
  const auto numbers = list_segments(vfs, directory);
  if (!numbers) return std::unexpected(numbers.error());
  if (numbers->empty()) return failed(Errc::kNotFound, directory, "there is no journal");
  for (std::uint32_t i = 0; i < numbers->size(); ++i) {
    if ((*numbers)[i] != i + 1) {
      return failed(Errc::kCorrupt, place(directory, {i + 1, 0}), "the segment is missing");
    }
  }
  return {};
}

}  // namespace

Result<FrameKind> take_frames(Walker& walker, Index& index) {
  FrameKind last = FrameKind::kData;
  for (;;) {
    const auto frame = walker.next();
    if (!frame) return std::unexpected(frame.error());
    const std::optional<Frame>& found = *frame;
    if (!found) return last;
    last = found->header.kind;
    if (auto taken = index.apply(*found, walker.directory()); !taken) {
      return std::unexpected(taken.error());
    }
  }
}

Result<Remainder> check_remainder(Vfs& vfs, const std::string& directory, Position stop) {
  auto remainder = inspect_remainder(vfs, directory, stop);
  if (!remainder) return remainder;
  if (const std::optional<Position>& attested = remainder->attested; attested) {
    return failed(Errc::kCorrupt, place(directory, stop),
                  "what was on the disk is damaged here; the frame at " +
                      place(directory, *attested) + " attests it");
  }
  return remainder;
}

Result<Recovered> recover(Vfs& vfs, const std::string& directory) {
  if (auto good = check_numbers(vfs, directory); !good) return std::unexpected(good.error());
  Recovered found;
  Walker walker{vfs, directory, {.segment = 1, .offset = kSegmentHeaderSize}};
  const auto last = take_frames(walker, found.index);
  if (!last) return std::unexpected(last.error());
  found.end = walker.at();
  found.identity = walker.identity();
  const auto remainder = check_remainder(vfs, directory, found.end);
  if (!remainder) return std::unexpected(remainder.error());
  if (auto done = cut(vfs, directory, found.end, remainder->last); !done) {
    return std::unexpected(done.error());
  }
  const auto bytes = bytes_before(vfs, directory, found.end.segment);
  if (!bytes) return std::unexpected(bytes.error());
  found.bytes_before = *bytes;
  found.index.mark_synced(found.end);
  found.report = {.clean = remainder->zero && *last == FrameKind::kFooter,
                  .segments = found.end.segment,
                  .records = found.index.records(),
                  .torn_bytes = remainder->bytes,
                  .torn_frames = remainder->frames,
                  .torn_at = remainder->zero ? std::string{} : place(directory, found.end)};
  return found;
}

}  // namespace headgate::journal
