// One point of a scenario, compiled: every name resolved, every rate known, ready to be simulated
// any number of times. A plan is immutable and shared by all replications and threads.
//
// With a gateway, the plan comes from the very file that `gwctl run` reads: the production router
// decides which route each kind of request takes, and the filters keep their specs, from which each
// replication makes the production limiters and balancers through the same catalogs.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "headgate/arrival/distribution.hpp"
#include "headgate/arrival/schedule.hpp"
#include "headgate/balance/catalog.hpp"
#include "headgate/config/scenario_config.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/ratelimit/catalog.hpp"
#include "headgate/resilience/codel.hpp"
#include "headgate/resilience/guard.hpp"
#include "headgate/resilience/hedge.hpp"
#include "headgate/resilience/retry.hpp"
#include "headgate/sim/bus_plan.hpp"
#include "headgate/sim/station.hpp"
#include "headgate/sim/topic_plan.hpp"

namespace headgate::sim {

struct TargetPlan {
  std::string name;  ///< `orders/0`
  std::uint32_t weight = 1;
  std::uint32_t locality = 0;
  Station::Options station;
  arrival::Distribution time;  ///< of one request's service
};

struct RequestKind;

struct ServicePlan {
  std::string name;
  std::vector<TargetPlan> targets;  ///< at least one
  balance::Spec balance;
  Duration response_timeout = kNever;  ///< the gateway's, of an attempt; beyond it that is a 504
  resilience::Guard::Config guard = {};
  std::optional<arrival::Distribution> patience = {};  ///< of a request in the queue
  std::optional<config::PauseConfig> pauses = {};
  std::optional<resilience::Codel::Config> codel = {};
  std::optional<config::CacheConfig> cache = {};
  std::uint32_t fan_out = 0;  ///< calls that make one request; 0: it is one
  /// How long the gateway's health checks take to see that a target is down, and that it is back.
  std::optional<Duration> unhealthy_after = {};
  Duration healthy_after{};
  bool sheds_later = false;  ///< a change of config lets it: see Plan::changes

  /// Whether anything but its targets may refuse an attempt.
  [[nodiscard]] bool sheds() const noexcept {
    return guard.breaker || guard.concurrency || guard.throttle;
  }
  [[nodiscard]] bool ever_sheds() const noexcept { return sheds() || sheds_later; }

  /// Requests per second that all servers of all targets can finish; infinite if they take no time.
  [[nodiscard]] double capacity_per_s() const noexcept;
  /// The calls that a request of `kind` makes of it, in calls of the usual time.
  [[nodiscard]] double calls_of(const RequestKind& kind) const noexcept;
};

/// Limiters that decide as one, or one publication, of a route, in the order of its filters.
struct FilterPlan {
  enum class Kind : std::uint8_t { kRateLimit, kPublish };
  Kind kind = Kind::kRateLimit;
  std::uint32_t index = 0;  ///< into Plan::limiters or Plan::topics
  std::uint32_t count = 1;  ///< of limiters, from `index` on
};

struct RoutePlan {
  static constexpr std::uint32_t kNoService = ~0U;
  static constexpr std::uint32_t kNoTopic = ~0U;
  static constexpr std::uint32_t kNoQueue = ~0U;
  std::string name;  ///< empty without a gateway
  std::vector<FilterPlan> filters;
  std::uint32_t service = kNoService;  ///< kNoService: to a topic or a queue
  std::uint32_t topic = kNoTopic;      ///< of the broker, if it leads there
  std::uint32_t queue = kNoQueue;      ///< if it leads there

