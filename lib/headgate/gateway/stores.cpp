#include "headgate/gateway/stores.hpp"

#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/journal/journal.hpp"
#include "headgate/kafka/kafka_log.hpp"
#include "headgate/messaging/memory_log.hpp"

namespace headgate::gateway {
namespace {

std::unexpected<Error> at(const std::string& where, Error error) {
  error.where = error.where.empty() ? where : where + ": " + error.where;
  return std::unexpected(std::move(error));
}

messaging::Durability durability_of(config::Durability durability) noexcept {
  switch (durability) {
    case config::Durability::kMemory:
      return messaging::Durability::kMemory;
    case config::Durability::kOs:
      return messaging::Durability::kOs;
    case config::Durability::kDisk:
      break;
  }
  return messaging::Durability::kDisk;
}

/// What recovery cut off is said, even though it was never promised to anyone.
std::string remark(const std::string& store, const journal::RecoveryReport& report) {
  if (report.torn_at.empty()) return "";
  return "store " + store + ": cut an unfinished tail of " + std::to_string(report.torn_bytes) +
         " bytes at " + report.torn_at + "\n";
}

}  // namespace

Result<std::unique_ptr<Stores>> Stores::open(const config::GatewayConfig& config) {
  std::unique_ptr<Stores> stores{new Stores};
  for (const config::StoreConfig& store : config.stores) {
    if (auto opened = stores->open_store(store); !opened) {
      return at("stores/" + store.name, opened.error());
    }
  }
  for (const config::TopicConfig& topic : config.topics) {
    if (auto opened = stores->open_topic(topic.name, topic.store); !opened) {
      return at("topics/" + topic.name, opened.error());
    }
  }
  for (const config::QueueConfig& queue : config.queues) {
    if (auto opened = stores->open_queue(queue); !opened) {
      return at("queues/" + queue.name, opened.error());
    }
  }
  return stores;
}

Result<void> Stores::open_store(const config::StoreConfig& config) {
  if (std::holds_alternative<config::MemoryStore>(config.kind)) {
    logs_[config.name] = std::make_unique<messaging::MemoryLog>();
    return {};
  }
  if (const auto* kind = std::get_if<config::JournalStore>(&config.kind)) {
    auto opened = journal::Journal::open(
        {.directory = kind->dir, .durability = durability_of(kind->durability)});
    if (!opened) return std::unexpected(opened.error());
    remarks_ += remark(config.name, (*opened)->recovery());
    logs_[config.name] = *std::move(opened);
    return {};
  }
  auto opened =
      kafka::KafkaLog::open({.bootstrap = std::get<config::KafkaStore>(config.kind).bootstrap});
  if (!opened) return std::unexpected(opened.error());
  logs_[config.name] = *std::move(opened);
  return {};
}

Result<void> Stores::open_topic(const std::string& topic, const std::string& store) {
  const auto found = logs_.find(store);
  HG_ASSERT(found != logs_.end());  // lint refuses dangling references
  messaging::Log& log = *found->second;
  if (auto made = log.create_topic(topic); !made) return made;
  const Result<bus::Pattern> pattern = bus::Pattern::compile(topic);
  if (!pattern) return std::unexpected(pattern.error());
  bus_.subscribe(*pattern, log, topic);
  topics_[topic] = &log;
  return {};
}

Result<void> Stores::open_queue(const config::QueueConfig& config) {
  if (auto opened = open_topic(config.name, config.store); !opened) return opened;
  Result<queue::Queue> queue =
      queue::Queue::open(*topics_[config.name], {.name = config.name,
                                                 .lease = config.lease,
                                                 .max_deliveries = config.max_deliveries,
                                                 .dead_letter = config.dead_letter});
  if (!queue) return std::unexpected(queue.error());
  queues_.emplace(config.name, *std::move(queue));
  return {};
}

Result<void> Stores::flush(Duration deadline) {
  Result<void> result;
  for (const auto& [name, log] : logs_) {
    const Result<void> flushed = log->flush(deadline);
    if (!flushed && result) result = at("stores/" + name, flushed.error());
  }
  return result;
}

std::vector<Stores::TopicFigures> Stores::topics() const {
  std::vector<TopicFigures> figures;
  for (const auto& [name, log] : topics_) {
    const auto marks = log->watermarks(name);
    if (marks) figures.push_back({.name = name, .marks = *marks, .durability = log->durability()});
  }
  return figures;
}

std::vector<Stores::QueueFigures> Stores::queues() {
  std::vector<QueueFigures> figures;
  figures.reserve(queues_.size());
  for (auto& [name, queue] : queues_) figures.push_back({.name = name, .stats = queue.stats()});
  return figures;
}

}  // namespace headgate::gateway
