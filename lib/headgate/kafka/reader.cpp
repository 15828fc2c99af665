#include "headgate/kafka/reader.hpp"

#include <librdkafka/rdkafka.h>

#include <utility>

#include "headgate/kafka/message.hpp"

namespace headgate::kafka {
namespace {

using messaging::ReadLimits;
using messaging::StoredRecord;
using messaging::Watermarks;

}  // namespace

Result<std::unique_ptr<Reader>> Reader::make(const ClientOptions& options) {
  Settings settings = common_settings(options);
  settings.emplace_back("group.id", "headgate-reader");  // asked for by assign(); never joined
  settings.emplace_back("enable.auto.commit", "false");
  settings.emplace_back("enable.partition.eof", "true");
  settings.emplace_back("isolation.level", "read_committed");
  settings.emplace_back("check.crcs", "true");
  settings.emplace_back("fetch.wait.max.ms", "10");
  settings.emplace_back("queued.max.messages.kbytes", "16384");
  auto handle = make_handle(Role::kConsumer, settings);
  if (!handle) return std::unexpected(std::move(handle.error()));
  rd_kafka_poll_set_consumer(handle->get());
  return std::unique_ptr<Reader>(new Reader(std::move(*handle), options.answer_timeout));
}

Reader::Reader(Handle handle, Duration answer_timeout) noexcept
    : handle_(std::move(handle)),
      queue_(rd_kafka_queue_get_consumer(handle_.get())),
      answer_timeout_(answer_timeout) {}

Reader::~Reader() { queue_.reset(); }

Result<Watermarks> Reader::ask_watermarks(const std::string& topic) {
  std::int64_t low = 0;
  std::int64_t high = 0;
  const auto code = rd_kafka_query_watermark_offsets(handle_.get(), topic.c_str(), 0, &low, &high,
                                                     to_milliseconds(answer_timeout_));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(to_error(code, topic));
  // Kafka acknowledges before it syncs, so nothing is known to survive a power cut.
  return Watermarks{.begin = static_cast<std::uint64_t>(low),
                    .end = static_cast<std::uint64_t>(high),
                    .synced = static_cast<std::uint64_t>(low)};
}

Result<Watermarks> Reader::watermarks(const std::string& topic) {
  const std::scoped_lock lock{mutex_};
  return ask_watermarks(topic);
}

Result<void> Reader::assign(const std::string& topic, std::uint64_t from) {
  const PartitionList list{rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0)->offset =
      static_cast<std::int64_t>(from);
  const auto code = rd_kafka_assign(handle_.get(), list.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(to_error(code, topic));
  return {};
}

Result<std::vector<StoredRecord>> Reader::collect(const std::string& topic, ReadLimits limits) {
  std::vector<StoredRecord> records;
  std::size_t size = 0;
  while (records.size() < limits.max_records && size < limits.max_bytes.count) {
    const Message message{rd_kafka_consumer_poll(handle_.get(), to_milliseconds(answer_timeout_))};
    if (!message) return failed(Errc::kTimeout, topic, "the brokers sent nothing");
    if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) break;
    // A broker that went away is an event, not an answer: librdkafka reconnects by itself.
    if (message->err == RD_KAFKA_RESP_ERR__TRANSPORT ||
        message->err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
      continue;
    }
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return std::unexpected(to_error(message->err, topic));
    }
    records.push_back(to_record(*message));
    size += messaging::payload_bytes(records.back().record);
  }
  return records;
}

Result<std::vector<StoredRecord>> Reader::read(const std::string& topic, std::uint64_t from,
                                               ReadLimits limits) {
  const std::scoped_lock lock{mutex_};
  const auto marks = ask_watermarks(topic);
  if (!marks) return std::unexpected(marks.error());
  if (from < marks->begin || from > marks->end) {
    return messaging::outside_range(topic, from, *marks);
  }
  if (from == marks->end) return std::vector<StoredRecord>{};
  if (auto assigned = assign(topic, from); !assigned) return std::unexpected(assigned.error());
  auto records = collect(topic, limits);
  rd_kafka_assign(handle_.get(), nullptr);  // drops what was fetched ahead
  return records;
}

}  // namespace headgate::kafka
