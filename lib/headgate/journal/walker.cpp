#include "headgate/journal/walker.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "headgate/core/bytes.hpp"

namespace headgate::journal {

Result<void> Walker::open() {
  auto segment = open_segment(*vfs_, directory_, at_.segment, Access::kRead);
  if (!segment) {
    if (segment.error().code != Errc::kNotFound) return std::unexpected(segment.error());
    return failed(Errc::kCorrupt, place(directory_, {at_.segment, 0}), "the segment is missing");
  }
  if (identity_ != 0 && segment->header.identity != identity_) {
    return failed(Errc::kCorrupt, place(directory_, {at_.segment, 0}),
                  "the segment belongs to another journal");
  }
  identity_ = segment->header.identity;
  segment_ = std::make_unique<Segment>(std::move(*segment));
  scanner_.emplace(*segment_, at_.offset);
  return {};
}

Result<std::optional<Frame>> Walker::next() {
  if (!scanner_) {
    if (auto opened = open(); !opened) return std::unexpected(opened.error());
  }
  auto frame = scanner_->next();  // NOLINT(bugprone-unchecked-optional-access): open() fills it
  if (!frame) return frame;
  const std::optional<Frame>& found = *frame;
  if (!found) return frame;
  at_ = found->end();
  if (found->header.kind == FrameKind::kSeal) {
    at_ = {at_.segment + 1, kSegmentHeaderSize};
    scanner_.reset();  // a seal has no body that could be looked at later
  }
  return frame;
}

void Walker::skip_to(Position to) {
  if (scanner_ && to.segment == at_.segment) {
    scanner_.emplace(*segment_, to.offset);
  } else {
    scanner_.reset();
  }
  at_ = to;
}

namespace {

/// Looks through one segment from `from` on.
class Inspector {
 public:
  Inspector(const Segment& segment, Position stop, Remainder& remainder)
      : segment_(segment), stop_(stop), remainder_(remainder) {}

  Result<void> run(std::uint32_t from) {
    // Windows overlap by a header, so that none is cut in two.
    constexpr std::size_t kWindow = 1 << 20;
    std::vector<std::byte> window;
    for (std::uint64_t at = from; at < segment_.header.size; at += kWindow) {
      window.resize(std::min<std::uint64_t>(kWindow + kFrameHeaderSize - kAlignment,
                                            segment_.header.size - at));
      const auto count = segment_.file->read(at, window);
      if (!count) return std::unexpected(count.error());
      window.resize(*count);
      inspect(window, static_cast<std::uint32_t>(at));
    }
    if (end_ > from) remainder_.bytes += end_ - from;
    if (segment_.header.number == stop_.segment) remainder_.last = std::max(end_, from);
    return {};
  }

 private:
  void inspect(std::span<const std::byte> window, std::uint32_t at) {
    const auto is_set = [](std::byte b) { return b != std::byte{0}; };
    const auto first = std::ranges::find_if(window, is_set);
    if (first == window.end()) return;
    remainder_.zero = false;
    std::size_t last = window.size();
    while (!is_set(window[last - 1])) --last;
    end_ = at + static_cast<std::uint32_t>(last);
    const auto begin = static_cast<std::size_t>(first - window.begin()) / kAlignment * kAlignment;
    for (std::size_t i = begin; i < last && i + kFrameHeaderSize <= window.size();
         i += kAlignment) {
      if (window[i] != std::byte{'h'}) continue;
      const auto header =
          load_frame_header(window.subspan(i).first<kFrameHeaderSize>(), segment_.header.identity);
      const Position here{segment_.header.number, at + static_cast<std::uint32_t>(i)};
      if (!header || header->at != here) continue;
      ++remainder_.frames;
      if (header->synced > stop_ && !remainder_.attested) remainder_.attested = here;
    }
  }

  const Segment& segment_;
  Position stop_;
  Remainder& remainder_;
  std::uint32_t end_ = 0;  // one past the last byte that is not zero
};

}  // namespace

Result<bool> is_blank(Vfs& vfs, const std::string& directory, Position stop) {
  const auto segment = open_segment(vfs, directory, stop.segment, Access::kRead);
  if (!segment) return std::unexpected(segment.error());
  std::array<std::byte, kFrameHeaderSize> bytes{};
  const auto count = segment->file->read(stop.offset, bytes);
  if (!count) return std::unexpected(count.error());
  return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{0}; });
}

Result<Remainder> inspect_remainder(Vfs& vfs, const std::string& directory, Position stop) {
  const auto numbers = list_segments(vfs, directory);
  if (!numbers) return std::unexpected(numbers.error());
  Remainder remainder;
  for (const std::uint32_t number : *numbers) {
    if (number < stop.segment) continue;
    const auto segment = open_segment(vfs, directory, number, Access::kRead);
    if (!segment) return std::unexpected(segment.error());
    const auto from = number == stop.segment ? stop.offset : std::uint32_t{kSegmentHeaderSize};
    if (auto done = Inspector{*segment, stop, remainder}.run(from); !done) {
      return std::unexpected(done.error());
    }
  }
  return remainder;
}

}  // namespace headgate::journal
