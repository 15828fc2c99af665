#include "headgate/messaging/topic.hpp"

#include <charconv>
#include <optional>

namespace headgate::messaging {
namespace {

std::string key_prefix(std::string_view topic) {
  std::string key{topic};
  key.push_back('\0');
  return key;
}

std::optional<std::uint64_t> parse_offset(std::string_view text) {
  std::uint64_t offset = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), offset);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return offset;
}

}  // namespace

TopicRecord position_record(std::string_view topic, std::string_view consumer,
                            std::uint64_t offset) {
  TopicRecord record;
  record.topic = kPositionsTopic;
  record.record.key = key_prefix(topic).append(consumer);
  record.record.value = std::to_string(offset);
  return record;
}

Result<Positions> load_positions(const Log& log, std::string_view topic) {
  Positions positions;
  const std::string prefix = key_prefix(topic);
  const auto marks = log.watermarks(kPositionsTopic);
  if (!marks && marks.error().code == Errc::kNotFound) return positions;
  if (!marks) return std::unexpected(marks.error());
  for (std::uint64_t next = marks->begin; next < marks->end;) {
    const auto records = log.read(kPositionsTopic, next);
    if (!records) return std::unexpected(records.error());
    if (records->empty()) break;
    for (const StoredRecord& stored : *records) {
      next = stored.offset + 1;
      if (!stored.record.key.starts_with(prefix)) continue;
      const auto offset = parse_offset(stored.record.value);
      if (!offset) {
        return failed(Errc::kCorrupt, std::string{kPositionsTopic},
                      "record " + std::to_string(stored.offset) + " is not a position");
      }
      positions[stored.record.key.substr(prefix.size())] = *offset;
    }
  }
  return positions;
}

Topic::Topic(Log& log, std::string name, Positions positions)
    : log_(&log), name_(std::move(name)), shared_(std::make_shared<Shared>()) {
  shared_->positions = std::move(positions);
}

Result<Topic> Topic::open(Log& log, std::string_view name) {
  if (const auto made = log.create_topic(name); !made) return std::unexpected(made.error());
  if (const auto made = log.create_topic(kPositionsTopic); !made) {
    return std::unexpected(made.error());
  }
  auto positions = load_positions(log, name);
  if (!positions) return std::unexpected(positions.error());
  return Topic{log, std::string{name}, std::move(*positions)};
}

std::uint64_t Topic::position(std::string_view consumer) const {
  const std::lock_guard lock{shared_->mutex};
  const auto found = shared_->positions.find(consumer);
  return found == shared_->positions.end() ? 0 : found->second;
}

void Topic::commit(std::string_view consumer, std::uint64_t offset, AppendDone done) {
  TopicRecord commit = position_record(name_, consumer, offset);
  log_->append(commit.topic, std::move(commit.record),
               [shared = shared_, name = std::string{consumer}, offset,
                done = std::move(done)](Result<std::uint64_t> answer) mutable {
                 if (answer) {
                   const std::lock_guard lock{shared->mutex};
                   shared->positions[name] = offset;
                 }
                 done(std::move(answer));
               });
}

}  // namespace headgate::messaging
