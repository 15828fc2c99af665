#include "headgate/messaging/memory_log.hpp"

#include <algorithm>
#include <utility>

namespace headgate::messaging {

Result<void> MemoryLog::admit(std::size_t records, std::size_t bytes) {
  if (records > options_.max_records - records_) {
    return failed(Errc::kNoSpace, "",
                  "the memory store holds its maximum of " + std::to_string(options_.max_records) +
                      " records");
  }
  if (bytes > options_.max_bytes.count - bytes_) {
    return failed(Errc::kNoSpace, "",
                  "the memory store holds its maximum of " +
                      std::to_string(options_.max_bytes.count) + " bytes");
  }
  records_ += records;
  bytes_ += bytes;
  return {};
}

void MemoryLog::append(std::string_view topic, Record record, AppendDone done) {
  Result<std::uint64_t> answer;
  {
    const std::lock_guard lock{mutex_};
    if (const auto found = topics_.find(topic); found == topics_.end()) {
      answer = unknown_topic(topic);
    } else if (const auto room = admit(1, payload_bytes(record)); !room) {
      answer = std::unexpected(room.error());
    } else {
      answer = found->second.end();
      found->second.records.push_back(std::move(record));
    }
  }
  done(std::move(answer));
}

void MemoryLog::append_all(std::vector<TopicRecord> batch, BatchDone done) {
  Result<std::vector<std::uint64_t>> answer;
  {
    const std::lock_guard lock{mutex_};
    std::size_t bytes = 0;
    for (const TopicRecord& each : batch) {
      if (!topics_.contains(each.topic)) answer = unknown_topic(each.topic);
      bytes += payload_bytes(each.record);
    }
    if (answer) {
      if (const auto room = admit(batch.size(), bytes); !room) {
        answer = std::unexpected(room.error());
      }
    }
    for (std::size_t i = 0; answer && i < batch.size(); ++i) {
      Held& held = topics_.find(batch[i].topic)->second;
      answer->push_back(held.end());
      held.records.push_back(std::move(batch[i].record));
    }
  }
  done(std::move(answer));
}

Result<std::vector<StoredRecord>> MemoryLog::read(std::string_view topic, std::uint64_t from,
                                                  ReadLimits limits) const {
  const std::lock_guard lock{mutex_};
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return unknown_topic(topic);
  const auto& [begin, records] = found->second;
  const std::uint64_t end = found->second.end();
  if (from < begin || from > end) return outside_range(topic, from, {.begin = begin, .end = end});
  std::vector<StoredRecord> result;
  std::size_t bytes = 0;
  for (std::size_t i = from - begin; i < records.size() && result.size() < limits.max_records;
       ++i) {
    bytes += payload_bytes(records[i]);
    if (!result.empty() && bytes > limits.max_bytes.count) break;
    result.push_back({begin + i, records[i]});
  }
  return result;
}

Result<Watermarks> MemoryLog::watermarks(std::string_view topic) const {
  const std::lock_guard lock{mutex_};
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return unknown_topic(topic);
  const Held& held = found->second;
  return Watermarks{.begin = held.begin, .end = held.end(), .synced = held.begin};
}

Result<void> MemoryLog::flush(Duration /*deadline*/) { return {}; }

Result<void> MemoryLog::create_topic(std::string_view name) {
  if (const auto good = check_topic_name(name); !good) return good;
  const std::lock_guard lock{mutex_};
  topics_.try_emplace(std::string{name});
  return {};
}

void MemoryLog::forget(std::string_view topic, std::uint64_t before) {
  const std::lock_guard lock{mutex_};
  const auto found = topics_.find(topic);
  if (found == topics_.end()) return;
  Held& held = found->second;
  for (; held.begin < before && !held.records.empty(); ++held.begin) {
    bytes_ -= payload_bytes(held.records.front());
    --records_;
    held.records.pop_front();
  }
}

std::vector<std::string> MemoryLog::topics() const {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> names;
  names.reserve(topics_.size());
  for (const auto& [name, held] : topics_) names.push_back(name);
  return names;
}

}  // namespace headgate::messaging
