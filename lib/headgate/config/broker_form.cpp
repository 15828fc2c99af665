#include "headgate/config/broker_form.hpp"

#include <fmt/format.h>

#include "headgate/config/request_form.hpp"
#include "headgate/config/value.hpp"

namespace headgate::config {
namespace {

// Where the packing of events ends; far beyond what a cluster holds.
constexpr std::uint32_t kTopicPartsMax = 100'000;
constexpr std::size_t kTopicsMax = 1000;

using Topic = BrokerTopicConfig;

/// `all`, `1` or `0`: a word, though two of them look like numbers.
Form<Acks> acks() {
  return {[](const Node& node, Reading& reading) -> std::optional<Acks> {
            if (node.kind == Node::Kind::kScalar) {
              if (node.text == "all" || node.text == "-1") return Acks::kAll;
              if (node.text == "1") return Acks::kLeader;
              if (node.text == "0") return Acks::kNone;
            }
            reading.expected(node, "whose acknowledgement is awaited: all, 1 or 0");
            return std::nullopt;
          },
          R"({"enum":["all",-1,1,0]})"};
}

Form<Assignment> assignment() {
  return checked(word({"range", "roundrobin"}), [](const std::string& written) {
    return Result<Assignment>{written == "range" ? Assignment::kRange : Assignment::kRoundRobin};
  });
}

Form<Bytes> positive_bytes() {
  return checked(bytes(), [](Bytes size) -> Result<Bytes> {
    if (size.count == 0) return failed(Errc::kInvalidArgument, {}, "must be more than 0 bytes");
    return size;
  });
}

Form<BatchConfig> batch() {
  return Object<BatchConfig>("a batch")
      .optional("records", &BatchConfig::records, small(1), "at most", "10000")
      .optional("bytes", &BatchConfig::bytes, positive_bytes(), "at most", "1000000B")
      .form();
}

Form<KeysConfig> keys() {
  return Object<KeysConfig>("keys", "{count: 100k, zipf: 1}")
      .required(
          "count", [](KeysConfig& keys) -> std::uint64_t& { return keys.count; },
          checked(whole(1, 10'000'000),
                  [](std::int64_t count) {
                    return Result<std::uint64_t>{static_cast<std::uint64_t>(count)};
                  }),
          "different keys: the numbers from 0, as text")
      .optional("zipf", &KeysConfig::zipf, number(0, 10), "key k has the weight 1 / (k + 1)^zipf",
                "0")
      .form();
}

Form<FetchConfig> fetch() {
  return Object<FetchConfig>("a fetch")
      .optional("wait", &FetchConfig::wait, duration(), "for min_bytes, at most", "500ms")
      .optional("min_bytes", &FetchConfig::min_bytes, positive_bytes(), "to be answered at once",
                "1B")
      .optional("max_records", &FetchConfig::max_records, small(1), "of one answer", "500")
      .form();
}

Form<RetentionConfig> retention() {
  auto by_both =
      Object<RetentionConfig>("a retention", "{time: 7d, bytes: 1GiB}")
          .optional("time", &RetentionConfig::time, positive_duration(),
                    "after which a record is deleted", "168h")
          .optional("bytes", &RetentionConfig::bytes, positive_bytes(),
                    "of a partition; beyond it the oldest records are deleted", "unlimited")
          .form();
  auto by_time = checked(positive_duration(), [](Duration time) {
    return Result<RetentionConfig>{RetentionConfig{.time = time, .bytes = {}}};
  });
  return scalar_or(by_time, by_both);
}

void add_producer(Object<Topic>& topic) {
  topic.optional("linger", &Topic::linger, duration(), "of a batch, from its first record", "5ms")
      .optional("batch", &Topic::batch, batch(), "when it is sent earlier")
      .optional("record", &Topic::record, positive_bytes(), "size of a record", "100B")
      .optional("buffer", &Topic::buffer, small(1),
                "records of the producer not yet acknowledged; over them: refused", "100000")
      .optional("in_flight", &Topic::in_flight, small(1), "requests of a partition under way",
                "1000000")
      .optional("message_timeout", &Topic::message_timeout, positive_duration(),
                "after which the producer gives a record up", "5m")
      .optional("acks", &Topic::acks, acks(), "who must have a record: all in sync, 1 or 0", "all")
      .optional("keys", &Topic::keys, keys(), "by whose hash the partition is chosen",
                "none: partitions in turn");
}

void add_brokers(Object<Topic>& topic) {
  topic.optional("network", &Topic::network, distribution(), "one way, for clients", "0ms")
      .optional("append", &Topic::append, distribution(), "of a batch to its partition", "0ms")
      .optional("follower", &Topic::follower, distribution(),
                "until a follower has fetched a batch", "0ms")
      .optional("replicas", &Topic::replicas, small(1, 100), "of each partition", "1")
      .optional("min_insync", &Topic::min_insync, small(1, 100),
                "replicas in sync, or acks=all is not let in", "1")
      .optional("retention", &Topic::retention, retention(), "what is deleted, read or not",
                "168h");
}

void add_group(Object<Topic>& topic) {
  topic.optional("consumers", &Topic::consumers, small(1, kTopicPartsMax), "of the group", "1")
      .optional("process", &Topic::process, distribution(),
                "of one record; a consumer takes one at a time", "0ms")
      .optional("fetch", &Topic::fetch, fetch(), "how records are asked for")
      .optional("assignment", &Topic::assignment, assignment(),
                "of partitions to consumers: range or roundrobin", "range")
      .optional("commit", &Topic::commit, duration(), "between two; 0s: after each record", "5s")
      .optional("session_timeout", &Topic::session_timeout, positive_duration(),
                "after which a dead consumer is noticed", "45s")
      .optional("rebalance", &Topic::rebalance, duration(), "nobody reads for so long", "3s");
}

Form<Topic> broker_topic() {
  Object<Topic> topic("a topic");
  topic.optional("partitions", &Topic::partitions, small(1, kTopicPartsMax), "how many", "1");
  add_producer(topic);
  add_brokers(topic);
  add_group(topic);
  topic.then([](const Node& node, Reading& reading, Topic& written) {
    if (written.min_insync <= written.replicas) return;
    const Node* at = node.find("min_insync");
    reading.error(
        "GW001", at == nullptr ? node.at : at->at,
        fmt::format("min_insync {} is more than the {} replica{} there are", written.min_insync,
                    written.replicas, written.replicas == 1 ? "" : "s"),
        "no record would ever be let in");
  });
  return topic.form();
}

Form<BrokerQueueConfig> broker_queue() {
  using Queue = BrokerQueueConfig;
  return Object<Queue>("a queue")
      .optional("consumers", &Queue::consumers, small(1, kTopicPartsMax), "who work it off", "1")
      .optional("process", &Queue::process, distribution(),
                "of one message; a consumer takes one at a time", "0ms")
      .optional("fails", &Queue::fails, share(), "of deliveries; they are given back", "0%")
      .optional("crashes", &Queue::crashes, share(),
                "of deliveries; they come back when their lease ends", "0%")
      .optional("retry_delay", &Queue::retry_delay, duration(), "of what was given back", "0s")
      .then([](const Node& node, Reading& reading, Queue& queue) {
        if (queue.fails.of_one + queue.crashes.of_one <= 1) return;
        reading.error("GW001", node.at, "fails and crashes are more than 100% together");
      })
      .form();
}

Form<SubscriberConfig> subscriber() {
  return Object<SubscriberConfig>("a subscriber", "{to: orders.*, process: {exponential: 1ms}}")
      .required("to", &SubscriberConfig::to, text(), "topics: `*` is any part, a last `>` the rest")
      .optional("process", &SubscriberConfig::process, distribution(),
                "of one event; one at a time", "0ms")
      .form();
}

}  // namespace

Form<BrokerConfig> broker() {
  return Object<BrokerConfig>("a broker")
      .optional("topics", &BrokerConfig::topics, by_name(broker_topic()), "of Kafka, by name")
      .optional("queues", &BrokerConfig::queues, by_name(broker_queue()),
                "who works off the gateway's queues, by name")
      .optional("subscribers", &BrokerConfig::subscribers, by_name(subscriber()),
                "who handles what the gateway publishes, by name")
      .then([](const Node& node, Reading& reading, BrokerConfig& broker) {
        if (broker.topics.size() <= kTopicsMax) return;
        reading.error("GW001", node.at, fmt::format("more than {} topics", kTopicsMax));
      })
      .form();
}

}  // namespace headgate::config
