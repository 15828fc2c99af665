#include "headgate/gateway/admin_pages.hpp"

#include <nlohmann/json.hpp>

#include "headgate/core/text.hpp"

namespace headgate::gateway {
namespace {

using Json = nlohmann::ordered_json;

template <class Read>
std::uint64_t sum(const Gateway& gateway, Read read) {
  std::uint64_t total = 0;
  for (const auto& worker : gateway.workers()) total += read(worker->counters()).value();
  return total;
}

Json by_class(const Gateway& gateway, auto read) {
  constexpr std::array<const char*, kStatusClasses> kNames = {"none", "1xx", "2xx",
                                                              "3xx",  "4xx", "5xx"};
  Json json;
  for (std::size_t c = 0; c < kStatusClasses; ++c) {
    json[kNames[c]] =
        sum(gateway, [&](const WorkerCounters& of) -> const Counter& { return read(of)[c]; });
  }
  return json;
}

Json services_json(const Gateway& gateway) {
  Json services = Json::object();
  for (const auto& service : gateway.snapshot().services()) {
    const std::vector<std::uint32_t> in_flight = service->in_flight();
    for (std::size_t i = 0; i < service->targets().size(); ++i) {
      const ServiceTarget& target = service->targets()[i];
      Json json =
          by_class(gateway, [n = target.number](const WorkerCounters& of) -> const ByClass& {
            return of.targets[n].attempts;
          });
      services[service->name()][target.name] = {{"attempts", json}, {"in_flight", in_flight[i]}};
    }
  }
  return services;
}

Json topics_json(Gateway& gateway) {
  Json topics = Json::object();
  for (const Stores::TopicFigures& topic : gateway.stores().topics()) {
    topics[topic.name] = {{"begin", topic.marks.begin},
                          {"end", topic.marks.end},
                          {"synced", topic.marks.synced},
                          {"durability", to_text(topic.durability)}};
  }
  return topics;
}

}  // namespace

std::string stats_json(Gateway& gateway) {
  Json routes = Json::object();
  for (const RouteEntry& route : gateway.snapshot().routes()) {
    routes[route.name] = by_class(gateway, [n = route.number](const auto& of) -> const ByClass& {
      return of.routes[n].requests;
    });
  }
  Json outcomes = Json::object();
  for (std::size_t i = 0; i < kOutcomeCount; ++i) {
    outcomes[std::string{to_text(static_cast<Outcome>(i))}] =
        sum(gateway, [&](const auto& of) -> const Counter& { return of.outcomes[i]; });
  }
  const auto total = [&](Counter WorkerCounters::* which) {
    return sum(gateway, [which](const auto& of) -> const Counter& { return of.*which; });
  };
  const Recorder::Figures recorder = gateway.recorder().figures();
  const Json json = {
      {"format", "headgate.stats/1"},
      {"draining", gateway.draining()},
      {"workers", gateway.workers().size()},
      {"requests_in_flight", total(&WorkerCounters::requests_in_flight)},
      {"client_connections", total(&WorkerCounters::client_connections_open)},
      {"upstream_connections", total(&WorkerCounters::upstream_connections_open)},
      {"routes", routes},
      {"unrouted",
       by_class(gateway, [](const auto& of) -> const ByClass& { return of.unrouted.requests; })},
      {"outcomes", outcomes},
      {"services", services_json(gateway)},
      {"topics", topics_json(gateway)},
      {"access_log", {{"lines", recorder.lines}, {"lines_lost", recorder.lines_lost}}},
      {"events", {{"published", recorder.events_published}, {"lost", recorder.events_lost}}},
      {"records_lost", recorder.records_lost}};
  return json.dump(2) + "\n";
}

Page admin_page(Gateway& gateway, std::string_view path) {
  if (path == "/metrics") {
    return {.content_type = "text/plain; version=0.0.4; charset=utf-8",
            .body = metrics_text(gateway)};
  }
  if (path == "/healthz") return {.body = "ok\n"};
  if (path == "/readyz") {
    if (gateway.draining()) return {.status = 503, .body = "draining\n"};
    return {.body = "ready\n"};
  }
  if (path == "/stats") return {.content_type = "application/json", .body = stats_json(gateway)};
  if (path == "/config") {
    return {.content_type = "application/json", .body = config_json(gateway.snapshot().config())};
  }
  return {.status = 404, .body = "there are /metrics /healthz /readyz /stats /config\n"};
}

}  // namespace headgate::gateway
