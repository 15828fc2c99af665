#include "headgate/kafka/admin.hpp"

#include <librdkafka/rdkafka.h>

#include <array>
#include <span>

namespace headgate::kafka {
namespace {

struct MetadataDeleter {
  void operator()(const rd_kafka_metadata_t* metadata) const noexcept {
    rd_kafka_metadata_destroy(metadata);
  }
};
struct NewTopicDeleter {
  void operator()(rd_kafka_NewTopic_t* topic) const noexcept { rd_kafka_NewTopic_destroy(topic); }
};
struct OptionsDeleter {
  void operator()(rd_kafka_AdminOptions_t* options) const noexcept {
    rd_kafka_AdminOptions_destroy(options);
  }
};
struct TopicDeleter {
  void operator()(rd_kafka_topic_t* topic) const noexcept { rd_kafka_topic_destroy(topic); }
};

/// The result of the one topic that was asked for.
Result<void> outcome(rd_kafka_event_t* event, const std::string& topic) {
  if (event == nullptr) return failed(Errc::kTimeout, topic, "no broker answered");
  if (const auto code = rd_kafka_event_error(event)) return std::unexpected(to_error(code, topic));
  std::size_t count = 0;
  const auto* results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), &count);
  for (const rd_kafka_topic_result_t* result : std::span{results, count}) {
    const auto code = rd_kafka_topic_result_error(result);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) {
      return std::unexpected(to_error(code, topic));
    }
  }
  return {};
}

/// The broker that makes a topic answers before the others (and its own cache) know it.
Result<void> wait_until_known(rd_kafka_s* handle, const std::string& topic, Duration limit) {
  constexpr Duration kAsk = std::chrono::milliseconds{50};
  for (Duration waited{}; waited < limit; waited += kAsk) {
    const auto found = list_topics(handle, limit, topic);
    if (found && !found->empty() && found->front().partitions > 0) {
      if (found->front().partitions == 1) return {};
      return failed(Errc::kInvalidConfig, topic,
                    "has " + std::to_string(found->front().partitions) +
                        " partitions; a log has one order, so it needs a topic with one partition");
    }
    std::this_thread::sleep_for(kAsk);
  }
  return failed(Errc::kTimeout, topic, "was made, but no broker knows it yet");
}

}  // namespace

Result<std::vector<TopicInfo>> list_topics(rd_kafka_s* handle, Duration limit,
                                           const std::string& topic) {
  std::unique_ptr<rd_kafka_topic_t, TopicDeleter> only;
  if (!topic.empty()) only.reset(rd_kafka_topic_new(handle, topic.c_str(), nullptr));
  const rd_kafka_metadata_t* answer = nullptr;
  const auto code =
      rd_kafka_metadata(handle, topic.empty() ? 1 : 0, only.get(), &answer, to_milliseconds(limit));
  const std::unique_ptr<const rd_kafka_metadata_t, MetadataDeleter> owner{answer};
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(to_error(code, "kafka"));
  std::vector<TopicInfo> topics;
  for (const auto& found : std::span{answer->topics, static_cast<std::size_t>(answer->topic_cnt)}) {
    if (found.err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    topics.push_back({.name = found.topic, .partitions = found.partition_cnt});
  }
  return topics;
}

Result<void> create_topic(rd_kafka_s* handle, const std::string& topic, Duration limit) {
  std::array<char, 256> why{};
  constexpr int kDefaultReplication = -1;
  const std::unique_ptr<rd_kafka_NewTopic_t, NewTopicDeleter> wanted{
      rd_kafka_NewTopic_new(topic.c_str(), 1, kDefaultReplication, why.data(), why.size())};
  if (!wanted) return failed(Errc::kInvalidArgument, topic, why.data());
  const std::unique_ptr<rd_kafka_AdminOptions_t, OptionsDeleter> options{
      rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_CREATETOPICS)};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), to_milliseconds(limit), why.data(),
                                            why.size());
  const Queue queue{rd_kafka_queue_new(handle)};
  std::array<rd_kafka_NewTopic_t*, 1> topics{wanted.get()};
  rd_kafka_CreateTopics(handle, topics.data(), topics.size(), options.get(), queue.get());
  const Event event{rd_kafka_queue_poll(queue.get(), to_milliseconds(limit))};
  if (auto made = outcome(event.get(), topic); !made) return made;
  return wait_until_known(handle, topic, limit);
}

}  // namespace headgate::kafka
