// The config, compiled for serving: names are resolved to indices, routes to a router, filters to a
// flat array, policies to the objects of their catalogs. Built and checked aside, then shared by
// all workers and never changed; what moves (tables of limiters, counts in flight) lies behind the
// locks of the parts themselves.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "headgate/config/gateway_config.hpp"
#include "headgate/core/result.hpp"
#include "headgate/gateway/rate_limit.hpp"
#include "headgate/gateway/service.hpp"
#include "headgate/ratelimit/consumers.hpp"
#include "headgate/routing/router.hpp"

namespace headgate::gateway {

/// Where a route's requests go.
struct Forward {
  Service* service = nullptr;
};
struct Store {
  std::string topic;  ///< of a queue: the topic of its messages, which has its name
};

struct RouteEntry {
  std::string name;
  std::size_t number = 0;                  ///< index of counters
  std::vector<RateLimit*> limits;          ///< asked in the order of the file
  std::vector<ratelimit::Label> labels;    ///< what clients are told of each single limit
  std::vector<std::string_view> replaced;  ///< fields that then are ours, not the upstream's
  bool dated = false;                      ///< the fields for clients hold dates
  std::vector<std::string> publish;        ///< topics that get an event for each answered request
  std::variant<Forward, Store> action;

  [[nodiscard]] Service* service() const noexcept {
    const auto* forward = std::get_if<Forward>(&action);
    return forward == nullptr ? nullptr : forward->service;
  }
};

class Snapshot {
 public:
  /// `config` has passed config::load_gateway. Looks names of targets up: blocks. `seed` feeds the
  /// balancers and the limiters' tables. Fails with the first part's error; `where` names it.
  [[nodiscard]] static Result<std::unique_ptr<Snapshot>> make(config::GatewayConfig config,
                                                              std::uint64_t seed);

  [[nodiscard]] const config::GatewayConfig& config() const noexcept { return config_; }
  [[nodiscard]] const routing::Router& router() const noexcept { return router_; }
  [[nodiscard]] const ratelimit::Consumers& consumers() const noexcept { return consumers_; }
  [[nodiscard]] const std::vector<RouteEntry>& routes() const noexcept { return routes_; }
  [[nodiscard]] const std::vector<std::unique_ptr<Service>>& services() const noexcept {
    return services_;
  }
  [[nodiscard]] const std::vector<std::unique_ptr<RateLimit>>& limits() const noexcept {
    return limits_;
  }
  /// Limits shared with other gateways; RateLimit::shared_number counts along.
  [[nodiscard]] const std::vector<const SharedGroup*>& shared_groups() const noexcept {
    return shared_groups_;
  }
  [[nodiscard]] std::uint64_t seed() const noexcept { return seed_; }
  [[nodiscard]] std::size_t target_count() const noexcept { return target_count_; }

 private:
  Snapshot(config::GatewayConfig config, routing::Router router)
      : config_(std::move(config)), router_(std::move(router)), consumers_(config_.consumers) {}

  Result<void> add_services(std::uint64_t seed);
  Result<void> add_routes(std::uint64_t seed);
  Result<void> add_filters(const config::RouteConfig& route, std::uint64_t seed, RouteEntry& entry);

  config::GatewayConfig config_;
  routing::Router router_;
  ratelimit::Consumers consumers_;
  std::vector<std::unique_ptr<Service>> services_;
  std::vector<std::unique_ptr<RateLimit>> limits_;
  std::vector<RouteEntry> routes_;
  std::vector<const SharedGroup*> shared_groups_;  // of limits_
  std::size_t target_count_ = 0;
  std::uint64_t seed_ = 0;
};

}  // namespace headgate::gateway
