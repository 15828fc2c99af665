#include "headgate/load/fleet/link.hpp"

#include <algorithm>
#include <atomic>
#include <random>

#include "headgate/bus/event.hpp"
#include "headgate/core/check.hpp"
#include "headgate/kafka/follower.hpp"
#include "headgate/kafka/kafka_log.hpp"
#include "headgate/load/fleet/tcp_link.hpp"
#include "headgate/messaging/log.hpp"

namespace headgate::load::fleet {
namespace {

constexpr std::string_view kType = "headgate.load.";
constexpr std::string_view kTopicDefault = "headgate-load";
constexpr std::size_t kNewsBatch = 100;

/// Of this process: with a number behind it, the id of an event.
std::string new_id() {
  static const std::uint64_t process = [] {
    std::random_device entropy;
    return std::uint64_t{entropy()} << 32 | entropy();
  }();
  static std::atomic<std::uint64_t> count = 0;
  return std::to_string(process) + "-" + std::to_string(++count);
}

bus::Event to_event(const News& news) {
  bus::Event event;
  event.id = new_id();
  event.source = "/loadgen";
  event.type = std::string{kType} + news.kind;
  if (!news.run.empty()) event.subject = news.run;
  if (!news.agent.empty()) event.extensions["agent"] = news.agent;
  event.data = news.data;
  return event;
}

class KafkaLink final : public Link {
 public:
  KafkaLink(std::unique_ptr<kafka::KafkaLog> log, std::unique_ptr<kafka::Follower> follower,
            std::string bus, std::string topic)
      : log_{std::move(log)},
        follower_{std::move(follower)},
        bus_{std::move(bus)},
        topic_{std::move(topic)} {}

  Result<void> publish(const News& news) override {
    auto record = bus::to_record(to_event(news));
    if (!record) return std::unexpected(record.error());
    messaging::TopicRecord each;
    each.topic = topic_;
    each.record = *std::move(record);
    auto done = messaging::append_and_wait(*log_, {std::move(each)});
    if (!done) return std::unexpected(done.error());
    return {};
  }
  Result<std::vector<News>> next(Duration wait) override {
    const auto got = follower_->next(kNewsBatch, wait);
    if (!got) return std::unexpected(got.error());
    std::vector<News> all;
    for (const auto& each : *got) {
      if (auto news = from_line(each.stored.record.value)) all.push_back(*std::move(news));
    }
    return all;
  }
  [[nodiscard]] std::string address() const override { return bus_; }

 private:
  std::unique_ptr<kafka::KafkaLog> log_;
  std::unique_ptr<kafka::Follower> follower_;
  std::string bus_;
  std::string topic_;
};

Result<std::unique_ptr<Link>> join_kafka(std::string_view bus, std::string_view place) {
  const std::size_t slash = std::min(place.find('/'), place.size());
  const kafka::ClientOptions options{.bootstrap = std::string{place.substr(0, slash)},
                                     .linger = std::chrono::milliseconds{1}};
  std::string topic{place.substr(std::min(slash + 1, place.size()))};
  if (topic.empty()) topic = kTopicDefault;
  auto log = kafka::KafkaLog::open(options);
  if (!log) return std::unexpected(log.error());
  if (auto made = (*log)->create_topic(topic); !made) return std::unexpected(made.error());
  const auto marks = (*log)->watermarks(topic);
  if (!marks) return std::unexpected(marks.error());
  auto follower = kafka::Follower::make(options, {{topic, marks->end}});
  if (!follower) return std::unexpected(follower.error());
  return std::make_unique<KafkaLink>(*std::move(log), *std::move(follower), std::string{bus},
                                     std::move(topic));
}

}  // namespace

std::string to_line(const News& news) {
  auto text = bus::encode(to_event(news));
  HG_ASSERT(text.has_value());
  return *std::move(text) + "\n";
}

Result<News> from_line(std::string_view line) {
  auto event = bus::decode(line);
  if (!event) return std::unexpected(event.error());
  if (!event->type.starts_with(kType)) {
    return failed(Errc::kInvalidArgument, "/type", "is not of a load generator");
  }
  News news;
  news.kind = event->type.substr(kType.size());
  news.run = event->subject.value_or("");
  if (const auto found = event->extensions.find("agent"); found != event->extensions.end()) {
    if (const auto* name = std::get_if<std::string>(&found->second)) news.agent = *name;
  }
  news.data = event->data.value_or("{}");
  return news;
}

Result<std::unique_ptr<Link>> join(std::string_view bus, Role role) {
  constexpr std::string_view kKafka = "kafka:";
  constexpr std::string_view kTcp = "tcp:";
  if (bus.starts_with(kKafka) && bus.substr(kKafka.size()).contains(':')) {
    return join_kafka(bus, bus.substr(kKafka.size()));
  }
  if (bus.starts_with(kTcp)) {
    const auto address = net::Address::parse(bus.substr(kTcp.size()));
    if (!address) return std::unexpected(address.error());
    if (role == Role::kCoordinator) return TcpHub::listen(*address);
    return std::make_unique<TcpMember>(*address);
  }
  return failed(Errc::kInvalidArgument, std::string{bus},
                "a bus is written tcp:HOST:PORT or kafka:HOST:PORT[/TOPIC]");
}

}  // namespace headgate::load::fleet
