#include "headgate/kafka/follower.hpp"

#include <librdkafka/rdkafka.h>

#include <utility>

#include "headgate/kafka/message.hpp"

namespace headgate::kafka {
namespace {

/// A broker that went away is an event, not an answer.
bool is_event(rd_kafka_resp_err_t code) noexcept {
  return code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ||
         code == RD_KAFKA_RESP_ERR__PARTITION_EOF;
}

}  // namespace

Result<std::unique_ptr<Follower>> Follower::make(const ClientOptions& options,
                                                 const std::vector<From>& topics) {
  Settings settings = common_settings(options);
  settings.emplace_back("group.id", "headgate-follower");  // asked for by assign(); never joined
  settings.emplace_back("enable.auto.commit", "false");
  settings.emplace_back("isolation.level", "read_committed");
  settings.emplace_back("auto.offset.reset", "error");  // nothing is left out unseen
  settings.emplace_back("check.crcs", "true");
  settings.emplace_back("fetch.wait.max.ms", "100");
  settings.emplace_back("queued.max.messages.kbytes", "16384");
  auto handle = make_handle(Role::kConsumer, settings);
  if (!handle) return std::unexpected(std::move(handle.error()));
  rd_kafka_poll_set_consumer(handle->get());
  const PartitionList list{rd_kafka_topic_partition_list_new(static_cast<int>(topics.size()))};
  for (const From& from : topics) {
    rd_kafka_topic_partition_list_add(list.get(), from.topic.c_str(), 0)->offset =
        static_cast<std::int64_t>(from.offset);
  }
  const auto code = rd_kafka_assign(handle->get(), list.get());
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return std::unexpected(to_error(code, topics.empty() ? "" : topics.front().topic));
  }
  return std::unique_ptr<Follower>(new Follower(std::move(*handle), topics));
}

Follower::Follower(Handle handle, const std::vector<From>& topics)
    : handle_(std::move(handle)), queue_(rd_kafka_queue_get_consumer(handle_.get())) {
  for (std::size_t i = 0; i < topics.size(); ++i) indices_.emplace(topics[i].topic, i);
}

Follower::~Follower() { queue_.reset(); }

Result<std::vector<Follower::Got>> Follower::next(std::size_t max, Duration wait) {
  // A batch is waited for until it is full or the time is over, so only the first is waited for.
  std::vector<rd_kafka_message_t*> batch(max, nullptr);
  batch[0] = rd_kafka_consumer_poll(handle_.get(), to_milliseconds(wait));
  std::size_t count = batch[0] == nullptr ? 0 : 1;
  if (count == 1 && max > 1) {
    const ssize_t more = rd_kafka_consume_batch_queue(queue_.get(), 0, &batch[1], max - 1);
    if (more > 0) count += static_cast<std::size_t>(more);
  }
  std::vector<Got> got;
  got.reserve(count);
  Result<void> good;
  for (std::size_t i = 0; i < count; ++i) {
    const Message message{batch[i]};
    if (is_event(message->err)) continue;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      good = std::unexpected(to_error(message->err, "kafka"));
      continue;
    }
    const auto index = indices_.find(std::string_view{rd_kafka_topic_name(message->rkt)});
    if (index != indices_.end()) got.push_back({index->second, to_record(*message)});
  }
  if (!good) return std::unexpected(good.error());
  return got;
}

}  // namespace headgate::kafka
