// Names: none twice, none without what it names, none that nobody uses.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "headgate/config/lint/rules.hpp"
#include "headgate/core/text.hpp"

namespace headgate::config::lint {
namespace {

/// The names of a list must differ; its items without one were reported when they were read.
template <class Items>
void no_name_twice(Subject& subject, const Items& items, const std::string& path,
                   std::string_view what) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].name.empty() || seen.insert(items[i].name).second) continue;
    subject.report("GW002", fmt::format("{}.{}.name", path, i),
                   fmt::format("two {}s are called '{}'", what, items[i].name));
  }
}

/// A key says who calls, so it must be the key of one. It is a secret, so it is not shown.
void no_key_twice(Subject& subject) {
  if (!subject.is_sound("consumers")) return;  // index i may not be index i of the file
  std::map<std::string_view, std::string_view> owners;
  for (const ratelimit::Consumer& consumer : subject.config().consumers) {
    for (std::size_t i = 0; i < consumer.keys.size(); ++i) {
      const auto [owner, is_new] = owners.emplace(consumer.keys[i], consumer.name);
      if (is_new) continue;
      subject.report("GW002", fmt::format("consumers.{}.keys.{}", consumer.name, i),
                     fmt::format("this is a key of consumer '{}' already", owner->second));
    }
  }
}

/// A limit on consumers needs some.
void consumers_must_be_there(Subject& subject, const RateLimitFilter& filter,
                             const std::string& path) {
  if (!subject.config().consumers.empty() || !subject.is_sound("consumers")) return;
  for (const ratelimit::Spec& limit : filter.limits) {
    const auto part =
        std::ranges::find(limit.key, ratelimit::KeySource::kConsumer, &ratelimit::KeyPart::source);
    if (part == limit.key.end()) continue;
    // A key of one part may stand there without a list.
    const std::string in_list = fmt::format("{}.{}", path, part - limit.key.begin());
    subject.report("GW003", subject.is_written(in_list) ? in_list : path,
                   "key: consumer needs consumers, and there are none",
                   "consumers: {NAME: {keys: [API-KEY]}}");
  }
}

template <class Items>
bool has_name(const Items& items, std::string_view name) {
  return std::ranges::any_of(items, [&](const auto& item) { return item.name == name; });
}

/// The name at `path` must be one of `items`.
template <class Items>
void must_be_there(Subject& subject, const Items& items, std::string_view name,
                   const std::string& path, std::string_view what) {
  if (name.empty() || has_name(items, name)) return;
  // One that could not be read is there all the same.
  if (subject.is_written(fmt::format("{}s.{}", what, name))) return;
  std::vector<std::string_view> names;
  names.reserve(items.size());
  for (const auto& item : items) names.push_back(item.name);
  const std::string_view near = nearest_word(name, names);
  subject.report("GW003", path, fmt::format("there is no {} '{}'", what, name),
                 names.empty()  ? std::string{"there is none at all"}
                 : near.empty() ? fmt::format("there are: {}", fmt::join(names, ", "))
                                : fmt::format("did you mean '{}'?", near));
}

/// What the routes use, and the checks of what they name.
class Uses {
 public:
  explicit Uses(Subject& subject) : subject_(subject) {}

  void route(const RouteConfig& route, const std::string& path) {
    for (std::size_t i = 0; i < route.filters.size(); ++i) {
      if (const auto* publish = std::get_if<PublishFilter>(&route.filters[i])) {
        topic(publish->topic, fmt::format("{}.filters.{}.publish.topic", path, i));
      } else if (const auto* limit = std::get_if<RateLimitFilter>(&route.filters[i])) {
        consumers_must_be_there(subject_, *limit,
                                fmt::format("{}.filters.{}.rate_limit.key", path, i));
      }
    }
    if (const auto* to = std::get_if<ToService>(&route.action)) {
      must_be_there(subject_, config().services, to->service, path + ".service", "service");
      services.insert(to->service);
    } else if (const auto* to_topic = std::get_if<ToTopic>(&route.action)) {
      topic(to_topic->topic, path + ".topic");
    } else if (const auto* to_queue = std::get_if<ToQueue>(&route.action)) {
      must_be_there(subject_, config().queues, to_queue->queue, path + ".queue", "queue");
    }
  }

  void store(const std::string& name, const std::string& path) {
    must_be_there(subject_, config().stores, name, path, "store");
    stores.insert(name);
  }

  void topic(const std::string& name, const std::string& path) {
    must_be_there(subject_, config().topics, name, path, "topic");
    topics.insert(name);
  }

  std::set<std::string> services;
  std::set<std::string> topics;
  std::set<std::string> stores;

 private:
  [[nodiscard]] const GatewayConfig& config() const { return subject_.config(); }

  Subject& subject_;
};

template <class Items>
void must_be_used(Subject& subject, const Items& items, const std::set<std::string>& used,
                  std::string_view what) {
  for (const auto& item : items) {
    if (used.contains(item.name)) continue;
    subject.report("GW004", fmt::format("{}s.{}", what, item.name),
                   fmt::format("nothing uses the {} '{}'", what, item.name));
  }
}

}  // namespace

void check_names(Subject& subject) {
  const GatewayConfig& config = subject.config();
  no_name_twice(subject, config.listeners, "listeners", "listener");
  no_name_twice(subject, config.routes, "routes", "route");
  for (const ServiceConfig& service : config.services) {
    no_name_twice(subject, service.targets, fmt::format("services.{}.targets", service.name),
                  "target");
  }
  no_key_twice(subject);
}

void check_references(Subject& subject) {
  const GatewayConfig& config = subject.config();
  Uses uses{subject};
  for (std::size_t i = 0; i < config.routes.size(); ++i) {
    uses.route(config.routes[i], fmt::format("routes.{}", i));
  }
  for (const TopicConfig& topic : config.topics) {
    uses.store(topic.store, fmt::format("topics.{}.store", topic.name));
  }
  for (const QueueConfig& queue : config.queues) {
    uses.store(queue.store, fmt::format("queues.{}.store", queue.name));
    uses.topics.insert(queue.dead_letter);  // may be a topic that others read, and need not be one
  }
  for (std::size_t i = 0; i < config.tests.size(); ++i) {
    if (config.tests[i].route == "none") continue;
    must_be_there(subject, config.routes, config.tests[i].route, fmt::format("tests.{}.route", i),
                  "route");
  }
  // What an unreadable route uses is not known.
  if (subject.is_sound("routes")) must_be_used(subject, config.services, uses.services, "service");
  if (subject.is_sound("routes")) must_be_used(subject, config.topics, uses.topics, "topic");
  if (subject.is_sound("topics") && subject.is_sound("queues")) {
    must_be_used(subject, config.stores, uses.stores, "store");
  }
}

}  // namespace headgate::config::lint
