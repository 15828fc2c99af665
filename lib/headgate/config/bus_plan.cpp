#include "headgate/config/bus_plan.hpp"

#include "headgate/config/gateway_form.hpp"
#include "headgate/config/request_form.hpp"
#include "headgate/config/value.hpp"

namespace headgate::config {
namespace {

constexpr std::int64_t kBusThreadsMax = 1024;

Form<std::uint64_t> count_from(std::int64_t min) {
  return checked(whole(min), [](std::int64_t count) {
    return Result<std::uint64_t>{static_cast<std::uint64_t>(count)};
  });
}

Form<Durability> durability_word() {
  return checked(word({"memory", "os", "disk"}), [](const std::string& text) -> Result<Durability> {
    if (text == "memory") return Durability::kMemory;
    return text == "os" ? Durability::kOs : Durability::kDisk;
  });
}

Form<std::string> workload() {
  return checked(any_text(), [](std::string&& written) -> Result<std::string> {
    if (const auto shape = parse_workload(written); !shape) {
      return failed(Errc::kInvalidArgument, {}, shape.error().why);
    }
    return std::move(written);
  });
}

Object<BusPlan> who_and_what() {
  using Plan = BusPlan;
  Object<Plan> plan("a bus plan");
  plan.optional("store", &Plan::store, store_form(), "where the messages are kept", "{memory: {}}")
      .optional("durability", &Plan::durability, durability_word(),
                "what an answer promises: memory | os | disk", "the store's")
      .optional("topic", &Plan::topic, name(), "that is driven", "headgate-load")
      .optional("queue", &Plan::queue, name(), "that is driven instead of a topic")
      .optional("workload", &Plan::workload, workload(),
                "an OpenMessaging name such as 1-topic-16-partitions-1kb-4p-4c-200k; keys below go "
                "over it")
      .optional("topics", &Plan::topics, small(1, kBusThreadsMax), "alike, numbered", "1")
      .optional("partitions", &Plan::partitions, small(1, 10'000),
                "of each topic; each is a topic of the store by itself", "1")
      .optional("producers", &Plan::producers, small(1, kBusThreadsMax), "of each topic", "1")
      .optional("groups", &Plan::groups, small(1, kBusThreadsMax), "each gets every message", "1")
      .optional("consumers", &Plan::consumers, small(0, kBusThreadsMax),
                "of each group and topic, or of the queue; 0: nobody reads", "1")
      .optional("size", &Plan::size, bytes(), "of each message, at least 32B", "1KiB");
  return plan;
}

Form<BusPlan> bus_plan_form() {
  using Plan = BusPlan;
  Object<Plan> plan = who_and_what();
  plan.optional("arrivals", &Plan::arrivals, arrivals(), "when messages are published",
                "as fast as it goes")
      .optional("inflight", &Plan::inflight, small(1), "unanswered messages of each producer",
                "1000")
      .optional("duration", &Plan::duration, positive_duration(), "how long messages are published",
                "10s, if there is no count")
      .optional("count", &Plan::count, count_from(1), "messages to publish at most")
      .optional("backlog", &Plan::backlog, count_from(1),
                "publish so many while nobody reads, then let the consumers drain them")
      .optional("warmup", &Plan::warmup, duration(), "left out of latencies and rates", "0s")
      .optional("drain", &Plan::drain, positive_duration(),
                "at the end, how long without a message until consumers give up", "5s")
      .optional("linger", &Plan::linger, duration(), "how long Kafka's client gathers a batch",
                "5ms")
      .optional("memory", &Plan::memory, bytes(), "what the memory store may hold", "1GiB")
      .optional("lease", &Plan::lease, positive_duration(), "of a queue's message", "30s")
      .optional("max_deliveries", &Plan::max_deliveries, small(1), "of a queue's message", "5")
      .optional("nack", &Plan::nack, share(), "of a queue's deliveries, given back", "0%")
      .optional("expect", &Plan::expect, list_of(expectation()),
                "what must hold; decides the exit code")
      .optional("seed", &Plan::seed, count_from(0), "of every draw", "1");
  return plan.form();
}

Loaded<BusPlan> bus_plan_tree(Loaded<Tree> tree) {
  if (!tree.readable) return {.diagnostics = std::move(tree.diagnostics), .readable = false};
  Loaded<BusPlan> loaded{.diagnostics = std::move(tree.diagnostics)};
  Reading reading{tree.value.file, {}, loaded.diagnostics};
  if (auto plan = bus_plan_form().read(tree.value.root, reading)) loaded.value = std::move(*plan);
  sort_by_place(loaded.diagnostics);
  return loaded;
}

}  // namespace

Result<BusShape> BusPlan::shape() const {
  BusShape shape;
  if (!workload.empty()) {
    auto named = parse_workload(workload);
    if (!named) return named;
    shape = *named;
  }
  shape.topics = topics.value_or(shape.topics);
  shape.partitions = partitions.value_or(shape.partitions);
  shape.producers = producers.value_or(shape.producers);
  shape.groups = groups.value_or(shape.groups);
  shape.consumers = consumers.value_or(shape.consumers);
  shape.size = size.value_or(shape.size);
  return shape;
}

Loaded<BusPlan> bus_plan_file(const std::string& file) { return bus_plan_tree(read_file(file)); }

Loaded<BusPlan> bus_plan_text(std::string_view text, const std::string& file) {
  return bus_plan_tree(read_text(text, file));
}

std::string bus_plan_schema() {
  return document_schema("Headgate bus plan", bus_plan_form().schema);
}

Result<StoreConfig> parse_store(std::string_view text) {
  const std::size_t colon = std::min(text.find(':'), text.size());
  const std::string_view kind = text.substr(0, colon);
  const std::string rest{text.substr(std::min(colon + 1, text.size()))};
  if (text == "memory") return StoreConfig{.name = {}, .kind = MemoryStore{}};
  if (kind == "journal" && !rest.empty()) {
    return StoreConfig{.name = {}, .kind = JournalStore{.dir = rest}};
  }
  if (kind == "kafka" && rest.contains(':')) {
    return StoreConfig{.name = {}, .kind = KafkaStore{.bootstrap = rest}};
  }
  return failed(Errc::kInvalidArgument, std::string{text},
                "a store is written memory, journal:DIR or kafka:HOST:PORT");
}

}  // namespace headgate::config
