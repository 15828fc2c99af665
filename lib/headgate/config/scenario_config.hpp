// A scenario as a typed model: what arrives, what it meets, what is swept, what must come out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "headgate/arrival/distribution.hpp"
#include "headgate/arrival/schedule.hpp"
#include "headgate/balance/catalog.hpp"
#include "headgate/config/broker_config.hpp"
#include "headgate/config/diagnostic.hpp"
#include "headgate/config/gateway_config.hpp"
#include "headgate/config/scenario_files.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/resilience/codel.hpp"
#include "headgate/resilience/hedge.hpp"
#include "headgate/resilience/retry.hpp"
#include "headgate/stats/expectation.hpp"

namespace headgate::config {

/// A target that differs from the rest of its service.
struct StationException {
  std::uint32_t target = 0;  ///< its index
  std::optional<arrival::Distribution> time;
  std::optional<std::uint32_t> servers;
};

/// Times at which a target stands still, as for the collection of garbage.
struct PauseConfig {
  arrival::Distribution every;   ///< from the end of one to the start of the next
  arrival::Distribution length;  ///< of each
};

/// A share of requests that the gateway answers itself.
struct CacheConfig {
  Share hits;
  arrival::Distribution time;  ///< of such an answer
};

/// What stands behind the gateway under one service name: a station per target.
struct StationConfig {
  std::string name;
  std::optional<std::uint32_t> targets;           ///< with a gateway: nothing, or as many as there
  std::uint32_t servers = 1;                      ///< requests that one target serves at once
  std::optional<std::uint64_t> queue;             ///< waiting places per target; nothing: unlimited
  std::string discipline = "fifo";                ///< who is served next; see disciplines()
  std::optional<arrival::Distribution> time;      ///< always there in a config that is ok()
  std::optional<balance::Spec> balance;           ///< only without a gateway
  std::optional<arrival::Distribution> patience;  ///< how long a request waits before it leaves
  std::optional<PauseConfig> pauses;
  std::optional<resilience::Codel::Config> codel;  ///< sheds from a standing queue
  std::optional<CacheConfig> cache;
  std::uint32_t fan_out = 0;  ///< parallel calls that make one request; 0: it is one call
  std::vector<StationException> except;

