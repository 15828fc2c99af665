#include "headgate/config/model_form.hpp"

#include <algorithm>
#include <array>

#include "headgate/config/policy_form.hpp"
#include "headgate/config/request_form.hpp"
#include "headgate/config/resilience_form.hpp"
#include "headgate/config/value.hpp"

namespace headgate::config {
namespace {

Form<StationException> station_exception() {
  return Object<StationException>("an exception")
      .required("target", &StationException::target, small(0), "the index of the target")
      .optional("time", &StationException::time, distribution(), "its service time")
      .optional("servers", &StationException::servers, small(1), "its servers")
      .form();
}

Form<PauseConfig> pauses() {
  return Object<PauseConfig>("pauses", "{every: {exponential: 10s}, for: 200ms}")
      .required("every", &PauseConfig::every, distribution(), "from the end of one to the next")
      .required("for", &PauseConfig::length, distribution(), "how long each takes")
      .form();
}

Form<CacheConfig> cache() {
  return Object<CacheConfig>("a cache", "{hits: 80%, time: 200us}")
      .required("hits", &CacheConfig::hits, share(), "of the requests, answered by the gateway")
      .optional("time", &CacheConfig::time, distribution(), "of such an answer", "0s")
      .form();
}

struct ShedConfig {
  std::optional<resilience::Codel::Config> codel;
};
Form<ShedConfig> shed() {
  return Object<ShedConfig>("shedding", "{codel: {target: 5ms, interval: 100ms}}")
      .required("codel", &ShedConfig::codel, codel(), "from a queue that has stood for an interval")
      .form();
}

/// A gateway config as the scenario has one; the loader reads it.
Form<Node> later_gateway() {
  return {[](const Node& node, Reading&) { return std::optional<Node>{node}; },
          R"({"$ref":"#/properties/gateway"})"};
}

}  // namespace

Form<std::uint64_t> large(std::int64_t min) {
  return checked(whole(min), [](std::int64_t value) {
    return Result<std::uint64_t>{static_cast<std::uint64_t>(value)};
  });
}

Form<StationConfig> station() {
  const auto shedding = checked(shed(), [](const ShedConfig& written) {
    return Result<std::optional<resilience::Codel::Config>>{written.codel};
  });
  return Object<StationConfig>("a service")
      .optional("targets", &StationConfig::targets, small(1, 100'000),
                "how many; with a gateway, taken from it", "1")
      .optional("servers", &StationConfig::servers, small(1),
                "requests that one target serves at once", "1")
      .optional("queue", &StationConfig::queue, or_none("unlimited", large(0)),
                "waiting places of each target; over them: refused", "unlimited")
      .optional("discipline", &StationConfig::discipline,
                word({"fifo", "lifo", "priority", "processor_sharing"}), "who is served next",
                "fifo")
      .required("time", &StationConfig::time, distribution(), "how long a request is served")
      .optional("balance", &StationConfig::balance, balance_spec(),
                "how a target is picked; only without a gateway")
      .optional("patience", &StationConfig::patience, distribution(),
                "how long a request waits in the queue before its caller gives up", "for ever")
      .optional("pauses", &StationConfig::pauses, pauses(),
                "when a target stands still, as for the collection of garbage", "never")
      .optional("shed", &StationConfig::codel, shedding,
                "what is refused when taken from the queue")
      .optional("cache", &StationConfig::cache, cache(), "of the gateway, before the service")
      .optional("fan_out", &StationConfig::fan_out, small(0, 10'000),
                "parallel calls that make one request; it is answered when all are", "0")
      .optional("except", &StationConfig::except, list_of(station_exception()),
                "targets that differ")
      .then([](const Node& node, Reading& reading, StationConfig& station) {
        const bool shared = station.discipline == "processor_sharing";
        if (!shared || (!station.queue && !station.patience && !station.codel)) return;
        reading.error("GW001", node.find("discipline")->at,
                      "with processor_sharing nobody waits: queue, patience and shed mean nothing",
                      "leave them out, or take fifo");
      })
      .form();
}

Form<RequestConfig> request() {
  return Object<RequestConfig>("a request")
      .optional("method", &RequestConfig::method, method(), "", "GET")
      .optional("host", &RequestConfig::host, text(), "the Host field", "none")
      .optional("path", &RequestConfig::path, request_path(), "with query", "/")
      .optional("headers", &RequestConfig::headers, headers(), "fields")
      .optional("weight", &RequestConfig::weight, number(1e-6, 1e6), "its part of the requests",
                "1")
      .optional("name", &RequestConfig::name, text(),
                "of its class: gives it figures such as classes.NAME.response_time.p99")
      .optional("priority", &RequestConfig::priority, small(0, 7),
                "0 is served first; of targets with that discipline", "0")
      .optional("time", &RequestConfig::time, distribution(),
                "how long it is served, instead of the service's time")
      .form();
}

Form<ClientsConfig> clients() {
  return Object<ClientsConfig>("clients")
      .optional("timeout", &ClientsConfig::timeout, positive_duration(),
                "of each try, after which they give it up", "never")
      .optional("deadline", &ClientsConfig::deadline, positive_duration(),
                "of a request with all its tries; targets drop what is past it", "none")
      .optional("retry", &ClientsConfig::retry, client_retry(), "what they do when a try fails")
      .optional("hedge", &ClientsConfig::hedge, hedge(), "a second try beside a slow one")
      .then([](const Node&, Reading&, ClientsConfig& written) {
        if (written.retry && written.retry->attempts == 0) written.retry.reset();
      })
      .form();
}

Form<GatewaysConfig> gateways() {
  return Object<GatewaysConfig>("gateways", "{count: 2, cores: 1, time: 50us}")
      .optional("count", &GatewaysConfig::count, small(1, 1000),
                "each with limits, balancer and guards of its own", "1")
      .optional("cores", &GatewaysConfig::cores, small(1, 1024), "of each", "1")
      .optional("time", &GatewaysConfig::time, distribution(), "of a core, for one request", "0s")
      .form();
}

Form<NetworkConfig> network() {
  return Object<NetworkConfig>("a network", "{latency: 200us, connect: 1ms, loss: 0.1%}")
      .optional("latency", &NetworkConfig::latency, distribution(), "one way", "0s")
      .optional("connect", &NetworkConfig::connect, distribution(),
                "to set up a connection when none is idle", "0s")
      .optional("loss", &NetworkConfig::loss, share(), "of attempts: never answered", "0%")
      .form();
}

Form<FaultConfig> fault() {
  using Kind = FaultConfig::Kind;
  struct Written {
    FaultConfig fault;
    std::optional<double> slow;
    std::optional<Share> lossy;
    std::optional<Node> gateway;  // read by the loader
    bool down = false;
    bool pause = false;
    bool partition = false;
  };
  const auto of = [](auto member) {
    return [member](Written& written) -> auto& { return written.fault.*member; };
  };
  auto form =
      Object<Written>("a fault", "{at: 60s, for: 10s, target: orders/0, slow: 10}")
          .required("at", of(&FaultConfig::at), duration(), "from the start of the run")
          .optional("for", of(&FaultConfig::length), positive_duration(), "how long", "to the end")
          .optional("target", of(&FaultConfig::target), text(),
                    "SERVICE/N, or a service for all its targets")
          .optional("slow", &Written::slow, number(0.01, 1e6), "work takes so many times as long")
          .optional("lossy", &Written::lossy, share(), "of its requests, never answered")
          .optional("down", &Written::down, boolean(), "it refuses connections; its work is lost")
          .optional("pause", &Written::pause, boolean(), "it stands still and goes on later")
          .optional("partition", &Written::partition, boolean(), "nothing gets there or back")
          .optional("gateway", &Written::gateway, later_gateway(),
                    "no fault of a target: gateways with this config, a file's name or its tree, "
                    "take the place of those there are, which end what they have")
          .exactly_one({"target", "gateway"})
          .exactly_one({"slow", "lossy", "down", "pause", "partition", "gateway"})
          .form();
  return checked(form, [](Written written) -> Result<FaultConfig> {
    FaultConfig& fault = written.fault;
    fault.kind = written.slow        ? Kind::kSlow
                 : written.lossy     ? Kind::kLossy
                 : written.pause     ? Kind::kPause
                 : written.partition ? Kind::kPartition
                                     : Kind::kDown;
    fault.amount = written.slow.value_or(written.lossy ? written.lossy->of_one : 0);
    if (written.gateway) fault.gateway.emplace();
    return std::move(fault);
  });
}

}  // namespace headgate::config
