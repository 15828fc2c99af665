#include "headgate/gateway/topic_view.hpp"

#include <algorithm>
#include <utility>

#include "headgate/core/text.hpp"
#include "headgate/journal/reader.hpp"
#include "headgate/kafka/kafka_log.hpp"

namespace headgate::gateway {

struct TopicView::Reader {
  std::unique_ptr<messaging::Log> log;
  journal::JournalReader* journal = nullptr;  // `log`, if it is one
};

namespace {

struct Place {
  std::string topic;
  std::string store;
};

/// Every topic that the config speaks of.
std::vector<Place> places(const config::GatewayConfig& config) {
  std::vector<Place> found;
  found.reserve(config.topics.size() + 2 * config.queues.size());
  for (const auto& topic : config.topics) found.push_back({topic.name, topic.store});
  for (const auto& queue : config.queues) {
    found.push_back({queue.name, queue.store});
    if (!queue.dead_letter.empty()) found.push_back({queue.dead_letter, queue.store});
  }
  return found;
}

std::unexpected<Error> no_such_topic(std::string_view topic, const std::vector<Place>& known) {
  std::vector<std::string_view> names;
  names.reserve(known.size());
  std::string all;
  for (const Place& each : known) {
    names.push_back(each.topic);
    all.append(all.empty() ? "" : ", ").append(each.topic);
  }
  std::string why = "the config has no such topic or queue";
  if (const std::string_view near = nearest_word(topic, names); !near.empty()) {
    why.append("; did you mean ").append(near).append("?");
  } else if (!all.empty()) {
    why.append("; it has ").append(all);
  }
  return failed(Errc::kNotFound, std::string{topic}, std::move(why));
}

std::string_view to_text(config::Durability durability) noexcept {
  switch (durability) {
    case config::Durability::kMemory:
      return "memory";
    case config::Durability::kOs:
      return "os";
    case config::Durability::kDisk:
      break;
  }
  return "disk";
}

}  // namespace

TopicView::TopicView(TopicView&&) noexcept = default;
TopicView& TopicView::operator=(TopicView&&) noexcept = default;
TopicView::~TopicView() = default;

Result<TopicView> TopicView::open(const config::GatewayConfig& config, std::string_view topic) {
  const std::vector<Place> known = places(config);
  const auto found = std::ranges::find(known, topic, &Place::topic);
  if (found == known.end()) return no_such_topic(topic, known);
  const config::StoreConfig* store = config.find_store(found->store);
  if (store == nullptr) return failed(Errc::kNotFound, found->store, "there is no such store");

  TopicView view;
  view.topic_ = topic;
  view.facts_.store = store->name;
  view.reader_ = std::make_unique<Reader>();
  if (const auto* journal = std::get_if<config::JournalStore>(&store->kind)) {
    auto opened = journal::JournalReader::open(journal->dir);
    if (!opened) return std::unexpected(opened.error());
    view.facts_.kind = "journal";
    view.facts_.durability = to_text(journal->durability);
    view.folder_ = journal->dir;
    view.reader_->journal = opened->get();
    view.reader_->log = *std::move(opened);
  } else if (const auto* kafka = std::get_if<config::KafkaStore>(&store->kind)) {
    auto opened = kafka::KafkaLog::open({.bootstrap = kafka->bootstrap});
    if (!opened) return std::unexpected(opened.error());
    view.facts_.kind = "kafka";
    view.facts_.durability = messaging::to_text((*opened)->durability());
    view.reader_->log = *std::move(opened);
  } else {
    return failed(Errc::kInvalidArgument, store->name,
                  "a memory store lives only in the running gateway; use a journal or kafka to "
                  "look at its topics from outside");
  }
  // A topic that is not there yet fails here and not at its first use.
  if (const auto marks = view.watermarks(); !marks) return std::unexpected(marks.error());
  return view;
}

Result<void> TopicView::refresh() {
  if (reader_->journal == nullptr) return {};  // a broker is asked anew each time
  const auto news = reader_->journal->refresh();
  if (!news) return std::unexpected(news.error());
  return {};
}

Result<messaging::Watermarks> TopicView::watermarks() const {
  return reader_->log->watermarks(topic_);
}

Result<std::vector<messaging::StoredRecord>> TopicView::read(std::uint64_t from,
                                                             messaging::ReadLimits limits) const {
  return reader_->log->read(topic_, from, limits);
}

Result<TopicFacts> TopicView::facts() const {
  TopicFacts facts = facts_;
  const auto marks = watermarks();
  if (!marks) return std::unexpected(marks.error());
  facts.marks = *marks;
  auto consumers = messaging::load_positions(*reader_->log, topic_);
  if (!consumers) return std::unexpected(consumers.error());
  facts.consumers = std::move(*consumers);
  if (reader_->journal != nullptr) {
    const auto bytes = reader_->journal->payload_bytes(topic_);
    if (!bytes) return std::unexpected(bytes.error());
    const auto usage = reader_->journal->usage();
    if (!usage) return std::unexpected(usage.error());
    facts.bytes = *bytes;
    facts.segments = usage->segments;
  }
  return facts;
}

bus::Event event_of(const messaging::StoredRecord& stored, std::string_view topic) {
  if (auto event = bus::from_record(stored.record)) return *std::move(event);
  bus::Event event;
  event.id = std::string{topic} + "/" + std::to_string(stored.offset);
  event.source = std::string{"/topics/"}.append(topic);
  event.type = "headgate.record";
  event.time = stored.record.timestamp;
  event.datacontenttype = "application/octet-stream";
  event.data = stored.record.value;
  return event;
}

}  // namespace headgate::gateway
