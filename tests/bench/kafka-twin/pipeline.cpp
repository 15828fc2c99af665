#include "pipeline.hpp"

#include <librdkafka/rdkafka.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "headgate/arrival/schedule.hpp"
#include "headgate/sim/draws.hpp"

namespace headgate::study {
namespace {

using Clock = std::chrono::steady_clock;
using Instant = Clock::time_point;

constexpr int kPatienceMs = 10'000;

struct HandleEnd {
  void operator()(rd_kafka_t* handle) const noexcept { rd_kafka_destroy(handle); }
};
using Client = std::unique_ptr<rd_kafka_t, HandleEnd>;

struct TopicEnd {
  void operator()(rd_kafka_topic_t* topic) const noexcept { rd_kafka_topic_destroy(topic); }
};
struct MessageEnd {
  void operator()(rd_kafka_message_t* message) const noexcept { rd_kafka_message_destroy(message); }
};
struct PartitionsEnd {
  void operator()(rd_kafka_topic_partition_list_t* list) const noexcept {
    rd_kafka_topic_partition_list_destroy(list);
  }
};

class Settings {
 public:
  Settings() : conf_(rd_kafka_conf_new()) {}
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;
  ~Settings() {
    if (conf_ != nullptr) rd_kafka_conf_destroy(conf_);
  }
  Settings& set(const char* name, const std::string& value) {
    std::array<char, 256> why{};
    if (rd_kafka_conf_set(conf_, name, value.c_str(), why.data(), why.size()) != RD_KAFKA_CONF_OK) {
      throw std::runtime_error(why.data());
    }
    return *this;
  }
  [[nodiscard]] rd_kafka_conf_t* get() const noexcept { return conf_; }
  Client client(rd_kafka_type_t type) {
    std::array<char, 256> why{};
    Client client{rd_kafka_new(type, conf_, why.data(), why.size())};
    if (!client) throw std::runtime_error(why.data());
    conf_ = nullptr;  // the client's now
    return client;
  }

 private:
  rd_kafka_conf_t* conf_;
};

void make_topic(rd_kafka_t* client, const PipelineOptions& options) {
  std::array<char, 256> why{};
  rd_kafka_NewTopic_t* wanted = rd_kafka_NewTopic_new(
      options.topic.c_str(), static_cast<int>(options.partitions), 1, why.data(), why.size());
  rd_kafka_queue_t* queue = rd_kafka_queue_new(client);
  rd_kafka_CreateTopics(client, &wanted, 1, nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, kPatienceMs);
  const bool made = event != nullptr && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR;
  if (event != nullptr) rd_kafka_event_destroy(event);
  rd_kafka_queue_destroy(queue);
  rd_kafka_NewTopic_destroy(wanted);
  if (!made) throw std::runtime_error("cannot make the topic " + options.topic);
}

// ---- The producer ----

struct Head {
  std::uint64_t number = 0;
  std::int64_t intended_ns = 0;  // after the start
};

struct Acknowledgements {
  const PipelineOptions* options = nullptr;
  Instant start = {};
  stats::Histogram produce_time = {};
  std::vector<std::string> statistics = {};
  std::uint64_t failed = 0;
};

void on_delivered(rd_kafka_t* /*client*/, const rd_kafka_message_t* message, void* opaque) {
  auto& acks = *static_cast<Acknowledgements*>(opaque);
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) ++acks.failed;
  Head head;
  std::memcpy(&head, message->payload, sizeof head);
  if (Duration{head.intended_ns} < acks.options->settle) return;
  acks.produce_time.record(Clock::now() - acks.start - Duration{head.intended_ns});
}

int on_statistics(rd_kafka_t* /*client*/, char* json, std::size_t size, void* opaque) {
  static_cast<Acknowledgements*>(opaque)->statistics.emplace_back(json, size);
  return 0;
}

Client make_producer(const PipelineOptions& options, Acknowledgements& acks) {
  Settings settings;
  settings.set("bootstrap.servers", options.bootstrap)
      .set("linger.ms", std::to_string(options.linger.count() / 1'000'000))
      .set("acks", "all")
      .set("socket.nagle.disable", "true")
      .set("statistics.interval.ms", "1000");
  rd_kafka_conf_set_opaque(settings.get(), &acks);
  rd_kafka_conf_set_dr_msg_cb(settings.get(), on_delivered);
  rd_kafka_conf_set_stats_cb(settings.get(), on_statistics);
  return settings.client(RD_KAFKA_PRODUCER);
}

void publish(rd_kafka_t* producer, const PipelineOptions& options, Instant start,
             std::atomic<std::uint64_t>& published) {
  const std::unique_ptr<rd_kafka_topic_t, TopicEnd> topic{
      rd_kafka_topic_new(producer, options.topic.c_str(), nullptr)};
  arrival::AnySchedule schedule{arrival::Arrivals{arrival::PoissonArrivals{options.rate}},
                                Random::stream(options.seed, "clients", 0, "arrival")};
  std::array<char, 100> payload{};
  for (std::uint64_t number = 0;; ++number) {
    const Duration at = schedule.next();
    if (at >= options.length) return;
    std::this_thread::sleep_until(start + at);
    const Head head{.number = number, .intended_ns = at.count()};
    std::memcpy(payload.data(), &head, sizeof head);
    if (rd_kafka_produce(topic.get(), static_cast<std::int32_t>(number % options.partitions),
                         RD_KAFKA_MSG_F_COPY, payload.data(), payload.size(), nullptr, 0,
                         nullptr) != 0) {
      throw std::runtime_error(rd_kafka_err2str(rd_kafka_last_error()));
    }
    ++published;
  }
}

/// The mean over the windows of a run, each by what it counted.
ClientStatistics statistics_of(const std::vector<std::string>& documents) {
  ClientStatistics means;
  double batches = 0;
  for (const std::string& document : documents) {
    const nlohmann::json parsed = nlohmann::json::parse(document);
    for (const auto& broker : parsed.at("brokers")) {
      const double count = broker.at("rtt").at("cnt");
      // The bootstrap entry of the same broker does nothing.
      if (count == 0 || broker.at("int_latency").at("cnt") == 0) continue;
      batches += count;
      const auto add = [&](double& sum, const char* window) {
        sum += broker.at(window).at("avg").get<double>() * count;
      };
      add(means.queued_us, "int_latency");
      add(means.sending_us, "outbuf_latency");
      add(means.round_trip_us, "rtt");
    }
  }
  if (batches == 0) throw std::runtime_error("librdkafka gave no statistics; run longer");
  means.queued_us /= batches;
  means.sending_us /= batches;
  means.round_trip_us /= batches;
  return means;
}

// ---- A consumer ----

struct Consumed {
  stats::Histogram age;
  std::uint64_t processed = 0;
  std::uint64_t in_time = 0;
  std::int64_t overhead_ns = 0;
};

Client make_consumer(const PipelineOptions& options, std::uint32_t partition) {
  Settings settings;
  settings.set("bootstrap.servers", options.bootstrap)
      .set("group.id", options.topic + ".group")
      .set("auto.offset.reset", "earliest")
      .set("socket.nagle.disable", "true");
  Client consumer = settings.client(RD_KAFKA_CONSUMER);
  rd_kafka_poll_set_consumer(consumer.get());
  const std::unique_ptr<rd_kafka_topic_partition_list_t, PartitionsEnd> list{
      rd_kafka_topic_partition_list_new(1)};
  rd_kafka_topic_partition_list_add(list.get(), options.topic.c_str(),
                                    static_cast<std::int32_t>(partition))
      ->offset = RD_KAFKA_OFFSET_BEGINNING;
  if (const auto code = rd_kafka_assign(consumer.get(), list.get())) {
    throw std::runtime_error(rd_kafka_err2str(code));
  }
  return consumer;
}

void consume(rd_kafka_t* consumer, const PipelineOptions& options, Instant start,
             const std::stop_token& stop, std::atomic<std::uint64_t>& processed, Consumed& to) {
  const sim::Draws draws{options.seed, "topics." + options.topic, "process"};
  const auto work = arrival::Distribution::exponential(options.work_mean).value();
  constexpr int kLookMs = 100;
  while (!stop.stop_requested()) {
    const std::unique_ptr<rd_kafka_message_t, MessageEnd> message{
        rd_kafka_consumer_poll(consumer, kLookMs)};
    if (!message || message->err != RD_KAFKA_RESP_ERR_NO_ERROR) continue;
    const Instant taken = Clock::now();
    Head head;
    std::memcpy(&head, message->payload, sizeof head);
    Random random = draws.of(head.number);
    const Duration time = work.sample(random);
    std::this_thread::sleep_until(taken + time);
    const Instant done = Clock::now();
    to.overhead_ns += (done - taken - time).count();
    ++to.processed;
    const Duration at = done - start;
    to.in_time += at >= options.settle && at < options.length ? 1 : 0;
    if (Duration{head.intended_ns} >= options.settle) {
      to.age.record(at - Duration{head.intended_ns});
    }
    ++processed;
  }
}

}  // namespace

