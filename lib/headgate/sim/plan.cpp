#include "headgate/sim/plan.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>
#include <variant>

#include "headgate/core/check.hpp"
#include "headgate/http/authority.hpp"
#include "headgate/http/method.hpp"
#include "headgate/http/uri.hpp"
#include "headgate/ratelimit/consumers.hpp"
#include "headgate/routing/router.hpp"
#include "headgate/sim/plan_arrivals.hpp"
#include "headgate/sim/plan_bus.hpp"
#include "headgate/sim/plan_callers.hpp"
#include "headgate/sim/plan_changes.hpp"
#include "headgate/sim/plan_faults.hpp"

namespace headgate::sim {
namespace {

// ---- Services ----

Discipline discipline_of(std::string_view word) {
  if (word == "lifo") return Discipline::kLifo;
  if (word == "priority") return Discipline::kPriority;
  return word == "processor_sharing" ? Discipline::kProcessorSharing : Discipline::kFifo;
}

ServicePlan stations_of(const config::StationConfig& config, std::uint32_t count) {
  ServicePlan service{.name = config.name,
                      .targets = {},
                      .balance = {},
                      .patience = config.patience,
                      .pauses = config.pauses,
                      .codel = config.codel,
                      .cache = config.cache,
                      .fan_out = config.fan_out};
  for (std::uint32_t i = 0; i < count; ++i) {
    service.targets.push_back(
        {.name = config.name + "/" + std::to_string(i),
         .weight = 1,
         .locality = 0,
         .station = {.servers = config.servers_of(i),
                     .queue_max = config.queue ? static_cast<std::size_t>(*config.queue)
                                               : Station::kUnlimited,
                     .discipline = discipline_of(config.discipline)},
         .time = config.time_of(i)});
  }
  return service;
}

Result<void> check_exceptions(const config::StationConfig& config, std::uint32_t count) {
  for (const config::StationException& exception : config.except) {
    if (exception.target < count) continue;
    return failed(Errc::kInvalidConfig, "services." + config.name + ".except",
                  "there is no target " + std::to_string(exception.target) + "; targets are 0 to " +
                      std::to_string(count - 1));
  }
  return {};
}

Result<void> check_balance(const ServicePlan& service) {
  const auto balancer = balance::make(service.balance);
  if (balancer) return {};
  return failed(Errc::kInvalidConfig,
                "services." + service.name + ".balance." + balancer.error().where,
                balancer.error().why);
}

RequestKind kind_of(const config::RequestConfig& request, double share_up_to) {
  return {.share_up_to = share_up_to,
          .repeatable = http::is_idempotent(http::method_of(request.method)),
          .level = static_cast<std::uint8_t>(request.priority),
          .name = request.name,
          .time = request.time};
}

Result<void> check_classes(const Plan& plan) {
  for (std::size_t i = 0; i < plan.kinds.size(); ++i) {
    const std::string& name = plan.kinds[i].name;
    const auto before = std::span{plan.kinds}.first(i);
    if (name.empty() || std::ranges::find(before, name, &RequestKind::name) == before.end())
      continue;
    return failed(Errc::kInvalidConfig, "requests." + std::to_string(i) + ".name",
                  "'" + name + "' is the name of another class");
  }
  return {};
}

// ---- Without a gateway: straight to the only service ----

Result<void> add_direct_service(const config::ScenarioConfig& scenario, Plan& plan) {
  if (!scenario.publish.empty()) {
    const auto topic = std::ranges::find(plan.topics, scenario.publish);
    HG_ASSERT(topic != plan.topics.end());  // the scenario's form has seen to it
    plan.routes.push_back({.name = {},
                           .filters = {},
                           .topic = static_cast<std::uint32_t>(topic - plan.topics.begin())});
    plan.kinds.push_back({.share_up_to = 1, .route = 0});
    return {};
  }
  if (scenario.services.size() != 1) {
    return failed(Errc::kInvalidConfig, "services",
                  "without a gateway there must be exactly one service");
  }
  const config::StationConfig& config = scenario.services.front();
  const std::uint32_t count = config.targets.value_or(1);
  if (auto checked = check_exceptions(config, count); !checked) return checked;
  ServicePlan service = stations_of(config, count);
  if (config.balance) service.balance = *config.balance;
  if (auto checked = check_balance(service); !checked) return checked;
  plan.services.push_back(std::move(service));
  plan.routes.push_back({.name = {}, .filters = {}, .service = 0});
  double weights = 0;
  for (const config::RequestConfig& request : scenario.requests) weights += request.weight;
  double up_to = 0;
  for (const config::RequestConfig& request : scenario.requests) {
    up_to += request.weight / weights;
    plan.kinds.push_back(kind_of(request, up_to));
    plan.kinds.back().route = 0;
  }
  return {};
}

// ---- With a gateway: what its file says ----

Result<void> check_guard(const ServicePlan& service) {
  const auto guard = resilience::Guard::make(service.guard, service.targets.size(), 0);
  if (guard) return {};
  return failed(Errc::kInvalidConfig,
                "gateway.services." + service.name + "." + guard.error().where, guard.error().why);
}

Result<void> add_services(const config::ScenarioConfig& scenario,
                          const config::GatewayConfig& gateway, Plan& plan) {
  for (const config::ServiceConfig& config : gateway.services) {
    const config::StationConfig* stations = scenario.find_service(config.name);
    if (stations == nullptr) {
      return failed(Errc::kInvalidConfig, "services",
                    "the gateway's service '" + config.name + "' has no model; give its time");
    }
    const auto count = static_cast<std::uint32_t>(config.targets.size());
    if (stations->targets && *stations->targets != count) {
      return failed(Errc::kInvalidConfig, "services." + config.name + ".targets",
                    "the gateway has " + std::to_string(count) + " targets; leave this out");
    }
    if (auto checked = check_exceptions(*stations, count); !checked) return checked;
    ServicePlan service = stations_of(*stations, count);
    for (std::uint32_t i = 0; i < count; ++i) {
      service.targets[i].name = config.targets[i].name;
      service.targets[i].weight = config.targets[i].weight;
      service.targets[i].locality = config.targets[i].locality;
    }
    service.balance = config.balance;
    service.response_timeout = config.timeouts.response;
    service.guard = config.guard();
    if (config.health) {
      service.unhealthy_after = config.health->every * config.health->unhealthy_after;
      service.healthy_after = config.health->every * config.health->healthy_after;
    }
    if (auto checked = check_balance(service); !checked) return checked;
    if (auto checked = check_guard(service); !checked) return checked;
    plan.services.push_back(std::move(service));
  }
  return {};
}

std::uint32_t index_of_topic(Plan& plan, const std::string& topic) {
  const auto found = std::ranges::find(plan.topics, topic);
  if (found != plan.topics.end()) return static_cast<std::uint32_t>(found - plan.topics.begin());
  plan.topics.push_back(topic);
  return static_cast<std::uint32_t>(plan.topics.size() - 1);
}

Result<void> add_limits(const config::RateLimitFilter& filter, RoutePlan& route, Plan& plan) {
  route.filters.push_back({.kind = FilterPlan::Kind::kRateLimit,
                           .index = static_cast<std::uint32_t>(plan.limiters.size()),
                           .count = static_cast<std::uint32_t>(filter.limits.size())});
  for (const ratelimit::Spec& spec : filter.limits) {
    if (const auto limiter = ratelimit::make(spec, {}); !limiter) {
      return failed(Errc::kInvalidConfig,
                    "gateway.routes." + route.name + ".rate_limit." + limiter.error().where,
                    limiter.error().why);
    }
    plan.limiters.push_back({.spec = spec, .callers = {}});
  }
  return {};
}

Result<void> add_routes(const config::GatewayConfig& gateway, Plan& plan) {
  for (const config::RouteConfig& config : gateway.routes) {
    RoutePlan route{.name = config.name, .filters = {}, .service = RoutePlan::kNoService};
    for (const config::FilterConfig& filter : config.filters) {
      if (const auto* publish = std::get_if<config::PublishFilter>(&filter)) {
        route.filters.push_back({.kind = FilterPlan::Kind::kPublish,
                                 .index = index_of_topic(plan, publish->topic),
                                 .count = 1});
      } else if (auto added = add_limits(std::get<config::RateLimitFilter>(filter), route, plan);
                 !added) {
        return added;
      }
    }
    if (const auto* to = std::get_if<config::ToService>(&config.action)) {
      const auto found = std::ranges::find(plan.services, to->service, &ServicePlan::name);
      if (found == plan.services.end()) {
        return failed(Errc::kInvalidConfig, "gateway.routes." + config.name + ".service",
                      "there is no service '" + to->service + "'");
      }
      route.service = static_cast<std::uint32_t>(found - plan.services.begin());
    } else if (const auto* topic = std::get_if<config::ToTopic>(&config.action)) {
      const auto end = plan.topics.begin() + static_cast<std::ptrdiff_t>(plan.broker.size());
      const auto found = std::find(plan.topics.begin(), end, topic->topic);
      if (found != end) route.topic = static_cast<std::uint32_t>(found - plan.topics.begin());
    } else if (const auto* queue = std::get_if<config::ToQueue>(&config.action)) {
      const auto found = std::ranges::find(plan.queues, queue->queue, &QueuePlan::name);
      if (found != plan.queues.end()) {
        route.queue = static_cast<std::uint32_t>(found - plan.queues.begin());
      }
    }
    plan.routes.push_back(std::move(route));
  }
  return {};
}

// ---- Requests ----

bool is_simulated(const config::ActionConfig& action, const config::BrokerConfig& broker) {
  const auto has = [](const auto& all, const std::string& name) {
    return std::ranges::any_of(all, [&](const auto& one) { return one.name == name; });
  };
  if (const auto* topic = std::get_if<config::ToTopic>(&action)) {
    return has(broker.topics, topic->topic);
  }
  if (const auto* queue = std::get_if<config::ToQueue>(&action)) {
    return has(broker.queues, queue->queue);
  }
  return std::holds_alternative<config::ToService>(action);
}

// A scenario that names no request asks what the gateway's first route to a service, a topic
// or a queue takes.
std::vector<config::RequestConfig> requests_of(const config::ScenarioConfig& scenario,
                                               const config::GatewayConfig& gateway,
                                               const routing::Router& router) {
  if (scenario.requests.size() != 1) return scenario.requests;
  const config::RequestConfig& only = scenario.requests.front();
  const bool unsaid =
      only.method == "GET" && only.host.empty() && only.path == "/" && only.headers.empty();
  if (!unsaid || router.find("", "/", http::Method::kGet).kind == routing::Found::Kind::kRoute) {
    return scenario.requests;
  }
  for (const config::RouteConfig& route : gateway.routes) {
    if (!is_simulated(route.action, scenario.broker)) continue;
    config::RequestConfig request;
    const routing::Match& match = route.match;
    request.path = match.path.path;
    if (!match.hosts.empty()) request.host = match.hosts.front();
    if (request.host.starts_with("*.")) request.host.replace(0, 1, "any");
    for (const http::Method method :
         {http::Method::kDelete, http::Method::kPatch, http::Method::kPut, http::Method::kPost,
          http::Method::kHead, http::Method::kGet}) {
      if (match.methods.has(method)) request.method = http::to_text(method);
    }
    return {request};
  }
  return scenario.requests;
}

// The route that the production router finds for `request`, or kNoRoute.
Result<std::uint32_t> route_of(const config::RequestConfig& request, const routing::Router& router,
                               const std::string& where) {
  const auto target = http::split_target(request.path);
  if (!target) return failed(Errc::kInvalidConfig, where + ".path", "is no request target");
  std::string path_bytes(request.path.size() + 1, '\0');
  const auto path = http::canonical_path(target->path, path_bytes);
  if (!path) return failed(Errc::kInvalidConfig, where + ".path", "cannot be made canonical");
  std::string host_bytes(request.host.size() + 1, '\0');
  std::string_view host;
  if (!request.host.empty()) {
    const auto authority = http::parse_authority(request.host);
    if (!authority) return failed(Errc::kInvalidConfig, where + ".host", "is no host");
    host = http::canonical_host(authority->host, host_bytes);
  }
  const routing::Found found = router.find(host, *path, http::method_of(request.method));
  if (found.kind != routing::Found::Kind::kRoute) return RequestKind::kNoRoute;
  return static_cast<std::uint32_t>(found.route);
}

Result<routing::Router> router_of(const config::GatewayConfig& gateway) {
  std::vector<routing::Route> routes;
  routes.reserve(gateway.routes.size());
  for (const config::RouteConfig& route : gateway.routes) {
    routes.push_back({.name = route.name, .match = route.match});
  }
  auto router = routing::Router::make(routes);
  if (router) return router;
  return failed(Errc::kInvalidConfig, "gateway.routes" + router.error().where, router.error().why);
}

Result<void> add_kinds(const config::ScenarioConfig& scenario, const config::GatewayConfig& gateway,
                       Plan& plan) {
  HG_ASSERT(scenario.gateway.has_value());
  const auto router = router_of(gateway);
  if (!router) return std::unexpected(router.error());
  const auto first = router_of(*scenario.gateway);  // which has been made before
  HG_ASSERT(first.has_value());
  const std::vector<config::RequestConfig> requests =
      requests_of(scenario, *scenario.gateway, *first);
  const ratelimit::Consumers consumers{gateway.consumers};
  double weights = 0;
  for (const config::RequestConfig& request : requests) weights += request.weight;
  double up_to = 0;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    const auto route = route_of(requests[i], *router, "requests." + std::to_string(i));
    if (!route) return std::unexpected(route.error());
    const bool has_route = *route != RequestKind::kNoRoute;
    const bool has_service = has_route && plan.routes[*route].service != RoutePlan::kNoService;
    if (has_route && !has_service && !plan.routes[*route].is_buffered()) {
      return failed(Errc::kInvalidConfig, "requests." + std::to_string(i),
                    "takes route '" + plan.routes[*route].name +
                        "', which leads to no service and to no topic or queue of `broker`");
    }
    up_to += requests[i].weight / weights;
    plan.kinds.push_back(kind_of(requests[i], up_to));
    plan.kinds.back().route = *route;
    if (has_service) {
      plan.kinds.back().balance_key =
          balance_key(requests[i], consumers, plan.routes[*route], plan);
    }
    add_callers(requests[i], consumers, *route, plan);
  }
  return {};
}

Result<void> add_gateway(const config::ScenarioConfig& scenario,
                         const config::GatewayConfig& gateway, Plan& plan) {
  if (auto added = add_services(scenario, gateway, plan); !added) return added;
  if (auto added = add_routes(gateway, plan); !added) return added;
  return add_kinds(scenario, gateway, plan);
}

}  // namespace

