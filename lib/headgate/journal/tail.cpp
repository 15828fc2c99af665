#include "headgate/journal/tail.hpp"

#include <algorithm>
#include <utility>

#include "headgate/core/bytes.hpp"
#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"

namespace headgate::journal {
namespace {

/// A frame is closed once it has this much: larger ones make a read of one record dear.
constexpr std::size_t kFrameTarget = std::size_t{128} * 1024;

/// What a frame takes beside its entries: the header and the padding.
constexpr std::size_t kFrameCost = kFrameHeaderSize + kAlignment;
/// Every segment keeps room for its seal.
constexpr std::size_t kReserve = kFrameHeaderSize;

/// After this error only a recovery knows what the files hold, whatever its cause.
Error final_error(Error error) {
  error.code = Errc::kIo;
  return error;
}

}  // namespace

Tail::Tail(Options options, Segment segment, const Recovered& recovered)
    : options_(std::move(options)),
      segment_(std::move(segment)),
      offset_(recovered.end.offset),
      synced_(recovered.end),
      bytes_before_(recovered.bytes_before) {
  // What a crash left unattested is on the disk now: the first mark says so.
  if (!recovered.report.clean) data_end_ = recovered.end;
  for (std::uint32_t id = 0; id < recovered.index.topic_count(); ++id) {
    next_.push_back(recovered.index.topic(id).end);
    names_.insert(recovered.index.topic(id).name);
  }
}

Result<Tail> Tail::open(Options options, const Recovered& recovered) {
  auto segment =
      open_segment(*options.vfs, options.directory, recovered.end.segment, Access::kReadWrite);
  if (!segment) return std::unexpected(segment.error());
  return Tail{std::move(options), std::move(*segment), recovered};
}

bool Tail::fits(std::size_t bound) const noexcept {
  return offset_ + buffer_.size() + bound + kFrameCost + kReserve <= segment_.header.size;
}

std::size_t Tail::largest_batch(std::uint32_t segment_bytes) noexcept {
  return segment_bytes - kSegmentHeaderSize - kFrameCost - kReserve;
}

void Tail::open_frame() {
  if (open_) return;
  open_ = buffer_.size();
  buffer_.append(kFrameHeaderSize, '\0');
}

void Tail::add_topic(std::string_view name) {
  open_frame();
  put_topic_entry(buffer_, static_cast<std::uint32_t>(next_.size()), name);
  next_.push_back(0);
  topics_.emplace_back(name);
  names_.emplace(name);
  ++entries_;
}

std::uint64_t Tail::add(std::uint32_t topic, const messaging::Record& record) {
  open_frame();
  const std::uint64_t offset = next_[topic]++;
  put_record_entry(buffer_, topic, offset, record);
  spans_.add(topic, offset, messaging::payload_bytes(record));
  ++entries_;
  return offset;
}

void Tail::end_batch() {
  if (open_ && buffer_.size() - *open_ >= kFrameTarget) close_frame(FrameKind::kData);
}

void Tail::close_frame(FrameKind kind) {
  HG_ASSERT(open_.has_value());
  const std::size_t begin = *open_;
  buffer_.resize(aligned(buffer_.size()));
  const std::string_view body = std::string_view{buffer_}.substr(begin + kFrameHeaderSize);
  const Position at{segment_.header.number, offset_ + static_cast<std::uint32_t>(begin)};
  const FrameHeader header{.body_size = static_cast<std::uint32_t>(body.size()),
                           .at = at,
                           .synced = synced_,
                           .body_crc = crc32c(as_bytes(body)),
                           .entries = std::exchange(entries_, 0),
                           .kind = kind};
  auto bytes = std::as_writable_bytes(std::span{buffer_}).subspan(begin);
  store_frame_header(bytes.first<kFrameHeaderSize>(), header, segment_.header.identity);
  const Position end{at.segment, offset_ + static_cast<std::uint32_t>(buffer_.size())};
  built_.push_back({at, end, spans_.take(), std::exchange(topics_, {})});
  open_.reset();
}

Result<void> Tail::write() {
  if (open_) close_frame(FrameKind::kData);
  if (auto done = write_buffer(); !done) return done;
  prepare_if_near();
  return {};
}

Result<void> Tail::write_buffer() {
  if (buffer_.empty()) return {};
  HG_ASSERT(offset_ + buffer_.size() <= segment_.header.size);
  if (auto done = segment_.file->write(offset_, as_bytes(buffer_)); !done) {
    if (done.error().code != Errc::kNoSpace) return std::unexpected(final_error(done.error()));
    // A part may be there, and a frame of it could fit behind a later, shorter one: wipe it.
    const std::string zeros(buffer_.size(), '\0');
    if (!segment_.file->write(offset_, as_bytes(zeros))) {
      return std::unexpected(final_error(done.error()));
    }
    forget_unwritten();
    return done;
  }
  offset_ += static_cast<std::uint32_t>(buffer_.size());
  attested_ = synced_;
  for (const WrittenFrame& frame : built_) {
    if (!frame.spans.empty() || !frame.topics.empty()) data_end_ = frame.end;
  }
  buffer_.clear();
  std::ranges::move(built_, std::back_inserter(written_));
  built_.clear();
  return {};
}

void Tail::forget_unwritten() {
  for (const WrittenFrame& frame : built_) {
    for (const Span& span : frame.spans)
      next_[span.topic] = std::min(next_[span.topic], span.first);
    next_.resize(next_.size() - frame.topics.size());
    for (const std::string& topic : frame.topics) names_.erase(topic);
  }
  built_.clear();
  buffer_.clear();
}

Result<void> Tail::sync() {
  ++syncs_;
  if (auto done = segment_.file->sync(); !done) return std::unexpected(final_error(done.error()));
  synced_ = at();
  return {};
}

Result<void> Tail::write_bare(FrameKind kind) {
  open_frame();
  close_frame(kind);
  return write_buffer();
}

Result<void> Tail::put(FrameKind kind) {
  HG_ASSERT(buffer_.empty());
  if (offset_ + kFrameHeaderSize + kReserve > segment_.header.size) {
    if (auto done = roll(); !done) return done;
  }
  return write_bare(kind);
}

void Tail::prepare_if_near() {
  if (!options_.prepare_ahead || ahead_.valid() || offset_ < segment_.header.size / 2) return;
  ahead_ = std::async(std::launch::async, [options = options_, header = segment_.header]() {
    return prepare_segment(
        *options.vfs, options.directory,
        {.identity = header.identity, .number = header.number + 1, .size = options.segment_bytes});
  });
}

Result<Segment> Tail::next_segment() {
  if (ahead_.valid()) {
    if (auto made = ahead_.get()) return made;  // else it is tried again, now
  }
  return prepare_segment(*options_.vfs, options_.directory,
                         {.identity = segment_.header.identity,
                          .number = segment_.header.number + 1,
                          .size = options_.segment_bytes});
}

Result<void> Tail::roll() {
  HG_ASSERT(buffer_.empty());
  auto next = next_segment();
  if (!next) return std::unexpected(next.error());
  const std::uint32_t number = next->header.number;
  HG_ASSERT(number == segment_.header.number + 1);
  if (auto done = publish_segment(*options_.vfs, options_.directory, number); !done) return done;
  if (auto done = write_bare(FrameKind::kSeal); !done) {
    return std::unexpected(final_error(done.error()));
  }
  if (auto done = sync(); !done) return done;
  bytes_before_ += segment_.header.size;
  segment_ = std::move(*next);
  offset_ = kSegmentHeaderSize;
  synced_ = at();
  return {};
}

}  // namespace headgate::journal
