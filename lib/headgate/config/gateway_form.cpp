// The declarations of the gateway config: what stands here is what can be written.
#include "headgate/config/gateway_form.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "headgate/config/gateway_config.hpp"
#include "headgate/config/limit_names.hpp"
#include "headgate/config/policy_form.hpp"
#include "headgate/config/request_form.hpp"
#include "headgate/config/resilience_form.hpp"
#include "headgate/config/value.hpp"
#include "headgate/http/method.hpp"
#include "headgate/ratelimit/chain.hpp"

namespace headgate::config {
namespace {

/// A form of text that `parse` checks. No valid one is ambiguous.
template <class Parse>
auto parsed(Parse parse) {
  return checked(any_text(), [parse](const std::string& written) {
    auto result = parse(written);
    if (!result) result.error().why = fmt::format("'{}' {}", written, result.error().why);
    return result;
  });
}

Form<ListenerConfig> listener() {
  return Object<ListenerConfig>("a listener")
      .required("name", &ListenerConfig::name, name(), "shown in the `ready` line and in metrics")
      .required("bind", &ListenerConfig::bind, parsed(parse_bind),
                "HOST:PORT; port 0 is any free one")
      .unavailable("tls", "listeners speak plain HTTP/1.1")
      .form();
}

Form<Url> target_url() {
  return parsed([](const std::string& written) -> Result<Url> {
    Result<Url> url = parse_url(written);
    if (!url || url->path == "/") return url;
    return failed(Errc::kInvalidArgument, written, "has a path; a target is only http://HOST:PORT");
  });
}

/// A target as it is written; the model has the url's parts.
struct WrittenTarget {
  Url url;
  std::string name;
  std::uint32_t weight = 1;
  std::uint32_t locality = 0;
};

Form<TargetConfig> target() {
  auto written = Object<WrittenTarget>("a target")
                     .required("url", &WrittenTarget::url, target_url(), "http://HOST:PORT")
                     .optional("name", &WrittenTarget::name, name(),
                               "as metrics and results call it", "SERVICE/INDEX")
                     .optional("weight", &WrittenTarget::weight, small(1),
                               "its part of the requests, where the policy reads it", "1")
                     .optional("locality", &WrittenTarget::locality, small(0),
                               "how far away: 0 is here, greater is farther", "0")
                     .form();
  return checked(written, [](WrittenTarget&& all) {
    return Result<TargetConfig>{{.name = std::move(all.name),
                                 .url = std::move(all.url.text),
                                 .address = std::move(all.url.address),
                                 .weight = all.weight,
                                 .locality = all.locality}};
  });
}

Form<TimeoutsConfig> timeouts() {
  return Object<TimeoutsConfig>("timeouts")
      .optional("connect", &TimeoutsConfig::connect, positive_duration(), "to open a connection",
                "500ms")
      .optional("response", &TimeoutsConfig::response, positive_duration(),
                "from the request sent to the head of the answer", "2s")
      .optional("idle", &TimeoutsConfig::idle, positive_duration(),
                "without a byte of a body, either way", "30s")
      .form();
}

Form<PoolConfig> pool() {
  return Object<PoolConfig>("a connection pool")
      .optional("idle_max", &PoolConfig::idle_max, small(0),
                "unused connections kept open, per worker and target", "128")
      .optional("idle_timeout", &PoolConfig::idle_timeout, positive_duration(),
                "how long one is kept unused", "60s")
      .form();
}

Form<std::string> health_path() {
  return checked(any_text(), [](std::string&& written) -> Result<std::string> {
    if (const auto fault = routing::path_fault(written)) {
      return failed(Errc::kInvalidArgument, "path", fmt::format("'{}' {}", written, *fault));
    }
    return std::move(written);
  });
}

Form<HealthConfig> health() {
  return Object<HealthConfig>("health checks", "{path: /healthz, every: 2s}")
      .required("path", &HealthConfig::path, health_path(), "asked by GET; 2xx is well")
      .optional("every", &HealthConfig::every, positive_duration(),
                "from the end of a check to the next", "2s")
      .optional("timeout", &HealthConfig::timeout, positive_duration(), "for a whole check", "1s")
      .optional("healthy_after", &HealthConfig::healthy_after, small(1),
                "this many passed in a row make a target healthy", "2")
      .optional("unhealthy_after", &HealthConfig::unhealthy_after, small(1),
                "this many failed in a row make it unhealthy", "3")
      .form();
}

Form<ServiceConfig> service() {
  return Object<ServiceConfig>("a service")
      .required("targets", &ServiceConfig::targets, list_of(target(), 1), "the pool")
      .optional("balance", &ServiceConfig::balance, balance_spec(), "how a target is picked",
                "{policy: " + balance::Spec{}.policy + "}")
      .optional("timeouts", &ServiceConfig::timeouts, timeouts(), "how long one attempt may take")
      .optional("pool", &ServiceConfig::pool, pool(), "connections kept open to the targets")
      .optional("breaker", &ServiceConfig::breaker, breaker(),
                "refuses requests while the service keeps failing", "none")
      .optional("outlier", &ServiceConfig::outlier, outlier(),
                "leaves out targets that do worse than the others", "none")
      .optional("retry", &ServiceConfig::retry, retry(),
                "sends a request that failed once more, to another target", "none")
      .optional("concurrency", &ServiceConfig::concurrency, concurrency(),
                "bounds the requests in flight", "unlimited")
      .optional("throttle", &ServiceConfig::throttle, throttle(),
                "refuses here what the service would refuse", "none")
      .optional("health", &ServiceConfig::health, health(),
                "checks that the gateway makes of each target", "targets count as healthy")
      .form();
}

Form<std::string> match_host() {
  return parsed([](const std::string& written) -> Result<std::string> {
    std::string host = written;
    for (char& c : host) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    if (const auto fault = routing::host_fault(host)) {
      return failed(Errc::kInvalidArgument, written, "" + *fault);
    }
    return host;
  });
}

/// A path that the router could never see is its own finding: it is well written and matches
/// nothing.
Form<routing::PathMatch> path_kind(routing::PathMatch::Kind kind) {
  return {[kind](const Node& node, Reading& reading) -> std::optional<routing::PathMatch> {
            auto path = any_text().read(node, reading);
            if (!path) return std::nullopt;
            if (const auto fault = routing::path_fault(*path)) {
              reading.error("GW104", node.at, fmt::format("'{}' {}", *path, *fault));
              return std::nullopt;
            }
            return routing::PathMatch{.kind = kind, .path = std::move(*path)};
          },
          R"({"type":"string","pattern":"^/"})"};
}

Form<routing::PathMatch> path_match() {
  using Kind = routing::PathMatch::Kind;
  return OneOf<routing::PathMatch>("a path match", "{prefix: /orders}")
      .option("exact", path_kind(Kind::kExact), "this path and no other")
      .option("prefix", path_kind(Kind::kPrefix), "this path and all below it, by whole segments")
      .unavailable("template", "take exact or prefix")
      .unavailable("regex", "take exact or prefix")
      .form();
}

Form<http::MethodSet> methods() {
  return checked(list_of(method(), 1), [](const std::vector<std::string>& written) {
    http::MethodSet set;
    for (const std::string& each : written) set.add(http::method_of(each));
    return Result<http::MethodSet>{set};
  });
}

Form<routing::Match> match() {
  using routing::Match;
  return Object<Match>("a match")
      .optional("hosts", &Match::hosts, list_of(match_host(), 1),
                "any of these; *.NAME for all below", "every host")
      .optional("path", &Match::path, path_match(), "which paths", "{prefix: /}")
      .optional("methods", &Match::methods, methods(), "any of these", "every method")
      .unavailable("headers", "match by host, path and method")
      .unavailable("query", "match by host, path and method")
      .form();
}

Form<FilterConfig> filter() {
  auto publish = Object<PublishFilter>("a publish filter")
                     .required("topic", &PublishFilter::topic, name(), "where the events go")
                     .form();
  auto limit = checked(rate_limit(), [](ratelimit::Spec&& spec) {
    return Result<RateLimitFilter>{{.limits = {std::move(spec)}}};
  });
  auto limits = checked(
      list_of(rate_limit(), 1), [](std::vector<ratelimit::Spec>&& all) -> Result<RateLimitFilter> {
        if (all.size() <= ratelimit::Chain::kLimitsMax) {
          return RateLimitFilter{.limits = std::move(all)};
        }
        return failed(Errc::kInvalidConfig, "rate_limits",
                      fmt::format("has more than {} limits", ratelimit::Chain::kLimitsMax));
      });
  return OneOf<FilterConfig>("a filter", "{publish: {topic: events}}")
      .option("rate_limit", limit, "refuses what is over a limit, with 429")
      .option("rate_limits", limits, "several limits that decide as one")
      .option("publish", publish, "one event per answered request")
      .form();
}

template <class To>
auto action(std::string To::* member) {
  return checked(name(), [member](std::string&& target) {
    To to;
    to.*member = std::move(target);
    return Result<ActionConfig>{std::move(to)};
  });
}

Form<RouteConfig> route() {
  return Object<RouteConfig>("a route")
      .required("name", &RouteConfig::name, name(), "shown in logs and metrics")
      .optional("match", &RouteConfig::match, match(), "which requests it takes", "every request")
      .optional("filters", &RouteConfig::filters, list_of(filter()), "run in this order")
      .optional("service", &RouteConfig::action, action(&ToService::service),
                "forward the request to a target of it")
      .optional("topic", &RouteConfig::action, action(&ToTopic::topic),
                "append the body as an event; 202")
      .optional("queue", &RouteConfig::action, action(&ToQueue::queue),
                "put the body into the queue; 202")
      .unavailable("backends", "name one service")
      .exactly_one({"service", "topic", "queue"})
      .then(name_limits)
      .form();
}

Form<TopicConfig> topic() {
  return Object<TopicConfig>("a topic")
      .required("store", &TopicConfig::store, name(), "which store holds it")
      .form();
}

Form<QueueConfig> queue() {
  return Object<QueueConfig>("a queue")
      .required("store", &QueueConfig::store, name(), "which store holds it")
      .optional("lease", &QueueConfig::lease, positive_duration(),
                "after this long without an ack, a message is delivered again", "30s")
      .optional("max_deliveries", &QueueConfig::max_deliveries, small(1),
                "after this many, a message is given up", "5")
      .optional("dead_letter", &QueueConfig::dead_letter, name(),
                "the log, in the same store, of messages given up", "they are dropped and counted")
      .form();
}

/// A file that the config names stands beside the config.
Form<std::string> file_beside() {
  return {[](const Node& node, Reading& reading) -> std::optional<std::string> {
            const auto file = text().read(node, reading);
            if (!file) return std::nullopt;
            return (std::filesystem::path{reading.file()}.parent_path() / *file).string();
          },
          text().schema};
}

Form<Durability> durability() {
  return checked(word({"memory", "os", "disk"}), [](const std::string& written) {
    return Result<Durability>{written == "disk" ? Durability::kDisk
                              : written == "os" ? Durability::kOs
                                                : Durability::kMemory};
  });
}

Form<std::string> bootstrap() {
  return parsed([](const std::string& written) -> Result<std::string> {
    for (std::size_t start = 0; start <= written.size();) {
      const std::size_t comma = std::min(written.find(',', start), written.size());
      const auto broker = parse_host_port(written.substr(start, comma - start));
      if (!broker) return std::unexpected(broker.error());
      start = comma + 1;
    }
    return written;
  });
}

using StoreKind = decltype(StoreConfig::kind);

/// It is sent as the value of a header field, which loses blanks at its ends.
Form<std::string> api_key() {
  auto form = checked(text(), [](std::string&& written) -> Result<std::string> {
    const auto is_visible = [](char c) { return c > ' ' && c < '\x7f'; };
    if (std::ranges::all_of(written, is_visible)) return std::move(written);
    return failed(Errc::kInvalidArgument, {}, "an API key has only visible ASCII characters");
  });
  form.schema = R"({"type":"string","pattern":"^[!-~]+$"})";
  return form;
}

Form<ratelimit::Consumer> consumer() {
  using ratelimit::Consumer;
  return Object<Consumer>("a consumer", "{keys: [a-long-secret]}")
      .required("keys", &Consumer::keys, list_of(api_key(), 1),
                "API keys; who sends one of them in the header x-api-key is this consumer")
      .form();
}

Form<LimitsConfig> limits() {
  return Object<LimitsConfig>("limits")
      .optional("head", &LimitsConfig::head, bytes(), "request line and fields; beyond: 431",
                "16KiB")
      .optional("fields", &LimitsConfig::fields, small(1), "number of fields; beyond: 431", "100")
      .optional("request_line", &LimitsConfig::request_line, bytes(), "beyond: 414", "8KiB")
      .optional("body", &LimitsConfig::body, bytes(), "of one request; beyond: 413", "unlimited")
      .optional("connections", &LimitsConfig::connections, small(1),
                "clients at once over all workers; beyond: closed", "10000")
      .optional("head_timeout", &LimitsConfig::head_timeout, positive_duration(),
                "for the whole head of a request", "10s")
      .optional("idle_timeout", &LimitsConfig::idle_timeout, positive_duration(),
                "of a connection without a request", "60s")
      .optional("drain_timeout", &LimitsConfig::drain_timeout, positive_duration(),
                "after SIGTERM, until connections are cut", "10s")
      .form();
}

/// `GET http://api.example.com/orders/1`
Result<RouteTest> parse_request(std::string_view written) {
  const std::size_t blank = written.find(' ');
  RouteTest test;
  test.method = written.substr(0, blank);
  const auto url = parse_url(blank == std::string_view::npos ? "" : written.substr(blank + 1));
  if (!url || http::method_of(test.method) == http::Method::kUnknown) {
    return failed(Errc::kInvalidArgument, std::string{written},
                  "must be METHOD URL such as GET http://api.example.com/orders/1");
  }
  test.host = url->address.host;
  test.target = url->path;
  return test;
}

Form<RouteTest> route_test() {
  const auto whole_test = [](RouteTest& test) -> RouteTest& { return test; };
  return Object<RouteTest>("a test")
      .required("request", whole_test, parsed(parse_request), "METHOD URL")
      .required("route", &RouteTest::route, text(), "the route that takes it, or none")
      .form();
}

Object<GatewayConfig>& logs_and_admin(Object<GatewayConfig>& object) {
  struct Access {
    std::string path;
  };
  struct Logs {
    Access access;
  };
  auto access = Object<Access>("an access log")
                    .required("path", &Access::path, file_beside(),
                              "one JSON object per request; relative to this file")
                    .form();
  auto logs = checked(Object<Logs>("logs")
                          .optional("access", &Logs::access, access, "one line per request", "none")
                          .form(),
                      [](Logs&& all) { return Result<std::string>{std::move(all.access.path)}; });
  auto admin = checked(Object<ListenerConfig>("the admin listener")
                           .required("bind", &ListenerConfig::bind, parsed(parse_bind), "HOST:PORT")
                           .form(),
                       [](ListenerConfig&& all) { return Result<HostPort>{std::move(all.bind)}; });
  return object.optional("logs", &GatewayConfig::access_log, logs, "what is written of requests")
      .optional("admin", &GatewayConfig::admin, admin, "/metrics /healthz /readyz /stats /config",
                "none");
}

}  // namespace

Form<StoreConfig> store_form() {
  auto journal =
      Object<JournalStore>("a journal")
          .required("dir", &JournalStore::dir, file_beside(), "its folder, relative to this file")
          .optional("durability", &JournalStore::durability, durability(),
                    "what an answer promises: memory | os (page cache) | disk (fsync)", "disk")
          .form();
  auto kafka = Object<KafkaStore>("a Kafka store")
                   .required("bootstrap", &KafkaStore::bootstrap, bootstrap(),
                             "HOST:PORT, or several with commas")
                   .form();
  auto kind =
      OneOf<StoreKind>("a store", "{memory: {}}")
          .option("memory", Object<MemoryStore>("a memory store").form(), "lost with the process")
          .option("journal", journal, "files in a folder")
          .option("kafka", kafka, "topics of a Kafka cluster")
          .form();
  return checked(kind, [](StoreKind&& made) {
    return Result<StoreConfig>{{.name = {}, .kind = std::move(made)}};
  });
}

Form<GatewayConfig> gateway_form() {
  using Config = GatewayConfig;
  auto object =
      Object<Config>("a gateway config")
          .required("listeners", &Config::listeners, list_of(listener(), 1),
                    "where clients connect")
          .optional("services", &Config::services, by_name(service()), "pools of targets, by name")
          .required("routes", &Config::routes, list_of(route(), 1), "which request goes where")
          .optional("topics", &Config::topics, by_name(topic()), "logs of events, by name")
          .optional("queues", &Config::queues, by_name(queue()), "work to be done once, by name")
          .optional("stores", &Config::stores, by_name(store_form()),
                    "what keeps topics and queues")
          .optional("consumers", &Config::consumers, by_name(consumer()),
                    "who calls, by name: whom limits with `key: consumer` count")
          .optional("workers", &Config::workers, small(1, 1024), "threads that serve",
                    "one per core")
          .optional("limits", &Config::limits, limits(), "what a client may ask at most")
          .optional("tests", &Config::tests, list_of(route_test()),
                    "requests and the routes that must take them; `gwctl lint` runs them");
  return logs_and_admin(object).form();
}

}  // namespace headgate::config
