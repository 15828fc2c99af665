#include "headgate/journal/index.hpp"

#include <algorithm>
#include <utility>

#include "headgate/core/check.hpp"

namespace headgate::journal {
namespace {

constexpr std::uint32_t kStride = 64 * 1024;

bool is_far(Position from, Position to) noexcept {
  return to.segment != from.segment || to.offset - from.offset >= kStride;
}

}  // namespace

void Spans::add(std::uint32_t topic, std::uint64_t offset, std::size_t bytes) {
  if (topic >= slots_.size()) slots_.resize(std::size_t{topic} + 1);
  std::uint32_t& slot = slots_[topic];
  if (slot == 0) {
    spans_.push_back({.topic = topic, .first = offset});
    slot = static_cast<std::uint32_t>(spans_.size());
  }
  Span& span = spans_[slot - 1];
  HG_ASSERT(span.first + span.count == offset);
  ++span.count;
  span.bytes += bytes;
}

std::optional<std::uint64_t> Spans::next(std::uint32_t topic) const noexcept {
  if (topic >= slots_.size() || slots_[topic] == 0) return std::nullopt;
  const Span& span = spans_[slots_[topic] - 1];
  return span.first + span.count;
}

std::vector<Span> Spans::take() {
  for (const Span& span : spans_) slots_[span.topic] = 0;
  return std::exchange(spans_, {});
}

Result<void> Index::apply(const Frame& frame, const std::string& directory) {
  const auto wrong = [&](const char* why) {
    return failed(Errc::kCorrupt, place(directory, frame.header.at), why);
  };
  mark_synced(frame.header.synced);
  std::string_view body = frame.body;
  for (std::uint32_t i = 0; i < frame.header.entries; ++i) {
    const auto entry = take_entry(body);
    if (!entry) return wrong("a frame holds an entry that is none");
    if (entry->defines_topic) {
      if (entry->topic != topics_.size() || ids_.contains(entry->name)) {
        return wrong("a frame defines a topic that was there before");
      }
      define(std::string{entry->name});
      continue;
    }
    if (entry->topic >= topics_.size()) return wrong("a frame holds a record of an unknown topic");
    const std::uint64_t expected = scratch_.next(entry->topic).value_or(topics_[entry->topic].end);
    if (entry->offset != expected) return wrong("a frame holds a record that is out of order");
    scratch_.add(entry->topic, entry->offset, payload_bytes(*entry));
  }
  if (body.find_first_not_of('\0') != std::string_view::npos || body.size() >= kAlignment) {
    return wrong("a frame holds more than its entries");
  }
  add(scratch_.take(), frame.header.at, frame.end());
  return {};
}

void Index::define(std::string name) {
  ids_.emplace(name, static_cast<std::uint32_t>(topics_.size()));
  topics_.push_back({.name = std::move(name), .entries = {}});
}

void Index::add(std::span<const Span> spans, Position at, Position end) {
  for (const Span& span : spans) {
    TopicIndex& topic = topics_[span.topic];
    HG_ASSERT(span.first == topic.end);
    if (topic.entries.empty() || is_far(topic.entries.back().at, at)) {
      topic.entries.push_back({span.first, at});
    }
    topic.end += span.count;
    topic.bytes += span.bytes;
    records_ += span.count;
    unsynced_.push_back({end, span.topic, topic.end});
  }
}

void Index::mark_synced(Position position) {
  while (!unsynced_.empty() && unsynced_.front().end <= position) {
    topics_[unsynced_.front().topic].synced = unsynced_.front().offset;
    unsynced_.pop_front();
  }
}

std::optional<std::uint32_t> Index::find(std::string_view name) const {
  const auto found = ids_.find(name);
  if (found == ids_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> Index::names() const {
  std::vector<std::string> names;
  names.reserve(ids_.size());
  for (const auto& [name, id] : ids_) names.push_back(name);
  return names;
}

messaging::Watermarks Index::watermarks(std::uint32_t id) const {
  return {.begin = 0, .end = topics_[id].end, .synced = topics_[id].synced};
}

Position Index::locate(std::uint32_t id, std::uint64_t offset) const {
  const std::vector<TopicIndex::Entry>& entries = topics_[id].entries;
  HG_ASSERT(offset < topics_[id].end);
  const auto after = std::ranges::upper_bound(entries, offset, {}, &TopicIndex::Entry::offset);
  HG_ASSERT(after != entries.begin());
  return std::prev(after)->at;
}

}  // namespace headgate::journal
