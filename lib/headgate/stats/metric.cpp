#include "headgate/stats/metric.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "headgate/core/text.hpp"

namespace headgate::stats {
namespace {

using enum MetricKind;

constexpr std::string_view kName = "NAME";

// Seven statistics of each of its timings would be 70 lines that say one thing; this is their
// product.
#define HG_TIMING(name, doc)                                                              \
  Metric{name ".mean", kDuration, doc}, Metric{name ".p50", kDuration, doc},              \
      Metric{name ".p90", kDuration, doc}, Metric{name ".p95", kDuration, doc},           \
      Metric{name ".p99", kDuration, doc}, Metric{name ".p999", kDuration, doc}, Metric { \
    name ".max", kDuration, doc                                                           \
  }

constexpr std::array kMetrics = std::to_array<Metric>({
    HG_TIMING("response_time", "from the intended time of a request to the end of its answer"),
    HG_TIMING("service_time", "from the actual send to the end of the answer"),
    HG_TIMING("send_lag", "from the intended time to the actual send"),
    HG_TIMING("connect_time", "from the start of a connection until it stands"),
    HG_TIMING("tls_time", "the handshake of a connection after that"),
    HG_TIMING("first_byte_time", "from the actual send to the first byte of the answer"),
    HG_TIMING("publish_time", "from the intended time of a message to the store's answer"),
    HG_TIMING("end_to_end_time", "from the intended time of a message to its consumer's having it"),
    HG_TIMING("settle_time", "from the ack of a queue's message to its durable answer"),
    HG_TIMING("queue_time", "spent waiting for a free server"),
    HG_TIMING("classes.NAME.response_time", "the same of one class of requests"),
    {"offered", kRate, "requests scheduled per second"},
    {"throughput", kRate, "requests answered per second"},
    {"goodput", kRate, "requests answered well per second"},
    {"consumed", kRate, "messages consumed per second, by the slowest group"},
    {"backlog.max", kCount, "messages published and not yet consumed, at worst"},
    {"lost", kCount, "messages acknowledged, and neither consumed nor in the store any more"},
    {"duplicated", kCount, "arrivals of a message beyond its first"},
    {"redelivered", kCount, "deliveries of a queue beyond the first of their message"},
    {"refused_share", kShare, "refused by a limiter, or shed"},
    {"failed_share", kShare, "answered wrongly, or not for a fault of the transport"},
    {"timed_out_share", kShare, "given up by the client"},
    {"waited_share", kShare, "of the requests that were served, those that had to wait for it"},
    {"attempts_per_request", kCount, "sends per request, retries and hedges included"},
    {"tries_per_request", kCount, "of its client: the first, its retries and its hedge"},
    {"hedged_share", kShare,
     "of requests that their client has tried a second time beside the first"},
    {"services.NAME.utilisation", kShare, "busy time of the servers of a service"},
    {"services.NAME.shed_share", kShare, "refused by a service's breaker, limit or throttle"},
    {"services.NAME.queue.mean", kCount, "requests waiting at a service, over time"},
    {"services.NAME.targets.NAME.share", kShare, "picks of one target among those of its service"},
    {"topics.NAME.throughput", kRate, "records of a topic processed per second"},
    {"topics.NAME.lag.mean", kCount, "records of a topic not yet processed, over time"},
    {"topics.NAME.lag.max", kCount, "records behind the end of a topic, at worst"},
    {"topics.NAME.batch.mean", kCount, "records of a batch that a producer sends"},
    {"topics.NAME.hottest_share", kShare, "records in the partition of a topic that gets most"},
    {"topics.NAME.lost", kCount, "records of a topic deleted unread, or never there"},
    {"topics.NAME.failed", kCount, "records that a producer gave up"},
    {"topics.NAME.redelivered", kCount, "records of a topic processed once more"},
    {"topics.NAME.rebalances", kCount, "rebalances of the group that reads a topic"},
    HG_TIMING("topics.NAME.produce_time", "from publishing a record to its acknowledgement"),
    HG_TIMING("topics.NAME.age", "from publishing a record to the end of its processing"),
    {"queues.NAME.throughput", kRate, "messages of a queue acknowledged per second"},
    {"queues.NAME.depth.mean", kCount, "messages of a queue not yet settled, over time"},
    {"queues.NAME.depth.max", kCount, "messages of a queue not yet settled, at worst"},
    {"queues.NAME.redelivered", kCount, "deliveries beyond the first of their message"},
    {"queues.NAME.dead", kCount, "messages that a queue gave up"},
    HG_TIMING("queues.NAME.age", "from publishing a message to its acknowledgement"),
    {"subscribers.NAME.throughput", kRate, "events that a subscriber handled per second"},
    {"subscribers.NAME.depth.mean", kCount, "events that wait for a subscriber, over time"},
    {"subscribers.NAME.depth.max", kCount, "events that wait for a subscriber, at worst"},
    HG_TIMING("subscribers.NAME.age", "from publishing an event to the end of its handling"),
});

#undef HG_TIMING

/// Whether `name` is `form` with each NAME replaced by one or more characters.
bool matches(std::string_view name, std::string_view form) {
  const auto hole = form.find(kName);
  if (hole == std::string_view::npos) return name == form;
  if (name.size() <= hole || name.substr(0, hole) != form.substr(0, hole)) return false;
  name.remove_prefix(hole);
  const std::string_view rest = form.substr(hole + kName.size());
  for (std::size_t used = 1; used <= name.size(); ++used) {
    if (matches(name.substr(used), rest)) return true;
  }
  return false;
}

/// What to write instead of `name`: a near name, or the members of the family it seems to be from.
std::string advice(std::string_view name) {
  std::vector<std::string_view> names;
  std::string family;
  const std::string_view root = name.substr(0, name.find('.'));
  for (const Metric& metric : kMetrics) {
    names.push_back(metric.name);
    if (metric.name.substr(0, metric.name.find('.')) != root) continue;
    family += fmt::format("{}{}", family.empty() ? "" : ", ", metric.name);
  }
  if (const auto near = nearest_word(name, names); !near.empty()) {
    return fmt::format("did you mean '{}'?", near);
  }
  if (!family.empty()) return "there are " + family;
  for (std::string_view& known : names) known = known.substr(0, known.find('.'));
  const auto near_root = nearest_word(root, names);
  if (near_root.empty()) return "write one such as response_time.p99, throughput, failed_share";
  const std::string_view rest = name.substr(root.size());
  return fmt::format("did you mean '{}{}'?", near_root, rest);
}

/// Four significant digits, more where the whole part has more; never an exponent for large ones.
std::string digits_text(double value) {
  return std::abs(value) < 1000 ? fmt::format("{:.4g}", value) : fmt::format("{:.0f}", value);
}

std::string duration_text(double ns) {
  if (std::abs(ns) >= 1e9) return digits_text(ns / 1e9) + "s";
  if (std::abs(ns) >= 1e6) return digits_text(ns / 1e6) + "ms";
  if (std::abs(ns) >= 1e3) return digits_text(ns / 1e3) + "us";
  return digits_text(ns) + "ns";
}

}  // namespace

Result<Metric> find_metric(std::string_view name) {
  const auto* const found = std::ranges::find_if(
      kMetrics, [&](const Metric& metric) { return matches(name, metric.name); });
  if (found != kMetrics.end()) return *found;
  return failed(Errc::kInvalidArgument, std::string{name}, "is no metric; " + advice(name));
}

std::string metric_text(MetricKind kind, double value) {
  switch (kind) {
    case kDuration:
      return duration_text(value);
    case kRate:
      return digits_text(value) + "/s";
    case kShare:
      return digits_text(value * 100) + "%";
    case kCount:
      break;
  }
  return digits_text(value);
}

}  // namespace headgate::stats
