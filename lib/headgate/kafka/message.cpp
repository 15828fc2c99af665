#include "headgate/kafka/message.hpp"

#include <librdkafka/rdkafka.h>

namespace headgate::kafka {
namespace {

messaging::Headers headers_of(const rd_kafka_message_t& message) {
  messaging::Headers headers;
  rd_kafka_headers_t* list = nullptr;
  if (rd_kafka_message_headers(&message, &list) != RD_KAFKA_RESP_ERR_NO_ERROR) return headers;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0;
       rd_kafka_header_get_all(list, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) {
    headers.emplace_back(name, std::string{static_cast<const char*>(value), size});
  }
  return headers;
}

}  // namespace

void MessageDeleter::operator()(rd_kafka_message_s* message) const noexcept {
  rd_kafka_message_destroy(message);
}

void PartitionListDeleter::operator()(rd_kafka_topic_partition_list_s* list) const noexcept {
  rd_kafka_topic_partition_list_destroy(list);
}

messaging::StoredRecord to_record(const rd_kafka_message_s& message) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::chrono::milliseconds timestamp{rd_kafka_message_timestamp(&message, &type)};
  return {.offset = static_cast<std::uint64_t>(message.offset),
          .record = {.key = std::string{static_cast<const char*>(message.key), message.key_len},
                     .value = std::string{static_cast<const char*>(message.payload), message.len},
                     .headers = headers_of(message),
                     .timestamp = timestamp}};
}

}  // namespace headgate::kafka
