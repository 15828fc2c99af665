#include "headgate/kafka/kafka_log.hpp"

#include <algorithm>
#include <random>
#include <utility>

#include "headgate/kafka/admin.hpp"

namespace headgate::kafka {
namespace {

using messaging::AppendDone;
using messaging::BatchDone;
using messaging::Record;
using messaging::StoredRecord;
using messaging::TopicRecord;
using messaging::Watermarks;

/// Two logs with one name would fence each other off, so each draws its own.
std::string transactional_id() {
  std::random_device entropy;
  return "headgate-" + std::to_string(entropy()) + "-" + std::to_string(entropy());
}

std::vector<std::string> usable(const std::vector<TopicInfo>& topics) {
  std::vector<std::string> names;
  for (const TopicInfo& topic : topics) {
    if (topic.partitions == 1) names.push_back(topic.name);
  }
  return names;
}

}  // namespace

Result<std::unique_ptr<KafkaLog>> KafkaLog::open(ClientOptions options) {
  auto producer = Producer::make(options);
  if (!producer) return std::unexpected(std::move(producer.error()));
  auto reader = Reader::make(options);
  if (!reader) return std::unexpected(std::move(reader.error()));
  const auto topics = list_topics((*producer)->handle(), options.answer_timeout);
  if (!topics) {
    return failed(Errc::kUnavailable, options.bootstrap,
                  "no Kafka broker answers (" + topics.error().why + ")");
  }
  return std::unique_ptr<KafkaLog>(
      new KafkaLog(std::move(options), std::move(*producer), std::move(*reader), usable(*topics)));
}

KafkaLog::KafkaLog(ClientOptions options, std::unique_ptr<Producer> producer,
                   std::unique_ptr<Reader> reader, const std::vector<std::string>& topics)
    : options_(std::move(options)),
      producer_(std::move(producer)),
      reader_(std::move(reader)),
      transactor_(options_, transactional_id()),
      known_(topics.begin(), topics.end()) {}

KafkaLog::~KafkaLog() {
  // What is still unanswered then is failed, one by one, by the members' own ends.
  const auto flushed = flush(options_.answer_timeout);
  static_cast<void>(flushed);
}

bool KafkaLog::is_known(std::string_view topic) const {
  const std::scoped_lock lock{mutex_};
  return known_.contains(topic);
}

void KafkaLog::append(std::string_view topic, Record record, AppendDone done) {
  if (!is_known(topic)) return done(messaging::unknown_topic(topic));
  producer_->append(topic, record, std::move(done));
}

void KafkaLog::append_all(std::vector<TopicRecord> batch, BatchDone done) {
  const auto unknown = std::ranges::find_if(
      batch, [this](const TopicRecord& each) { return !is_known(each.topic); });
  if (unknown != batch.end()) return done(messaging::unknown_topic(unknown->topic));
  if (batch.empty()) return done(std::vector<std::uint64_t>{});
  if (batch.size() == 1) {
    // One record is there whole or not at all without a transaction, which would cost round trips.
    return producer_->append(batch.front().topic, batch.front().record,
                             [done = std::move(done)](const Result<std::uint64_t>& offset) mutable {
                               if (!offset) return done(std::unexpected(offset.error()));
                               done(std::vector{*offset});
                             });
  }
  transactor_.append_all(std::move(batch), std::move(done));
}

Result<std::vector<StoredRecord>> KafkaLog::read(std::string_view topic, std::uint64_t from,
                                                 messaging::ReadLimits limits) const {
  if (!is_known(topic)) return messaging::unknown_topic(topic);
  return reader_->read(std::string{topic}, from, limits);
}

Result<Watermarks> KafkaLog::watermarks(std::string_view topic) const {
  if (!is_known(topic)) return messaging::unknown_topic(topic);
  return reader_->watermarks(std::string{topic});
}

Result<void> KafkaLog::flush(Duration deadline) {
  auto appended = producer_->flush(deadline);
  auto committed = transactor_.flush(deadline);
  return appended ? committed : appended;
}

Result<void> KafkaLog::create_topic(std::string_view name) {
  if (auto valid = messaging::check_topic_name(name); !valid) return valid;
  const std::string topic{name};
  auto made = kafka::create_topic(producer_->handle(), topic, options_.answer_timeout);
  if (!made) return made;
  const std::scoped_lock lock{mutex_};
  known_.insert(topic);
  return {};
}

std::vector<std::string> KafkaLog::topics() const {
  const std::scoped_lock lock{mutex_};
  return {known_.begin(), known_.end()};
}

}  // namespace headgate::kafka
