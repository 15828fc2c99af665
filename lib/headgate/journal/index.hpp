// Where the records of each topic are: rebuilt from the frames at every opening, never stored, so
// it cannot disagree with them.
//
// The index of a topic is sparse: one entry (offset, position of the frame) for every 64 KiB of the
// journal in which the topic has records. A read starts at the entry before its offset and passes
// at most that much in vain, and a journal of 64 GiB needs 1 M entries (16 MiB) at most per topic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/journal/format.hpp"
#include "headgate/journal/segment.hpp"
#include "headgate/messaging/log.hpp"

namespace headgate::journal {

/// The records of one topic in one frame: offsets first, first + 1, …
struct Span {
  std::uint32_t topic = 0;
  std::uint64_t first = 0;
  std::uint64_t count = 0;
  std::uint64_t bytes = 0;  ///< of payload
};

/// Gathers the spans of a frame, record by record. O(1) a record.
class Spans {
 public:
  void add(std::uint32_t topic, std::uint64_t offset, std::size_t bytes);
  /// One past the topic's last offset in this frame; nothing if it has none yet.
  [[nodiscard]] std::optional<std::uint64_t> next(std::uint32_t topic) const noexcept;
  [[nodiscard]] std::vector<Span> take();

 private:
  std::vector<Span> spans_;
  std::vector<std::uint32_t> slots_;  // by topic: index into spans_ plus 1, or 0
};

struct TopicIndex {
  struct Entry {
    std::uint64_t offset;
    Position at;
  };

  std::string name;
  std::uint64_t end = 0;     // the next offset
  std::uint64_t synced = 0;  // below it all is on the disk; <= end
  std::uint64_t bytes = 0;   // payload of its records
  std::vector<Entry> entries;
};

class Index {
 public:
  /// Takes in a frame that was read. Fails with kCorrupt at its place if the entries do not go on
  /// from the frames before; what a valid checksum covers was written so, and only a bug can do
  /// that.
  [[nodiscard]] Result<void> apply(const Frame& frame, const std::string& directory);

  // The same for a frame that was just written.
  void define(std::string name);
  void add(std::span<const Span> spans, Position at, Position end);
  /// All frames that end at or before `position` are on the disk.
  void mark_synced(Position position);

  [[nodiscard]] std::optional<std::uint32_t> find(std::string_view name) const;
  [[nodiscard]] const TopicIndex& topic(std::uint32_t id) const { return topics_[id]; }
  [[nodiscard]] std::size_t topic_count() const noexcept { return topics_.size(); }
  [[nodiscard]] std::vector<std::string> names() const;
  [[nodiscard]] messaging::Watermarks watermarks(std::uint32_t id) const;
  /// A frame from which a scan meets `offset`, the nearest one known. Requires: offset < end.
  [[nodiscard]] Position locate(std::uint32_t id, std::uint64_t offset) const;
  [[nodiscard]] std::uint64_t records() const noexcept { return records_; }

 private:
  struct Unsynced {
    Position end;  // of a frame
    std::uint32_t topic;
    std::uint64_t offset;  // the topic's end with that frame
  };

  std::vector<TopicIndex> topics_;  // by id
  std::map<std::string, std::uint32_t, std::less<>> ids_;
  std::deque<Unsynced> unsynced_;  // in the order of the frames; a seal empties it
  std::uint64_t records_ = 0;
  Spans scratch_;  // of apply()
};

}  // namespace headgate::journal
