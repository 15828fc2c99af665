#include "headgate/queue/settlements.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace headgate::queue {
namespace {

/// Takes a number off the front of `text`, and the character behind it.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (!text.empty()) text.remove_prefix(1);
  return number;
}

/// Everything below `offset` has been leased, whether or not that was written down.
void reach(Ledger& ledger, std::uint64_t offset) {
  for (; ledger.next <= offset; ++ledger.next) ledger.open.try_emplace(ledger.next, 0);
}

bool add_leases(Ledger& ledger, std::string_view text) {
  while (!text.empty()) {
    const auto offset = take_number(text);
    const auto delivery = take_number(text);
    if (!offset || !delivery) return false;
    reach(ledger, *offset);
    // A message that was settled meanwhile is not opened again.
    const auto found = ledger.open.find(*offset);
    if (found != ledger.open.end()) found->second = static_cast<std::uint32_t>(*delivery);
  }
  return true;
}

bool add_settlement(Ledger& ledger, std::string_view text, std::uint64_t& count) {
  const auto offset = take_number(text);
  if (!offset || !text.empty()) return false;
  reach(ledger, *offset);
  count += ledger.open.erase(*offset);
  return true;
}

bool add(Ledger& ledger, const messaging::Record& record) {
  if (record.key == "opened") return ++ledger.epoch, record.value.empty();
  if (record.key == "leased") return add_leases(ledger, record.value);
  if (record.key == "acked") return add_settlement(ledger, record.value, ledger.acked);
  if (record.key == "dead") return add_settlement(ledger, record.value, ledger.dead);
  return false;
}

messaging::TopicRecord record_of(std::string_view queue, std::string_view key, std::string value) {
  messaging::TopicRecord record;
  record.topic = settlements_topic(queue);
  record.record.key = key;
  record.record.value = std::move(value);
  return record;
}

}  // namespace

std::string settlements_topic(std::string_view queue) {
  return std::string{"__queue."}.append(queue);
}

messaging::TopicRecord opened_record(std::string_view queue) {
  return record_of(queue, "opened", {});
}

messaging::TopicRecord leased_record(std::string_view queue, const Leases& leases) {
  std::string text;
  for (const auto& [offset, delivery] : leases) {
    if (!text.empty()) text += ' ';
    text.append(std::to_string(offset)).append(":").append(std::to_string(delivery));
  }
  return record_of(queue, "leased", std::move(text));
}

messaging::TopicRecord acked_record(std::string_view queue, std::uint64_t offset) {
  return record_of(queue, "acked", std::to_string(offset));
}

messaging::TopicRecord dead_record(std::string_view queue, std::uint64_t offset) {
  return record_of(queue, "dead", std::to_string(offset));
}

Result<Ledger> load_ledger(const messaging::Log& log, std::string_view queue) {
  const std::string topic = settlements_topic(queue);
  const auto marks = log.watermarks(topic);
  if (!marks) return std::unexpected(marks.error());
  Ledger ledger;
  for (std::uint64_t next = marks->begin; next < marks->end;) {
    const auto records = log.read(topic, next);
    if (!records) return std::unexpected(records.error());
    if (records->empty()) break;
    for (const messaging::StoredRecord& stored : *records) {
      next = stored.offset + 1;
      if (!add(ledger, stored.record)) {
        return failed(Errc::kCorrupt, topic,
                      "record " + std::to_string(stored.offset) + " is not a queue's");
      }
    }
  }
  return ledger;
}

}  // namespace headgate::queue
