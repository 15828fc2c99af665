// The effective config: every default filled in, in the words of the document, so that what is
// shown could be written to a file and run again.
#include <nlohmann/json.hpp>

#include "headgate/core/text.hpp"
#include "headgate/gateway/admin_pages.hpp"
#include "headgate/gateway/guard_json.hpp"
#include "headgate/http/method.hpp"
#include "headgate/ratelimit/key.hpp"

namespace headgate::gateway {
namespace {

using Json = nlohmann::ordered_json;
using headgate::to_text;  // of units, beside this namespace's own

Json shared_json(const ratelimit::SharedSpec& shared) {
  Json json = {{"redis", shared.redis}, {"mode", to_text(shared.mode)}};
  if (shared.lease) json["lease"] = shared.lease->count;
  if (shared.mode == ratelimit::SharedMode::kLease) {
    json["lease_time"] = to_text(shared.lease_time);
  }
  json["timeout"] = to_text(shared.timeout);
  json["on_failure"] = to_text(shared.on_failure);
  json["gateways"] = shared.gateways;
  json["prefix"] = shared.prefix;
  return json;
}

Json fields_json(const ratelimit::FieldFamilies& fields) {
  if (fields.empty()) return "none";
  Json list = Json::array();
  for (const ratelimit::FieldFamily family : ratelimit::kFieldFamilies) {
    if (fields.has(family)) list.push_back(to_text(family));
  }
  return list;
}

Json limit_json(const ratelimit::Spec& spec) {
  Json json = {{"algorithm", spec.algorithm}};
  if (spec.rate) json["rate"] = to_text(*spec.rate);
  if (spec.burst) json["burst"] = spec.burst->count;
  if (spec.limit) json["limit"] = spec.limit->count;
  if (spec.window) json["window"] = to_text(*spec.window);
  if (spec.start) json["start"] = ratelimit::to_text(*spec.start);
  if (spec.period) json["period"] = ratelimit::to_text(*spec.period);
  if (spec.delay) json["delay"] = spec.delay->count;
  Json key = Json::array();
  for (const ratelimit::KeyPart& part : spec.key) key.push_back(to_text(part));
  json["key"] = key;
  json["max_keys"] = spec.max_keys;
  json["overflow"] = to_text(spec.overflow);
  if (reads_address(spec.key)) {
    json["ipv4_prefix"] = prefixes_of(spec).ipv4;
    json["ipv6_prefix"] = prefixes_of(spec).ipv6;
  }
  json["name"] = spec.name;
  json["fields"] = fields_json(spec.fields);
  json["fields_on"] = to_text(spec.fields_on);
  json["retry_jitter"] = to_text(spec.retry_jitter);
  if (spec.shared) json["shared"] = shared_json(*spec.shared);
  return json;
}

Json filter_json(const config::FilterConfig& filter) {
  if (const auto* publish = std::get_if<config::PublishFilter>(&filter)) {
    return {{"publish", {{"topic", publish->topic}}}};
  }
  const auto& limits = std::get<config::RateLimitFilter>(filter).limits;
  if (limits.size() == 1) return {{"rate_limit", limit_json(limits.front())}};
  Json list = Json::array();
  for (const ratelimit::Spec& limit : limits) list.push_back(limit_json(limit));
  return {{"rate_limits", list}};
}

Json match_json(const routing::Match& match) {
  Json json = Json::object();
  if (!match.hosts.empty()) json["hosts"] = match.hosts;
  const bool exact = match.path.kind == routing::PathMatch::Kind::kExact;
  json["path"] = {{exact ? "exact" : "prefix", match.path.path}};
  Json methods = Json::array();
  for (int i = 0; i < static_cast<int>(http::Method::kUnknown); ++i) {
    const auto method = static_cast<http::Method>(i);
    if (match.methods.has(method)) methods.push_back(to_text(method));
  }
  if (!methods.empty()) json["methods"] = methods;
  return json;
}

Json route_json(const config::RouteConfig& route) {
  Json json = {{"name", route.name}, {"match", match_json(route.match)}};
  for (const config::FilterConfig& filter : route.filters) {
    json["filters"].push_back(filter_json(filter));
  }
  if (const auto* service = std::get_if<config::ToService>(&route.action)) {
    json["service"] = service->service;
  } else if (const auto* topic = std::get_if<config::ToTopic>(&route.action)) {
    json["topic"] = topic->topic;
  } else {
    json["queue"] = std::get<config::ToQueue>(route.action).queue;
  }
  return json;
}

/// What was written, and nothing that was left out: a policy refuses what it does not have.
Json balance_json(const balance::Spec& spec) {
  Json json = {{"policy", spec.policy}};
  if (!spec.key.empty()) json["key"] = spec.key;
  if (spec.d) json["d"] = *spec.d;
  if (spec.table_size) json["table_size"] = *spec.table_size;
  if (spec.points) json["points"] = *spec.points;
  if (spec.bound) json["bound"] = *spec.bound;
  if (spec.size) json["size"] = *spec.size;
  if (spec.active_request_bias) json["active_request_bias"] = *spec.active_request_bias;
  if (spec.decay) json["decay"] = to_text(*spec.decay);
  if (spec.penalty) json["penalty"] = to_text(*spec.penalty);
  if (spec.quantile) json["quantile"] = to_text(*spec.quantile);
  if (spec.slow_start.window > Duration::zero()) {
    json["slow_start"] = {{"window", to_text(spec.slow_start.window)},
                          {"aggression", spec.slow_start.aggression},
                          {"min", to_text(spec.slow_start.min)}};
  }
  if (spec.panic.of_one > 0) json["panic"] = to_text(spec.panic);
  if (spec.stale > Duration::zero()) json["stale"] = to_text(spec.stale);
  if (!spec.sticky.empty()) json["sticky"] = {{"cookie", spec.sticky}};
  return json;
}

Json service_json(const config::ServiceConfig& service) {
  Json targets = Json::array();
  for (const config::TargetConfig& target : service.targets) {
    Json json = {{"url", target.url}, {"weight", target.weight}};
    if (target.locality != 0) json["locality"] = target.locality;
    // The names that we give, `SERVICE/INDEX`, are none that a document may.
    if (target.name.find('/') == std::string::npos) json["name"] = target.name;
    targets.push_back(std::move(json));
  }
  Json json = {{"targets", targets},
               {"balance", balance_json(service.balance)},
               {"timeouts",
                {{"connect", to_text(service.timeouts.connect)},
                 {"response", to_text(service.timeouts.response)},
                 {"idle", to_text(service.timeouts.idle)}}},
               {"pool",
                {{"idle_max", service.pool.idle_max},
                 {"idle_timeout", to_text(service.pool.idle_timeout)}}}};
  if (const auto& health = service.health) {
    json["health"] = {{"path", health->path},
                      {"every", to_text(health->every)},
                      {"timeout", to_text(health->timeout)},
                      {"healthy_after", health->healthy_after},
                      {"unhealthy_after", health->unhealthy_after}};
  }
  add_guards(json, service);
  return json;
}

Json store_json(const config::StoreConfig& store) {
  if (std::holds_alternative<config::MemoryStore>(store.kind)) {
    return {{"memory", Json::object()}};
  }
  if (const auto* kafka = std::get_if<config::KafkaStore>(&store.kind)) {
    return {{"kafka", {{"bootstrap", kafka->bootstrap}}}};
  }
  const auto& journal = std::get<config::JournalStore>(store.kind);
  constexpr std::array<const char*, 3> kDurabilities = {"memory", "os", "disk"};
  return {{"journal",
           {{"dir", journal.dir},
            {"durability", kDurabilities[static_cast<std::size_t>(journal.durability)]}}}};
}

Json queue_json(const config::QueueConfig& queue) {
  Json json = {{"store", queue.store},
               {"lease", to_text(queue.lease)},
               {"max_deliveries", queue.max_deliveries}};
  if (!queue.dead_letter.empty()) json["dead_letter"] = queue.dead_letter;
  return json;
}

Json limits_json(const config::LimitsConfig& limits) {
  Json json = {{"head", to_text(limits.head)},
               {"fields", limits.fields},
               {"request_line", to_text(limits.request_line)},
               {"connections", limits.connections},
               {"head_timeout", to_text(limits.head_timeout)},
               {"idle_timeout", to_text(limits.idle_timeout)},
               {"drain_timeout", to_text(limits.drain_timeout)}};
  if (limits.body) json["body"] = to_text(*limits.body);
  return json;
}

}  // namespace

std::string config_json(const config::GatewayConfig& config) {
  Json json;
  for (const config::ListenerConfig& listener : config.listeners) {
    json["listeners"].push_back({{"name", listener.name}, {"bind", to_text(listener.bind)}});
  }
  for (const auto& service : config.services)
    json["services"][service.name] = service_json(service);
  for (const auto& route : config.routes) json["routes"].push_back(route_json(route));
  for (const auto& topic : config.topics) json["topics"][topic.name] = {{"store", topic.store}};
  for (const auto& queue : config.queues) json["queues"][queue.name] = queue_json(queue);
  for (const auto& store : config.stores) json["stores"][store.name] = store_json(store);
  // Their keys are secrets: how many there are must do.
  for (const auto& consumer : config.consumers)
    json["consumers"][consumer.name] = {{"keys", consumer.keys.size()}};
  if (!config.access_log.empty()) json["logs"] = {{"access", {{"path", config.access_log}}}};
  if (config.workers > 0) json["workers"] = config.workers;
  if (config.admin) json["admin"] = {{"bind", to_text(*config.admin)}};
  json["limits"] = limits_json(config.limits);
  return json.dump(2) + "\n";
}

}  // namespace headgate::gateway
