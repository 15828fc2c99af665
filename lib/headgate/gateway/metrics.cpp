// The Prometheus page.
#include <fmt/format.h>

#include <array>
#include <iterator>
#include <map>
#include <span>
#include <utility>

#include "headgate/gateway/admin_pages.hpp"

namespace headgate::gateway {
namespace {

constexpr std::array<std::string_view, kStatusClasses> kClassNames = {"none", "1xx", "2xx",
                                                                      "3xx",  "4xx", "5xx"};

/// A label's value (exposition format: backslash, quote and line feed are escaped).
std::string label(std::string_view name, std::string_view value) {
  std::string text = std::string{name} + "=\"";
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    text += c == '\n' ? std::string{"\\n"} : std::string{c};
  }
  return text + "\"";
}

class MetricsPage {
 public:
  explicit MetricsPage(Gateway& gateway) : gateway_(gateway) {}

  std::string text() {
    requests();
    targets();
    guards();
    connections();
    refusals();
    limiters();
    shared_limits();
    stores();
    return std::move(out_);
  }

 private:
  using Pick = std::uint64_t (*)(const WorkerCounters&, std::size_t);

  void family(std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(std::back_inserter(out_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name,
                   type);
  }
  void sample(std::string_view name, const std::string& labels, std::uint64_t value) {
    fmt::format_to(std::back_inserter(out_), "{}{}{}{} {}\n", name, labels.empty() ? "" : "{",
                   labels, labels.empty() ? "" : "}", value);
  }
  /// The sum over all workers of what `read` finds in their counters.
  template <class Read>
  [[nodiscard]] std::uint64_t sum(Read read) const {
    std::uint64_t total = 0;
    for (const auto& worker : gateway_.workers()) total += read(worker->counters()).value();
    return total;
  }

  /// Calls `visit(label, pick)` for every route and for requests that found none.
  template <class Visit>
  void each_route(Visit visit) {
    for (const RouteEntry& route : gateway_.snapshot().routes()) {
      visit(label("route", route.name),
            [n = route.number](const WorkerCounters& of) -> const RouteCounters& {
              return of.routes[n];
            });
    }
    visit(label("route", ""),
          [](const WorkerCounters& of) -> const RouteCounters& { return of.unrouted; });
  }
  template <class Visit>
  void each_target(Visit visit) {
    for (const auto& service : gateway_.snapshot().services()) {
      for (const ServiceTarget& target : service->targets()) {
        visit(label("service", service->name()) + "," + label("target", target.name),
              [n = target.number](const WorkerCounters& of) -> const TargetCounters& {
                return of.targets[n];
              });
      }
    }
  }

  void requests() {
    family("headgate_requests_total", "counter",
           "Requests by route and class of the status sent; none: not answered.");
    each_route([this](const std::string& route, auto pick) {
      for (std::size_t c = 0; c < kStatusClasses; ++c) {
        sample("headgate_requests_total", route + "," + label("class", kClassNames[c]),
               sum([&](const auto& of) -> const Counter& { return pick(of).requests[c]; }));
      }
    });
    family("headgate_request_duration_seconds", "histogram",
           "From the whole head to the last byte of the answer.");
    each_route([this](const std::string& route, auto pick) { durations(route, pick); });
    family("headgate_request_outcomes_total", "counter", "Requests by how they ended.");
    for (std::size_t i = 0; i < kOutcomeCount; ++i) {
      sample("headgate_request_outcomes_total", label("outcome", to_text(static_cast<Outcome>(i))),
             sum([&](const auto& of) -> const Counter& { return of.outcomes[i]; }));
    }
    gauge("headgate_requests_in_flight", "Requests that are being served.",
          sum([](const auto& of) -> const Counter& { return of.requests_in_flight; }));
  }

  template <class PickRoute>
  void durations(const std::string& route, PickRoute pick) {
    std::uint64_t cumulative = 0;
    for (std::size_t b = 0; b <= kDurationBoundsUs.size(); ++b) {
      cumulative +=
          sum([&](const auto& of) -> const Counter& { return pick(of).durations.counts[b]; });
      const std::string bound =
          b == kDurationBoundsUs.size()
              ? "+Inf"
              : fmt::format("{}", static_cast<double>(kDurationBoundsUs[b]) / 1e6);
      sample("headgate_request_duration_seconds_bucket", route + "," + label("le", bound),
             cumulative);
    }
    const std::uint64_t ns =
        sum([&](const auto& of) -> const Counter& { return pick(of).durations.sum_ns; });
    fmt::format_to(std::back_inserter(out_), "headgate_request_duration_seconds_sum{{{}}} {}\n",
                   route, static_cast<double>(ns) / 1e9);
    sample("headgate_request_duration_seconds_count", route, cumulative);
  }

  void targets() {
    family("headgate_upstream_attempts_total", "counter",
           "Requests sent to targets, by class of the answer; none: no answer.");
    each_target([this](const std::string& target, auto pick) {
      for (std::size_t c = 0; c < kStatusClasses; ++c) {
        sample("headgate_upstream_attempts_total", target + "," + label("class", kClassNames[c]),
               sum([&](const auto& of) -> const Counter& { return pick(of).attempts[c]; }));
      }
    });
    target_family("headgate_upstream_connects_total", "Connections opened to targets.",
                  &TargetCounters::connects);
    target_family("headgate_upstream_connect_failures_total",
                  "Connections to targets that did not come about.",
                  &TargetCounters::connect_failures);
    target_family("headgate_upstream_reuses_total",
                  "Requests sent on a connection that had served one before.",
                  &TargetCounters::reuses);
    target_family("headgate_upstream_retries_total",
                  "Requests sent once more because a reused connection was dead.",
                  &TargetCounters::retries);
    family("headgate_upstream_in_flight", "gauge", "Requests at work at each target.");
    for (const auto& service : gateway_.snapshot().services()) {
      const std::vector<std::uint32_t> counts = service->in_flight();
      for (std::size_t i = 0; i < counts.size(); ++i) {
        sample(
            "headgate_upstream_in_flight",
            label("service", service->name()) + "," + label("target", service->targets()[i].name),
            counts[i]);
      }
    }
    family("headgate_upstream_available", "gauge",
           "1 if the target may be picked, 0 if its health checks failed or it was ejected.");
    for (const auto& service : gateway_.snapshot().services()) {
      const std::vector<bool> available = service->available();
      for (std::size_t i = 0; i < available.size(); ++i) {
        sample(
            "headgate_upstream_available",
            label("service", service->name()) + "," + label("target", service->targets()[i].name),
            available[i] ? 1 : 0);
      }
    }
  }

  /// One sample for each service that has what `value` looks for.
  template <class Value>
  void service_family(std::string_view name, std::string_view type, std::string_view help,
                      Value value) {
    family(name, type, help);
    for (const auto& service : gateway_.snapshot().services()) {
      const std::optional<std::uint64_t> found = value(service->config(), service->figures());
      if (found) sample(name, label("service", service->name()), *found);
    }
  }

  void guards() {
    using config::ServiceConfig;
    using Figures = Guard::Figures;
    using Found = std::optional<std::uint64_t>;
    family("headgate_breaker_state", "gauge", "1 for the state that a service's breaker is in.");
    for (const auto& service : gateway_.snapshot().services()) {
      using State = resilience::Breaker::State;
      const auto now = service->figures().breaker;
      for (const State state : {State::kClosed, State::kOpen, State::kHalfOpen}) {
        if (!now) continue;
        sample("headgate_breaker_state",
               label("service", service->name()) + "," + label("state", to_text(state)),
               *now == state ? 1 : 0);
      }
    }
    service_family("headgate_breaker_trips_total", "counter", "Times that a breaker has opened.",
                   [](const ServiceConfig& config, const Figures& figures) {
                     return config.breaker ? Found{figures.breaker_trips} : Found{};
                   });
    service_family("headgate_concurrency_limit", "gauge", "Requests that a service may be sent.",
                   [](const ServiceConfig&, const Figures& figures) {
                     return figures.concurrency_limit ? Found{*figures.concurrency_limit} : Found{};
                   });
    service_family("headgate_targets_ejected", "gauge", "Targets left out as outliers.",
                   [](const ServiceConfig& config, const Figures& figures) {
                     return config.outlier ? Found{figures.ejected} : Found{};
                   });
    service_family("headgate_target_ejections_total", "counter", "Outliers that were ejected.",
                   [](const ServiceConfig& config, const Figures& figures) {
                     return config.outlier ? Found{figures.ejections} : Found{};
                   });
    service_family("headgate_retries_total", "counter", "Attempts that were made again.",
                   [](const ServiceConfig& config, const Figures& figures) {
                     return config.retry ? Found{figures.retries} : Found{};
                   });
    service_family("headgate_retries_over_budget_total", "counter",
                   "Retries that only the budget has refused.",
                   [](const ServiceConfig& config, const Figures& figures) {
                     return config.retry ? Found{figures.retries_over_budget} : Found{};
                   });
  }

  void target_family(std::string_view name, std::string_view help,
                     Counter TargetCounters::* which) {
    family(name, "counter", help);
    each_target([&](const std::string& target, auto pick) {
      sample(name, target, sum([&](const auto& of) -> const Counter& { return pick(of).*which; }));
    });
  }
  void gauge(std::string_view name, std::string_view help, std::uint64_t value) {
    family(name, "gauge", help);
    sample(name, {}, value);
  }
  void counter(std::string_view name, std::string_view help, std::uint64_t value) {
    family(name, "counter", help);
    sample(name, {}, value);
  }
  [[nodiscard]] std::uint64_t sum_of(Counter WorkerCounters::* which) const {
    return sum([which](const auto& of) -> const Counter& { return of.*which; });
  }

  void connections() {
    counter("headgate_client_connections_total", "Connections accepted from clients.",
            sum_of(&WorkerCounters::client_connections));
    counter("headgate_client_connections_refused_total",
            "Connections closed at once because limits.connections were open.",
            sum_of(&WorkerCounters::client_connections_refused));
    gauge("headgate_client_connections", "Connections of clients.",
          sum_of(&WorkerCounters::client_connections_open));
    gauge("headgate_upstream_connections", "Connections to targets, idle ones too.",
          sum_of(&WorkerCounters::upstream_connections_open));
    counter("headgate_request_body_bytes_total", "Bytes of request bodies.",
            sum_of(&WorkerCounters::bytes_in));
    counter("headgate_response_body_bytes_total", "Bytes of response bodies.",
            sum_of(&WorkerCounters::bytes_out));
  }

  void refusals() {
    family("headgate_bytes_refused_total", "counter",
           "Requests and upstream answers refused because their bytes are not sound HTTP.");
    for (std::size_t i = 1; i < http::kReasonCount; ++i) {
      sample("headgate_bytes_refused_total",
             label("reason", http::id_of(static_cast<http::Reason>(i))),
             sum([&](const auto& of) -> const Counter& { return of.refused_bytes[i]; }));
    }
  }

  void limiters() {
    const TimePoint now = net::EventLoop::fresh_now();
    family("headgate_limiter_keys", "gauge", "Callers that a limiter has to remember now.");
    std::string overflows;
    std::swap(out_, overflows);
    for (const auto& limit : gateway_.snapshot().limits()) {
      std::size_t number = 0;
      for (const ratelimit::TableCounters& table : limit->counters(now)) {
        const std::string labels =
            label("route", limit->name()) + "," + label("limit", std::to_string(number++));
        std::swap(out_, overflows);
        sample("headgate_limiter_keys", labels, table.live);
        std::swap(out_, overflows);
        sample("headgate_limiter_overflows_total", labels + "," + label("then", "steal_oldest"),
               table.steals);
        sample("headgate_limiter_overflows_total", labels + "," + label("then", "admit"),
               table.overflow_admits);
        sample("headgate_limiter_overflows_total", labels + "," + label("then", "refuse"),
               table.overflow_refusals);
      }
    }
    std::swap(out_, overflows);
    family("headgate_limiter_overflows_total", "counter",
           "Callers for whom a limiter's table had no room.");
    out_ += overflows;
  }

  /// Calls `visit(labels, pick)` for each filter with shared limits.
  template <class Visit>
  void each_shared(Visit visit) {
    for (const auto& limit : gateway_.snapshot().limits()) {
      if (limit->shared() == nullptr) continue;
      visit(*limit,
            [n = limit->shared_number()](const WorkerCounters& of) -> const SharedCounters& {
              return of.shared[n];
            });
    }
  }
  struct SharedFigure {
    std::string_view value;  // of the label
    Counter SharedCounters::* counter;
  };
  void shared_family(std::string_view name, std::string_view help, std::string_view label_name,
                     std::span<const SharedFigure> figures) {
    family(name, "counter", help);
    each_shared([&](const RateLimit& limit, auto pick) {
      for (const SharedFigure& figure : figures) {
        sample(name, label("route", limit.name()) + "," + label(label_name, figure.value),
               sum([&](const auto& of) -> const Counter& { return pick(of).*figure.counter; }));
      }
    });
  }

  void shared_limits() {
    if (gateway_.snapshot().shared_groups().empty()) return;
    constexpr std::array kAnswers = std::to_array<SharedFigure>(
        {{"redis", &SharedCounters::asked}, {"lease", &SharedCounters::from_lease}});
    shared_family("headgate_shared_limit_answers_total",
                  "Decisions of limits shared with other gateways, and leases, by who gave them.",
                  "by", kAnswers);
    constexpr std::array kTokens =
        std::to_array<SharedFigure>({{"taken", &SharedCounters::lease_taken},
                                     {"spent", &SharedCounters::lease_spent},
                                     {"returned", &SharedCounters::lease_returned}});
    shared_family("headgate_shared_limit_lease_tokens_total",
                  "Tokens taken from Redis in advance, and what became of them.", "what", kTokens);
    family("headgate_shared_limit_failures_total", "counter",
           "Requests for which Redis gave no decision, by the cause and what decided instead.");
    each_shared([&](const RateLimit& limit, auto pick) {
      const auto then = to_text(limit.shared()->spec().on_failure);
      for (std::size_t i = 0; i < redis::kFailureCount; ++i) {
        sample("headgate_shared_limit_failures_total",
               label("route", limit.name()) + "," +
                   label("cause", redis::to_text(static_cast<redis::Failure>(i))) + "," +
                   label("then", then),
               sum([&](const auto& of) -> const Counter& { return pick(of).failures[i]; }));
      }
    });
    redis_connections();
  }

  /// A connection is counted at the first filter that uses it, so Redis by Redis they add up.
  void redis_connections() {
    std::map<std::string, std::array<std::uint64_t, 3>> by_redis;
    each_shared([&](const RateLimit& limit, auto pick) {
      auto& figures = by_redis[limit.shared()->spec().redis];
      figures[0] += sum([&](const auto& of) -> const Counter& { return pick(of).connected; });
      figures[1] += sum([&](const auto& of) -> const Counter& { return pick(of).connects; });
      figures[2] += sum([&](const auto& of) -> const Counter& { return pick(of).questions; });
    });
    const auto each = [&](std::string_view name, std::string_view type, std::string_view help,
                          std::size_t figure) {
      family(name, type, help);
      for (const auto& [redis, figures] : by_redis) {
        sample(name, label("redis", redis), figures[figure]);
      }
    };
    each("headgate_redis_connections", "gauge", "Workers with a connection that is ready.", 0);
    each("headgate_redis_connects_total", "counter", "Connections that became ready.", 1);
    each("headgate_redis_questions_total", "counter", "What limits had to ask.", 2);
  }

  void stores() {
    const Recorder::Figures figures = gateway_.recorder().figures();
    counter("headgate_access_log_lines_total", "Lines written to the access log.", figures.lines);
    counter("headgate_access_log_lines_lost_total", "Lines that the file did not take.",
            figures.lines_lost);
    counter("headgate_records_lost_total",
            "Requests neither logged nor published because too much was waiting.",
            figures.records_lost);
    counter("headgate_events_published_total", "Events answered for by their store.",
            figures.events_published);
    counter("headgate_events_lost_total", "Events that their store refused.", figures.events_lost);
    family("headgate_topic_end_offset", "gauge", "One past the last record of a topic.");
    for (const Stores::TopicFigures& topic : gateway_.stores().topics()) {
      sample("headgate_topic_end_offset", label("topic", topic.name), topic.marks.end);
    }
    family("headgate_queue_messages", "gauge", "Messages of a queue by state.");
    for (const Stores::QueueFigures& queue : gateway_.stores().queues()) {
      const auto state = [&](std::string_view name, std::uint64_t count) {
        sample("headgate_queue_messages", label("queue", queue.name) + "," + label("state", name),
               count);
      };
      state("ready", queue.stats.ready);
      state("leased", queue.stats.leased);
      state("delayed", queue.stats.delayed);
    }
  }

  Gateway& gateway_;
  std::string out_;
};

}  // namespace

std::string metrics_text(Gateway& gateway) { return MetricsPage{gateway}.text(); }

}  // namespace headgate::gateway
