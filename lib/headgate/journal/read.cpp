#include "headgate/journal/read.hpp"

#include <optional>
#include <utility>

#include "headgate/journal/segment.hpp"
#include "headgate/journal/walker.hpp"

namespace headgate::journal {
namespace {

/// Collects the wanted records of frames that come in order.
class Collector {
 public:
  explicit Collector(const ReadRequest& request) : request_(request), next_(request.from) {}

  /// Returns whether the frame had a record of the topic.
  bool take(const Frame& frame) {
    bool met = false;
    std::string_view body = frame.body;
    for (std::uint32_t i = 0; i < frame.header.entries && !full_; ++i) {
      const auto entry = take_entry(body);
      if (!entry) break;  // such a frame was refused when the journal was opened
      if (entry->defines_topic || entry->topic != request_.topic) continue;
      met = true;
      if (entry->offset == next_) keep(*entry);
    }
    return met;
  }
  [[nodiscard]] bool is_done() const noexcept { return full_ || next_ == request_.end; }
  [[nodiscard]] std::uint64_t next() const noexcept { return next_; }
  [[nodiscard]] std::vector<messaging::StoredRecord> result() { return std::move(records_); }

 private:
  void keep(const EntryView& entry) {
    bytes_ += payload_bytes(entry);
    full_ = next_ == request_.end || records_.size() >= request_.limits.max_records ||
            (!records_.empty() && bytes_ > request_.limits.max_bytes.count);
    if (full_) return;
    records_.push_back({next_, to_record(entry)});
    ++next_;
  }

  const ReadRequest& request_;
  std::vector<messaging::StoredRecord> records_;
  std::uint64_t next_;
  std::uint64_t bytes_ = 0;  // of payload in records_
  bool full_ = false;
};

}  // namespace

Result<std::vector<messaging::StoredRecord>> read_records(Vfs& vfs, const std::string& directory,
                                                          const ReadRequest& request,
                                                          const Locate& locate) {
  Collector collector{request};
  if (collector.is_done() || request.limits.max_records == 0) return collector.result();
  Walker walker{vfs, directory, locate(request.from)};
  while (!collector.is_done()) {
    const auto frame = walker.next();
    if (!frame) return std::unexpected(frame.error());
    const std::optional<Frame>& found = *frame;
    if (!found) {
      return failed(Errc::kCorrupt, place(directory, walker.at()),
                    "a frame that was there cannot be read");
    }
    if (collector.take(*found) || collector.is_done()) continue;
    const Position nearest = locate(collector.next());
    if (nearest > walker.at()) walker.skip_to(nearest);
  }
  return collector.result();
}

}  // namespace headgate::journal