PipelineResult run_pipeline(const PipelineOptions& options) {
  Acknowledgements acks{.options = &options};
  const Client producer = make_producer(options, acks);
  make_topic(producer.get(), options);
  std::vector<Client> consumers;
  for (std::uint32_t i = 0; i < options.partitions; ++i) {
    consumers.push_back(make_consumer(options, i));
  }
  std::this_thread::sleep_for(std::chrono::seconds{1});  // connections, leaders, first fetches

  std::atomic<std::uint64_t> published = 0;
  std::atomic<std::uint64_t> processed = 0;
  std::vector<Consumed> consumed(options.partitions);
  const Instant start = Clock::now() + std::chrono::milliseconds{50};
  acks.start = start;
  {
    std::vector<std::jthread> threads;
    for (std::uint32_t i = 0; i < options.partitions; ++i) {
      threads.emplace_back([&, i](const std::stop_token& stop) {
        consume(consumers[i].get(), options, start, stop, processed, consumed[i]);
      });
    }
    std::atomic<bool> publishing = true;
    std::jthread publisher{[&] {
      publish(producer.get(), options, start, published);
      publishing = false;
    }};
    const Instant limit = start + 3 * options.length + std::chrono::seconds{10};
    while (publishing || processed < published) {
      rd_kafka_poll(producer.get(), 100);
      if (Clock::now() > limit) throw std::runtime_error("the pipeline does not keep up");
    }
  }
  if (acks.failed > 0) throw std::runtime_error("records were not acknowledged");

  PipelineResult result{.age = {},
                        .produce_time = acks.produce_time,
                        .measured = options.length - options.settle,
                        .statistics = statistics_of(acks.statistics)};
  std::int64_t overhead_ns = 0;
  for (const Consumed& part : consumed) {
    result.age.merge(part.age);
    result.processed += part.in_time;
    overhead_ns += part.overhead_ns;
  }
  result.overhead_us = static_cast<double>(overhead_ns) / static_cast<double>(published) / 1e3;
  return result;
}

}  // namespace headgate::study
