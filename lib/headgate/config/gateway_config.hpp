// The gateway's config as a typed model: what INTERFACES calls the gateway config, after every word
// of it was checked. `gwctl run`, `gwctl lint` and a scenario's `gateway:` read it through the same
// function, so a file that lints clean is a file that runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "headgate/balance/catalog.hpp"
#include "headgate/config/diagnostic.hpp"
#include "headgate/config/host_port.hpp"
#include "headgate/config/text.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/ratelimit/catalog.hpp"
#include "headgate/ratelimit/consumers.hpp"
#include "headgate/resilience/guard.hpp"
#include "headgate/routing/route.hpp"

namespace headgate::config {

struct ListenerConfig {
  std::string name;
  HostPort bind;  ///< port 0: any free one; it is in the `ready` line
};

struct TargetConfig {
  std::string name;  ///< as written, or `SERVICE/INDEX`: "orders/0"
  std::string url;   ///< `http://HOST:PORT`, as written
  HostPort address;  ///< of the url
  std::uint32_t weight = 1;
  std::uint32_t locality = 0;  ///< how far away: 0 is here
};

/// How long one attempt may take.
struct TimeoutsConfig {
  Duration connect = std::chrono::milliseconds{500};
  Duration response = std::chrono::seconds{2};  ///< from the request sent to the head of the answer
  Duration idle = std::chrono::seconds{30};     ///< between two reads or writes of a body
};

/// Connections kept open to each target.
struct PoolConfig {
  std::uint32_t idle_max = 128;                      ///< unused ones, per worker and target
  Duration idle_timeout = std::chrono::seconds{60};  ///< after this long unused, closed
};

/// Checks of a service's targets, made by the gateway itself: see gateway/health_checker.hpp.
struct HealthConfig {
  std::string path;                            ///< asked by GET; 2xx is well
  Duration every = std::chrono::seconds{2};    ///< from the end of a check to the next
  Duration timeout = std::chrono::seconds{1};  ///< for a whole check
  std::uint32_t healthy_after = 2;             ///< this many passed in a row make a target healthy
  std::uint32_t unhealthy_after = 3;           ///< this many failed in a row make it unhealthy
};

struct ServiceConfig {
  std::string name;
  std::vector<TargetConfig> targets;  ///< at least one
  balance::Spec balance;
  TimeoutsConfig timeouts;
  PoolConfig pool;
  std::optional<HealthConfig> health;  ///< nothing: no checks, targets count as healthy
  // Each of these is off if there is none.
  std::optional<resilience::Breaker::Config> breaker;
  std::optional<resilience::Outlier::Config> outlier;
  std::optional<resilience::RetryPolicy::Config> retry;
  std::optional<resilience::AdaptiveConcurrency::Config> concurrency;
  std::optional<resilience::ClientThrottle::Config> throttle;
  /// All of them.
  [[nodiscard]] resilience::Guard::Config guard() const {
    return {.breaker = breaker,
            .outlier = outlier,
            .retry = retry,
            .concurrency = concurrency,
            .throttle = throttle};
  }
};

/// `rate_limit:` has one spec, `rate_limits:` up to Chain::kLimitsMax that decide as one.
struct RateLimitFilter {
  std::vector<ratelimit::Spec> limits;
};

/// One event per answered request.
struct PublishFilter {
  std::string topic;
};

using FilterConfig = std::variant<RateLimitFilter, PublishFilter>;

// What a route does with a request that its filters let pass.
struct ToService {
  std::string service;
};
struct ToTopic {
  std::string topic;
};
struct ToQueue {
  std::string queue;
};
using ActionConfig = std::variant<ToService, ToTopic, ToQueue>;

struct RouteConfig {
  std::string name;
  routing::Match match;
  std::vector<FilterConfig> filters;  ///< in the order in which they run
  ActionConfig action;
};

struct TopicConfig {
  std::string name;
  std::string store;
};

struct QueueConfig {
  std::string name;
  std::string store;
  Duration lease = std::chrono::seconds{30};
  std::uint32_t max_deliveries = 5;
  std::string dead_letter;  ///< the log, in the same store, of messages given up; empty: none
};

enum class Durability { kMemory, kOs, kDisk };

struct MemoryStore {};
struct JournalStore {
  std::string dir;  ///< relative to the config's folder, already resolved
  Durability durability = Durability::kDisk;
};
struct KafkaStore {
  std::string bootstrap;  ///< `host:port[,host:port]`
};
struct StoreConfig {
  std::string name;
  std::variant<MemoryStore, JournalStore, KafkaStore> kind;
};

/// What a client may ask of the gateway at most.
struct LimitsConfig {
  Bytes head{16'384};          ///< request line and fields; beyond: 431
  std::uint32_t fields = 100;  ///< beyond: 431
  Bytes request_line{8'192};   ///< beyond: 414
  std::optional<Bytes> body;   ///< nothing: bodies are streamed and not limited; beyond: 413
  std::uint32_t connections = 10'000;  ///< clients at once, over all workers; beyond: closed
  Duration head_timeout = std::chrono::seconds{10};   ///< for the whole head, not for each read
  Duration idle_timeout = std::chrono::seconds{60};   ///< of a connection without a request
  Duration drain_timeout = std::chrono::seconds{10};  ///< after SIGTERM
};

/// A request written as `GET http://api.example.com/orders/1` and the route that must take it.
struct RouteTest {
  std::string method;
  std::string host;
  std::string target;  ///< path and query
  std::string route;   ///< a name, or "none"
};

struct GatewayConfig {
  std::vector<ListenerConfig> listeners;
  std::vector<ServiceConfig> services;
  std::vector<RouteConfig> routes;
  std::vector<TopicConfig> topics;
  std::vector<QueueConfig> queues;
  std::vector<StoreConfig> stores;
  std::vector<ratelimit::Consumer> consumers;
  std::string access_log;         ///< a file, resolved against the config's folder; empty: none
  std::uint32_t workers = 0;      ///< 0: one per core
  std::optional<HostPort> admin;  ///< nothing: no admin listener
  LimitsConfig limits;
  std::vector<RouteTest> tests;

  [[nodiscard]] const ServiceConfig* find_service(std::string_view name) const noexcept;
  [[nodiscard]] const TopicConfig* find_topic(std::string_view name) const noexcept;
  [[nodiscard]] const QueueConfig* find_queue(std::string_view name) const noexcept;
  [[nodiscard]] const StoreConfig* find_store(std::string_view name) const noexcept;
};

/// Reads, checks and lints the gateway config that hangs at `node`. `file` and `path` ("gateway" in
/// a scenario) are for diagnostics; file names in the config are relative to `file`'s folder.
[[nodiscard]] Loaded<GatewayConfig> load_gateway(const Node& node, const std::string& file,
                                                 const std::string& path = {});
[[nodiscard]] Loaded<GatewayConfig> load_gateway_text(std::string_view text,
                                                      const std::string& file);
[[nodiscard]] Loaded<GatewayConfig> load_gateway_file(const std::string& file);

/// The JSON Schema (draft-07) of the document.
[[nodiscard]] std::string gateway_schema();

}  // namespace headgate::config
