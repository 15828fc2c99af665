#include "headgate/load/messages/store.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "headgate/journal/journal.hpp"
#include "headgate/kafka/follower.hpp"
#include "headgate/kafka/kafka_log.hpp"

namespace headgate::load::messages {
namespace {

/// Clients of one process beyond it share: each is some threads.
constexpr std::size_t kClientsMax = 16;
constexpr std::size_t kBatchRecords = 1000;

class LogSource final : public Source {
 public:
  LogSource(messaging::Log& log, std::vector<From> topics, Bell& bell)
      : log_{log}, topics_{std::move(topics)}, bell_{bell} {}

  Result<std::vector<Got>> next(Duration wait) override {
    const std::uint64_t seen = bell_.rings();
    auto got = look();
    if (!got || !got->empty()) return got;
    bell_.wait(seen, wait);
    return look();
  }

 private:
  /// The first topic in turn that has something.
  Result<std::vector<Got>> look() {
    std::vector<Got> got;
    for (std::size_t i = 0; i < topics_.size() && got.empty(); ++i) {
      turn_ = (turn_ + 1) % topics_.size();
      From& from = topics_[turn_];
      auto records = log_.read(from.topic, from.offset, {.max_records = kBatchRecords});
      if (!records) return std::unexpected(records.error());
      if (records->empty()) continue;
      from.offset = records->back().offset + 1;
      got.reserve(records->size());
      for (auto& stored : *records) got.push_back({turn_, std::move(stored)});
    }
    return got;
  }

  messaging::Log& log_;
  std::vector<From> topics_;
  Bell& bell_;
  std::size_t turn_ = 0;
};

class KafkaSource final : public Source {
 public:
  explicit KafkaSource(std::unique_ptr<kafka::Follower> follower)
      : follower_{std::move(follower)} {}

  Result<std::vector<Got>> next(Duration wait) override {
    auto arrived = follower_->next(kBatchRecords, wait);
    if (!arrived) return std::unexpected(arrived.error());
    std::vector<Got> got;
    got.reserve(arrived->size());
    for (auto& each : *arrived) got.push_back({each.topic, std::move(each.stored)});
    return got;
  }

 private:
  std::unique_ptr<kafka::Follower> follower_;
};

messaging::Durability store_durability(config::Durability durability) noexcept {
  if (durability == config::Durability::kMemory) return messaging::Durability::kMemory;
  if (durability == config::Durability::kOs) return messaging::Durability::kOs;
  return messaging::Durability::kDisk;
}

Result<void> check_durability(const config::BusPlan& plan, config::Durability only,
                              const char* why) {
  if (!plan.durability || *plan.durability == only) return {};
  return failed(Errc::kInvalidConfig, "durability", why);
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const config::BusPlan& plan, std::size_t producers) {
  std::unique_ptr<Store> store{new Store};
  if (std::holds_alternative<config::MemoryStore>(plan.store.kind)) {
    auto good = check_durability(plan, config::Durability::kMemory,
                                 "the memory store cannot give more than memory");
    if (!good) return std::unexpected(good.error());
    auto memory = std::make_unique<messaging::MemoryLog>(messaging::MemoryLog::Options{
        .max_bytes = plan.memory, .max_records = std::numeric_limits<std::size_t>::max()});
    store->memory_ = memory.get();
    store->kind_ = "memory";
    store->logs_.push_back(std::move(memory));
  } else if (const auto* files = std::get_if<config::JournalStore>(&plan.store.kind)) {
    auto journal = journal::Journal::open(
        {.directory = files->dir,
         .durability = store_durability(plan.durability.value_or(files->durability))});
    if (!journal) return std::unexpected(journal.error());
    store->kind_ = "journal";
    store->logs_.push_back(*std::move(journal));
  } else {
    auto good = check_durability(plan, config::Durability::kOs,
                                 "Kafka acknowledges before it syncs: os is all it can give");
    if (!good) return std::unexpected(good.error());
    store->bootstrap_ = std::get<config::KafkaStore>(plan.store.kind).bootstrap;
    store->kind_ = "kafka";
    for (std::size_t i = 0; i < std::clamp<std::size_t>(producers, 1, kClientsMax); ++i) {
      auto log = kafka::KafkaLog::open({.bootstrap = store->bootstrap_, .linger = plan.linger});
      if (!log) return std::unexpected(log.error());
      store->logs_.push_back(*std::move(log));
    }
  }
  store->main_ = store->logs_.front().get();
  return store;
}

Result<void> Store::create(const std::vector<std::string>& topics) {
  for (const std::string& topic : topics) {
    if (auto made = main_->create_topic(topic); !made) return made;
    for (const auto& log : logs_) {
      if (log.get() == main_) continue;
      if (auto made = log->create_topic(topic); !made) return made;
    }
  }
  return {};
}

Result<std::unique_ptr<Source>> Store::follow(const std::vector<From>& topics, Bell& bell) {
  if (bootstrap_.empty()) return std::make_unique<LogSource>(*main_, topics, bell);
  std::vector<kafka::Follower::From> from;
  from.reserve(topics.size());
  for (const From& each : topics) from.push_back({each.topic, each.offset});
  auto follower = kafka::Follower::make({.bootstrap = bootstrap_}, from);
  if (!follower) return std::unexpected(follower.error());
  return std::make_unique<KafkaSource>(*std::move(follower));
}

void Store::forget(const std::string& topic, std::uint64_t before) {
  if (memory_ != nullptr) memory_->forget(topic, before);
}

std::string_view Store::durability() const noexcept {
  return messaging::to_text(main_->durability());
}

}  // namespace headgate::load::messages