  /// Whether its requests are answered once they are stored.
  [[nodiscard]] bool is_buffered() const noexcept { return topic != kNoTopic || queue != kNoQueue; }
};

/// A limiter and whom it counts each kind of request under.
struct LimiterPlan {
  ratelimit::Spec spec;
  std::vector<std::vector<std::string>>
      callers;  ///< by kind of request: the texts of the spec's key
};

/// What the clients ask: one entry of the scenario's `requests`.
struct RequestKind {
  static constexpr std::uint32_t kNoRoute = ~0U;
  double share_up_to = 1;          ///< of all requests, those before it included; the last has 1
  std::uint32_t route = kNoRoute;  ///< kNoRoute: the gateway answers 404 or 405
  bool repeatable = true;          ///< may be sent twice without harm
  std::uint8_t level = 0;          ///< of a `priority` discipline: 0 first
  std::string name = {};           ///< of its class in figures; empty: it has none of its own
  std::optional<arrival::Distribution> time = {};  ///< instead of the service's
  /// What a hash policy of its service hashes; nothing without a gateway, where every request is a
  /// caller of its own.
  std::optional<std::uint64_t> balance_key = {};
};

/// When a replication measures and when its arrivals end. Exactly one of the two lengths is set.
struct Horizon {
  std::optional<Duration> duration;   ///< arrivals end at this time
  std::optional<std::uint64_t> jobs;  ///< requests measured, after those of the warm-up
  std::uint64_t warmup_jobs = 0;      ///< requests before the measured ones; only with `jobs`
  Duration warmup{};                  ///< requests sent before this time are not measured
  bool find_warmup = false;           ///< `warmup_jobs` is only a guess: let MSER-5 find it
  bool course = false;                ///< keep the course of the response times, for MSER-5
};

/// How callers behave.
struct ClientPlan {
  Duration timeout = kNever;   ///< of each try
  Duration deadline = kNever;  ///< of the whole call; targets drop work that is past it
  std::optional<resilience::RetryPolicy::Config> retry = {};
  std::optional<resilience::Hedge::Config> hedge = {};
};

/// A fault at one target.
struct FaultPlan {
  using Kind = config::FaultConfig::Kind;
  Kind kind = Kind::kDown;
  TimePoint at{};
  TimePoint end = TimePoint::max();
  std::uint32_t service = 0;
  std::uint32_t target = 0;
  double amount = 0;
};

struct Plan {
  arrival::Arrivals arrivals;
  ClientPlan clients;
  config::GatewaysConfig gateways;
  config::NetworkConfig network;
  std::vector<FaultPlan> faults;
  std::vector<RequestKind> kinds;  ///< at least one
  std::vector<RoutePlan> routes;
  std::vector<ServicePlan> services;
  std::vector<LimiterPlan> limiters;
  std::vector<std::string> topics;  ///< names; the first ones are those of `broker`
  std::vector<TopicPlan> broker;
  std::vector<QueuePlan> queues;
  std::vector<SubscriberPlan> subscribers;
  Horizon horizon;
  /// The configs that take the place of the gateways', in order of time, each as a whole plan from
  /// its `since` on. Only what a config says is looked at there (`routes`, `limiters`, what
  /// `services` say of gateways, where `kinds` go). See plan_changes.hpp.
  std::vector<Plan> changes = {};
  TimePoint since{};

  /// Whether a request may be more than one attempt.
  [[nodiscard]] bool retries() const noexcept {
    return clients.retry || clients.hedge || std::ranges::any_of(changes, &Plan::retries) ||
           std::ranges::any_of(services, [](const ServicePlan& service) {
             return service.guard.retry.has_value() || service.fan_out > 0;
           });
  }
};

/// Requests that are measured in one replication when `run` leaves the length to `precision`.
inline constexpr std::uint64_t kJobsDefault = 200'000;
/// The first guess of `warmup: auto` for a run counted in requests, where nobody looks for better:
/// one for every so many measured, before them.
inline constexpr std::uint64_t kWarmupPart = 10;

/// Compiles one point. Fails with kInvalidConfig; `where` is a path of the scenario.
[[nodiscard]] Result<Plan> make_plan(const config::ScenarioConfig& scenario);

}  // namespace headgate::sim