Result<Plan> make_plan(const config::ScenarioConfig& scenario) {
  Plan plan;
  plan.clients = {.timeout = scenario.clients.timeout.value_or(kNever),
                  .deadline = scenario.clients.deadline.value_or(kNever),
                  .retry = scenario.clients.retry,
                  .hedge = scenario.clients.hedge};
  plan.gateways = scenario.gateways;
  plan.network = scenario.network;
  plan.horizon = horizon_of(scenario.run);
  auto topics = make_topic_plans(scenario);
  if (!topics) return std::unexpected(topics.error());
  plan.broker = *std::move(topics);
  for (const TopicPlan& topic : plan.broker) plan.topics.push_back(topic.config.name);
  if (auto added = add_queues_and_subscribers(scenario, plan); !added)
    return std::unexpected(added.error());
  auto built = scenario.gateway ? add_gateway(scenario, *scenario.gateway, plan)
                                : add_direct_service(scenario, plan);
  if (!built) return std::unexpected(built.error());
  if (auto checked = check_classes(plan); !checked) return std::unexpected(checked.error());
  if (auto added = add_faults(scenario, plan); !added) return std::unexpected(added.error());
  const auto compile = [&](const config::GatewayConfig& gateway, Plan& to) {
    return add_gateway(scenario, gateway, to);
  };
  if (auto added = add_changes(scenario, compile, plan); !added) {
    return std::unexpected(added.error());
  }
  if (auto set = set_arrivals(scenario, plan); !set) return std::unexpected(set.error());
  return plan;
}

}  // namespace headgate::sim
