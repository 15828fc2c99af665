// Any bytes in the place of a journal: recovery answers with a journal or with kCorrupt, and what
// it lets through can be read.
//
// The first byte chooses: the rest is a whole segment file, or what follows a good segment header,
// or the entries of one good frame.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "../support/fault_vfs.hpp"
#include "headgate/core/bytes.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/journal/format.hpp"
#include "headgate/journal/reader.hpp"
#include "headgate/journal/recovery.hpp"

using namespace headgate;
using namespace headgate::journal;

namespace {

constexpr std::uint32_t kSize = 4096;

test::FaultVfs::Content segment_of(std::span<const std::byte> input) {
  test::FaultVfs::Content segment(kSize);
  if (input.empty()) return segment;
  const int mode = std::to_integer<int>(input.front()) % 3;
  input = input.subspan(1);
  const auto place = [&](std::size_t at, std::span<const std::byte> bytes) {
    std::ranges::copy(bytes.first(std::min(bytes.size(), segment.size() - at)),
                      segment.begin() + static_cast<std::ptrdiff_t>(at));
  };
  if (mode == 0) {
    place(0, input);
    return segment;
  }
  store_segment_header(std::span{segment}.first<kSegmentHeaderSize>(),
                       {.identity = 1, .number = 1, .size = kSize});
  if (mode == 1 || input.empty()) {
    place(kSegmentHeaderSize, input);
    return segment;
  }
  const std::size_t most = kSize - kSegmentHeaderSize - kFrameHeaderSize - kAlignment;
  const auto body = input.subspan(1).first(std::min(input.size() - 1, most));
  place(kSegmentHeaderSize + kFrameHeaderSize, body);
  const std::size_t size = aligned(body.size());
  const auto whole = std::span{segment}.subspan(kSegmentHeaderSize + kFrameHeaderSize, size);
  const FrameHeader header{.body_size = static_cast<std::uint32_t>(size),
                           .at = {1, kSegmentHeaderSize},
                           .synced = {},
                           .body_crc = crc32c(whole),
                           .entries = std::to_integer<std::uint32_t>(input.front())};
  store_frame_header(std::span{segment}.subspan(kSegmentHeaderSize).first<kFrameHeaderSize>(),
                     header, 1);
  return segment;
}

void require(bool fact) {
  if (!fact) std::abort();
}

void read_all(const messaging::Log& log) {
  for (const std::string& topic : log.topics()) {
    const auto marks = log.watermarks(topic);
    require(marks.has_value());
    for (std::uint64_t next = 0; next < marks->end;) {
      const auto records = log.read(topic, next, {.max_records = 7, .max_bytes = {100}});
      require(records && !records->empty() && records->front().offset == next);
      next += records->size();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  test::FaultVfs vfs;
  vfs.set_content("d/00000001.log", segment_of(std::as_bytes(std::span{data, size})));
  const auto reader = JournalReader::open("d", vfs);
  if (!reader) require(reader.error().code == Errc::kCorrupt);
  if (reader) read_all(**reader);
  const auto recovered = recover(vfs, "d");
  require(recovered.has_value() == reader.has_value());
  if (!recovered) return 0;
  // Recovered once, there is nothing left to cut.
  const auto again = recover(vfs, "d");
  require(again && again->report.torn_bytes == 0);
  require(again->report.records == recovered->report.records);
  return 0;
}
