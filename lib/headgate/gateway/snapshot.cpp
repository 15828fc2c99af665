#include "headgate/gateway/snapshot.hpp"

#include <algorithm>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/net/event_loop.hpp"

namespace headgate::gateway {
namespace {

Result<routing::Router> compile_routes(const config::GatewayConfig& config) {
  std::vector<routing::Route> routes;
  routes.reserve(config.routes.size());
  for (const config::RouteConfig& route : config.routes) {
    routes.push_back({.name = route.name, .match = route.match});
  }
  return routing::Router::make(routes);
}

/// Fields of one value that every answer gets from us.
std::vector<std::string_view> replaced_by(std::span<const ratelimit::Label> labels) {
  std::vector<std::string_view> names;
  for (const ratelimit::FieldFamily family : ratelimit::kFieldFamilies) {
    const bool ours = std::ranges::any_of(labels, [family](const ratelimit::Label& label) {
      return label.families.has(family) && label.on == ratelimit::FieldsOn::kAll;
    });
    const auto fields = ratelimit::single_fields(family);
    if (ours) names.insert(names.end(), fields.begin(), fields.end());
  }
  return names;
}

std::unexpected<Error> inside(const std::string& where, Error error) {
  error.where = error.where.empty() ? where : where + "/" + error.where;
  return std::unexpected(std::move(error));
}

}  // namespace

Result<std::unique_ptr<Snapshot>> Snapshot::make(config::GatewayConfig config, std::uint64_t seed) {
  Result<routing::Router> router = compile_routes(config);
  if (!router) return inside("routes", router.error());
  std::unique_ptr<Snapshot> snapshot{new Snapshot(std::move(config), *std::move(router))};
  snapshot->seed_ = seed;
  if (auto added = snapshot->add_services(seed); !added) return std::unexpected(added.error());
  if (auto added = snapshot->add_routes(seed); !added) return std::unexpected(added.error());
  return snapshot;
}

Result<void> Snapshot::add_services(std::uint64_t seed) {
  for (const config::ServiceConfig& config : config_.services) {
    auto service = Service::make(config, target_count_, hash64(config.name, seed));
    if (!service) return inside("services/" + config.name, service.error());
    target_count_ += (*service)->targets().size();
    services_.push_back(*std::move(service));
  }
  return {};
}

Result<void> Snapshot::add_routes(std::uint64_t seed) {
  for (const config::RouteConfig& route : config_.routes) {
    RouteEntry entry;
    entry.name = route.name;
    entry.number = routes_.size();
    if (const auto* to = std::get_if<config::ToService>(&route.action)) {
      const auto service =
          std::ranges::find(services_, to->service, [](const auto& each) { return each->name(); });
      HG_ASSERT(service != services_.end());  // lint refuses dangling references
      entry.action = Forward{.service = service->get()};
    } else if (const auto* topic = std::get_if<config::ToTopic>(&route.action)) {
      entry.action = Store{.topic = topic->topic};
    } else {
      entry.action = Store{.topic = std::get<config::ToQueue>(route.action).queue};
    }
    if (auto added = add_filters(route, hash64(route.name, seed), entry); !added) {
      return inside("routes/" + route.name, added.error());
    }
    routes_.push_back(std::move(entry));
  }
  return {};
}

Result<void> Snapshot::add_filters(const config::RouteConfig& route, std::uint64_t seed,
                                   RouteEntry& entry) {
  for (const config::FilterConfig& filter : route.filters) {
    if (const auto* publish = std::get_if<config::PublishFilter>(&filter)) {
      entry.publish.push_back(publish->topic);
      continue;
    }
    const auto& limits = std::get<config::RateLimitFilter>(filter).limits;
    auto limit = RateLimit::make(route.name, entry.limits.size(), limits,
                                 {.seed = mix64(seed + entry.limits.size()),
                                  .sharing = ratelimit::Sharing::kMulti,
                                  .epoch = net::EventLoop::epoch()});
    if (!limit) return inside("rate_limit", limit.error());
    entry.limits.push_back(limit->get());
    (*limit)->set_first_label(entry.labels.size());
    const auto labels = (*limit)->labels();
    entry.labels.insert(entry.labels.end(), labels.begin(), labels.end());
    if (const SharedGroup* shared = (*limit)->shared()) {
      (*limit)->set_shared_number(shared_groups_.size());
      shared_groups_.push_back(shared);
    }
    limits_.push_back(*std::move(limit));
  }
  entry.replaced = replaced_by(entry.labels);
  entry.dated = std::ranges::any_of(entry.labels, [](const ratelimit::Label& label) {
    return label.families.has(ratelimit::FieldFamily::kX);
  });
  return {};
}

}  // namespace headgate::gateway