  /// The service time of target `index`. Requires: ok().
  [[nodiscard]] const arrival::Distribution& time_of(std::uint32_t index) const;
  [[nodiscard]] std::uint32_t servers_of(std::uint32_t index) const noexcept;
};

/// What the simulated clients ask; only a gateway's routes can tell requests apart.
struct RequestConfig {
  std::string method = "GET";
  std::string host;        ///< empty: none sent
  std::string path = "/";  ///< with query
  std::vector<std::pair<std::string, std::string>> headers;
  double weight = 1;           ///< against the other requests of the scenario
  std::string name;            ///< of the class in figures; empty: it has none of its own
  std::uint32_t priority = 0;  ///< 0 first, to 7; of a `priority` discipline
  std::optional<arrival::Distribution> time;  ///< of its service, instead of the service's own
};

struct ClientsConfig {
  std::optional<Duration> timeout;   ///< of each try; nothing: they wait for ever
  std::optional<Duration> deadline;  ///< of the whole call; targets drop work that is past it
  std::optional<resilience::RetryPolicy::Config> retry;
  std::optional<resilience::Hedge::Config> hedge;
};

/// What a target, or a whole service, suffers for a while; or another config for the gateways.
struct FaultConfig {
  enum class Kind : std::uint8_t { kSlow, kDown, kLossy, kPause, kPartition };
  Duration at{};                   ///< from the start of the run
  std::optional<Duration> length;  ///< nothing: to the end
  std::string target;              ///< `orders/0`, or a service for all of its targets
  Kind kind = Kind::kDown;
  double amount = 0;  ///< kSlow: work takes so many times as long; kLossy: the share that is lost
  /// What the gateways run from then on; with it neither `target` nor `kind` says anything.
  std::optional<GatewayConfig> gateway = {};
};

/// The gateway's own processors, and how many gateways there are.
struct GatewaysConfig {
  std::uint32_t count = 1;
  std::uint32_t cores = 1;                    ///< of each; only with `time`
  std::optional<arrival::Distribution> time;  ///< processor time of a request; nothing: none
};

/// Between a gateway and its targets.
struct NetworkConfig {
  std::optional<arrival::Distribution> latency;  ///< one way
  std::optional<arrival::Distribution> connect;  ///< to set up a connection when none is idle
  std::optional<Share> loss;                     ///< of attempts
};

/// What a target of a service costs.
struct ServicePrice {
  std::string name;        ///< of the service
  double target_hour = 0;  ///< of one target for an hour, in any currency
};

/// One dimension of a sweep; the points are the product of all dimensions, the last one fastest.
struct SweepDimension {
  std::string name;                 ///< "policy", or "load"
  std::string path;                 ///< where its values go in the tree; empty for "load"
  std::vector<std::string> values;  ///< as written, to be shown
};

struct RunConfig {
  std::uint64_t seed = 1;
  // How long one replication is: exactly one of the two, or neither when `precision` decides.
  std::optional<Duration> duration;
  std::optional<std::uint64_t> jobs;
  std::optional<Share> precision;  ///< go on until the interval of every `on` is this narrow
  std::vector<std::string> on = {"response_time.mean"};
  std::uint32_t replications = 10;  ///< 1: one long run, cut into sections
  std::optional<Duration> warmup;   ///< nothing: found automatically
};

/// One point of the sweep, or the whole scenario when nothing is swept.
struct ScenarioConfig {
  std::string question;
  std::optional<arrival::Arrivals> arrivals;  ///< always there in a config that is ok()
  std::optional<GatewayConfig> gateway;
  std::vector<StationConfig> services;
  std::vector<RequestConfig> requests;  ///< at least one
  ClientsConfig clients;
  GatewaysConfig gateways;
  NetworkConfig network;
  std::vector<FaultConfig> faults;
  BrokerConfig broker;
  std::string publish;  ///< without gateway and services: the topic that all requests go to
  RunConfig run;
  std::vector<ServicePrice> prices;
  std::vector<stats::Expectation> expect;
  std::optional<double> load;  ///< of this point: offered work over the capacity of the service

  [[nodiscard]] const StationConfig* find_service(std::string_view name) const noexcept;
};

/// A sweep's point: what to show ("load=0.9, policy=random") and the scenario that it makes.
struct ScenarioPoint {
  std::vector<std::pair<std::string, std::string>> at;  ///< sorted by name
  ScenarioConfig scenario;
};

struct Scenario {
  std::string file;
  std::vector<SweepDimension> sweep;
  std::vector<ScenarioPoint> points;  ///< one, with an empty `at`, when nothing is swept
  ScenarioFiles files;                ///< as written, settings put in

  /// What is wrong with the value at `path`, found after the scenario was read: points to its line,
  /// or to what comes nearest above it.
  [[nodiscard]] Diagnostic diagnostic(std::string_view path, std::string message,
                                      std::string hint) const;
  /// Equal for scenarios of equal content, whatever their files are called and however they are
  /// laid out; settings and gateway included, files that distributions name not.
  [[nodiscard]] std::uint64_t fingerprint() const;
  /// What all points share (question, expect, run).
  [[nodiscard]] const ScenarioConfig& base() const { return points.front().scenario; }
};

/// PATH=VALUE from the command line.
struct Setting {
  std::string path;
  std::string value;
};

/// Reads FILE, puts every setting into its tree, then builds each point of the sweep by putting its
/// values at their paths and reading the result. A path that leads into a gateway config when that
/// is a file goes into the file's tree (see scenario_files.hpp). `load` is kept as a number: the
/// simulator turns it into a rate.
[[nodiscard]] Loaded<Scenario> load_scenario_file(const std::string& file,
                                                  const std::vector<Setting>& set = {});
[[nodiscard]] Loaded<Scenario> load_scenario_text(std::string_view text, const std::string& file,
                                                  const std::vector<Setting>& set = {});
[[nodiscard]] std::string scenario_schema();

}  // namespace headgate::config
