#include "headgate/journal/segment.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "headgate/core/bytes.hpp"
#include "headgate/core/hash.hpp"

namespace headgate::journal {
namespace {

std::string path_of(const std::string& directory, std::uint32_t number) {
  return directory + "/" + segment_name(number);
}

constexpr std::string_view kUnpublished = ".new";

/// Zeros, then the header, on the disk.
Result<void> fill_segment(File& file, const SegmentHeader& header) {
  constexpr std::size_t kChunk = 1 << 20;
  const std::vector<std::byte> zeros(std::min<std::size_t>(kChunk, header.size));
  for (std::uint64_t at = 0; at < header.size; at += zeros.size()) {
    const std::size_t size = std::min<std::size_t>(zeros.size(), header.size - at);
    if (auto done = file.write(at, std::span{zeros}.first(size)); !done) return done;
  }
  std::array<std::byte, kSegmentHeaderSize> bytes{};
  store_segment_header(bytes, header);
  if (auto done = file.write(0, bytes); !done) return done;
  return file.sync();
}

}  // namespace

std::string place(const std::string& directory, Position position) {
  return path_of(directory, position.segment) + ":" + std::to_string(position.offset);
}

Result<Segment> open_segment(Vfs& vfs, const std::string& directory, std::uint32_t number,
                             Access access) {
  auto file = vfs.open(path_of(directory, number), access);
  if (!file) return std::unexpected(file.error());
  std::array<std::byte, kSegmentHeaderSize> bytes{};
  const auto count = (*file)->read(0, bytes);
  if (!count) return std::unexpected(count.error());
  const auto header = load_segment_header(bytes);
  if (*count != bytes.size() || !header || header->number != number) {
    return failed(Errc::kCorrupt, place(directory, {number, 0}), "is not the header of a segment");
  }
  const auto size = (*file)->size();
  if (!size) return std::unexpected(size.error());
  if (*size < header->size) {
    return failed(Errc::kCorrupt, place(directory, {number, static_cast<std::uint32_t>(*size)}),
                  "the file ends here and should have " + std::to_string(header->size) + " bytes");
  }
  return Segment{*header, std::move(*file)};
}

Result<Segment> prepare_segment(Vfs& vfs, const std::string& directory,
                                const SegmentHeader& header) {
  const std::string path = path_of(directory, header.number).append(kUnpublished);
  auto file = vfs.open(path, Access::kCreate);
  if (!file) return std::unexpected(file.error());
  if (auto done = fill_segment(**file, header); !done) {
    file->reset();
    (void)vfs.remove(path);  // a full disk should get its room back; a leftover does no harm
    return std::unexpected(done.error());
  }
  return Segment{header, std::move(*file)};
}
Result<void> publish_segment(Vfs& vfs, const std::string& directory, std::uint32_t number) {
  const std::string path = path_of(directory, number);
  if (auto done = vfs.rename(std::string{path}.append(kUnpublished), path); !done) return done;
  return vfs.sync_directory(directory);
}

Result<void> remove_unpublished(Vfs& vfs, const std::string& directory) {
  const auto names = vfs.list(directory);
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    if (!name.ends_with(kUnpublished)) continue;
    std::string path = directory;
    path.append("/").append(name);
    if (auto done = vfs.remove(path); !done) return done;
  }
  return {};
}

Result<std::vector<std::uint32_t>> list_segments(Vfs& vfs, const std::string& directory) {
  const auto names = vfs.list(directory);
  if (!names) return std::unexpected(names.error());
  std::vector<std::uint32_t> numbers;
  for (const std::string& name : *names) {
    if (const auto number = segment_number(name)) numbers.push_back(*number);
  }
  std::ranges::sort(numbers);
  return numbers;
}

Result<std::uint64_t> bytes_before(Vfs& vfs, const std::string& directory, std::uint32_t number) {
  std::uint64_t bytes = 0;
  for (std::uint32_t each = 1; each < number; ++each) {
    const auto segment = open_segment(vfs, directory, each, Access::kRead);
    if (!segment) return std::unexpected(segment.error());
    bytes += segment->header.size;
  }
  return bytes;
}

Result<std::string_view> Scanner::look(std::size_t size) {
  const std::uint64_t window_end = window_at_ + window_.size();
  if (offset_ < window_at_ || offset_ + size > window_end) {
    constexpr std::size_t kLargest = std::size_t{256} * 1024;
    const std::size_t left = segment_->header.size - std::min(segment_->header.size, offset_);
    window_.resize(std::min(std::max(size, window_size_), left));
    window_size_ = std::min(window_size_ * 4, kLargest);
    window_at_ = offset_;
    const auto count = segment_->file->read(offset_, std::as_writable_bytes(std::span{window_}));
    if (!count) return std::unexpected(count.error());
    window_.resize(*count);
  }
  return std::string_view{window_}.substr(offset_ - window_at_, size);
}

Result<std::optional<Frame>> Scanner::next() {
  const auto nothing = [this] {
    window_.clear();
    return std::nullopt;
  };
  auto bytes = look(kFrameHeaderSize);
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->size() < kFrameHeaderSize) return nothing();
  const SegmentHeader& segment = segment_->header;
  const auto header =
      load_frame_header(as_bytes(*bytes).first<kFrameHeaderSize>(), segment.identity);
  if (!header || header->at != Position{segment.number, offset_}) return nothing();
  const std::uint64_t size = kFrameHeaderSize + std::uint64_t{header->body_size};
  if (size > segment.size - offset_) return nothing();
  bytes = look(size);
  if (!bytes) return std::unexpected(bytes.error());
  if (bytes->size() < size) return nothing();
  const std::string_view body = bytes->substr(kFrameHeaderSize);
  if (crc32c(as_bytes(body)) != header->body_crc) return nothing();
  offset_ += static_cast<std::uint32_t>(size);
  return Frame{*header, body};
}

}  // namespace headgate::journal
