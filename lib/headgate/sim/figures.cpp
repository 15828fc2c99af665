#include "headgate/sim/figures.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <utility>

#include "headgate/core/time.hpp"
#include "headgate/stats/histogram.hpp"

namespace headgate::sim {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

constexpr std::array<std::pair<std::string_view, double>, 5> kQuantiles{
    {{".p50", 0.50}, {".p90", 0.90}, {".p95", 0.95}, {".p99", 0.99}, {".p999", 0.999}}};

void add_timing_names(std::string_view timing, std::vector<std::string>& names) {
  const std::string name{timing};
  names.push_back(name + ".mean");
  for (const auto& [suffix, q] : kQuantiles) names.push_back(name + std::string{suffix});
  names.push_back(name + ".max");
}

void add_timing(const stats::Histogram& histogram, std::vector<double>& figures) {
  const bool empty = histogram.count() == 0;
  const auto ns = [empty](Duration d) { return empty ? kMissing : static_cast<double>(d.count()); };
  figures.push_back(empty ? kMissing : histogram.mean_ns());
  for (const auto& [suffix, q] : kQuantiles) figures.push_back(ns(histogram.quantile(q)));
  figures.push_back(ns(histogram.max()));
}

double ratio(double part, double whole) { return whole > 0 ? part / whole : kMissing; }

void add_service(const ServicePlan& plan, const std::vector<TargetOutcome>& targets,
                 const ServiceUse& use, Duration length, std::vector<double>& figures) {
  const auto ns = static_cast<double>(length.count());
  double servers = 0;
  double busy_ns = 0;
  double waiting_ns = 0;
  std::uint64_t picked = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    servers += plan.targets[i].station.servers;
    busy_ns += static_cast<double>(targets[i].busy_ns);
    waiting_ns += static_cast<double>(targets[i].waiting_ns);
    picked += targets[i].picked;
  }
  figures.push_back(ratio(busy_ns, servers * ns));
  figures.push_back(ratio(waiting_ns, ns));
  if (plan.ever_sheds()) {
    figures.push_back(ratio(static_cast<double>(use.shed), static_cast<double>(use.requests)));
  }
  for (const TargetOutcome& target : targets) {
    figures.push_back(ratio(static_cast<double>(target.picked), static_cast<double>(picked)));
  }
}

void add_topic_names(const TopicPlan& topic, std::vector<std::string>& names) {
  const std::string prefix = "topics." + topic.config.name;
  for (const char* figure : {".throughput", ".lag.mean", ".lag.max", ".batch.mean",
                             ".hottest_share", ".lost", ".failed", ".redelivered", ".rebalances"}) {
    names.push_back(prefix + figure);
  }
  add_timing_names(prefix + ".produce_time", names);
  add_timing_names(prefix + ".age", names);
}

void add_topic(const TopicOutcome& topic, Duration length, std::vector<double>& figures) {
  const auto ns = static_cast<double>(length.count());
  const auto batched = static_cast<double>(topic.batched);
  figures.push_back(ratio(static_cast<double>(topic.processed), ns / 1e9));
  figures.push_back(ratio(static_cast<double>(topic.lag_ns), ns));
  figures.push_back(static_cast<double>(topic.lag_max));
  figures.push_back(ratio(batched, static_cast<double>(topic.batches)));
  figures.push_back(ratio(static_cast<double>(topic.hottest), batched));
  figures.push_back(static_cast<double>(topic.lost));
  figures.push_back(static_cast<double>(topic.failed));
  figures.push_back(static_cast<double>(topic.redelivered));
  figures.push_back(static_cast<double>(topic.rebalances));
  add_timing(topic.produce_time, figures);
  add_timing(topic.age, figures);
}

void add_backlog_names(const std::string& prefix, std::vector<std::string>& names) {
  for (const char* figure : {".throughput", ".depth.mean", ".depth.max"}) {
    names.push_back(prefix + figure);
  }
  add_timing_names(prefix + ".age", names);
}

void add_backlog(const BacklogOutcome& backlog, Duration length, std::vector<double>& figures) {
  const auto ns = static_cast<double>(length.count());
  figures.push_back(ratio(static_cast<double>(backlog.done), ns / 1e9));
  figures.push_back(ratio(static_cast<double>(backlog.depth_ns), ns));
  figures.push_back(static_cast<double>(backlog.depth_max));
  add_timing(backlog.age, figures);
}

// A request that found a free server waited for zero nanoseconds, exactly.
double waited_share(const stats::Histogram& queue_time) {
  const std::vector<stats::Histogram::Bucket> buckets = queue_time.buckets();
  const bool some = !buckets.empty() && buckets.front().high == Duration::zero();
  const std::uint64_t at_once = some ? buckets.front().count : 0;
  return ratio(static_cast<double>(queue_time.count() - at_once),
               static_cast<double>(queue_time.count()));
}

double attempts_per_request(const Outcome& outcome) {
  std::uint64_t attempts = 0;
  for (const auto& targets : outcome.services) {
    for (const TargetOutcome& target : targets) attempts += target.picked;
  }
  return ratio(static_cast<double>(attempts), static_cast<double>(outcome.totals.scheduled));
}

}  // namespace

FigureNames::FigureNames(const Plan& plan)
    : names_{"offered",      "throughput",      "goodput",     "refused_share",
             "failed_share", "timed_out_share", "waited_share"} {
  if (plan.retries()) names_.emplace_back("attempts_per_request");
  if (plan.clients.retry || plan.clients.hedge) names_.emplace_back("tries_per_request");
  if (plan.clients.hedge) names_.emplace_back("hedged_share");
  add_timing_names("response_time", names_);
  add_timing_names("queue_time", names_);
  for (const RequestKind& kind : plan.kinds) {
    if (!kind.name.empty()) add_timing_names("classes." + kind.name + ".response_time", names_);
  }
  for (const ServicePlan& service : plan.services) {
    const std::string prefix = "services." + service.name;
    names_.push_back(prefix + ".utilisation");
    names_.push_back(prefix + ".queue.mean");
    if (service.ever_sheds()) names_.push_back(prefix + ".shed_share");
    for (const TargetPlan& target : service.targets) {
      names_.push_back(prefix + ".targets." + target.name + ".share");
    }
  }
  for (const TopicPlan& topic : plan.broker) add_topic_names(topic, names_);
  for (const QueuePlan& queue : plan.queues) {
    add_backlog_names("queues." + queue.name, names_);
    names_.push_back("queues." + queue.name + ".redelivered");
    names_.push_back("queues." + queue.name + ".dead");
  }
  for (const SubscriberPlan& subscriber : plan.subscribers) {
    add_backlog_names("subscribers." + subscriber.config.name, names_);
  }
}

std::size_t FigureNames::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(names_, name);
  return found == names_.end() ? kNone : static_cast<std::size_t>(found - names_.begin());
}

std::optional<double> quantile_of(std::string_view figure) noexcept {
  for (const auto& [suffix, q] : kQuantiles) {
    if (figure.ends_with(suffix)) return q;
  }
  return std::nullopt;
}

std::vector<double> figures_of(const Plan& plan, const Outcome& outcome) {
  const stats::Totals& totals = outcome.totals;
  const double seconds = static_cast<double>(outcome.length.count()) / 1e9;
  const auto per_second = [seconds](std::uint64_t count) {
    return ratio(static_cast<double>(count), seconds);
  };
  const auto share = [&totals](std::uint64_t part) {
    return totals.finished() == 0 ? kMissing : totals.share_of_finished(part);
  };
  std::vector<double> figures{per_second(totals.scheduled),
                              per_second(outcome.answered_in_time),
                              per_second(outcome.ok_in_time),
                              share(totals.refused),
                              share(totals.failed),
                              share(totals.timed_out),
                              waited_share(outcome.queue_time)};
  const auto per_request = [&totals](std::uint64_t part) {
    return ratio(static_cast<double>(part), static_cast<double>(totals.scheduled));
  };
  if (plan.retries()) figures.push_back(attempts_per_request(outcome));
  if (plan.clients.retry || plan.clients.hedge) figures.push_back(per_request(outcome.requests));
  if (plan.clients.hedge) figures.push_back(per_request(outcome.hedges));
  add_timing(outcome.response_time, figures);
  add_timing(outcome.queue_time, figures);
  for (std::size_t i = 0; i < plan.kinds.size(); ++i) {
    if (plan.kinds[i].name.empty()) continue;
    const std::optional<stats::Histogram>& of_class = outcome.classes[i];
    add_timing(of_class ? *of_class : stats::Histogram{}, figures);
  }
  for (std::size_t i = 0; i < plan.services.size(); ++i) {
    add_service(plan.services[i], outcome.services[i], outcome.uses[i], outcome.length, figures);
  }
  for (const TopicOutcome& topic : outcome.topics) add_topic(topic, outcome.length, figures);
  for (const BacklogOutcome& queue : outcome.bus.queues) {
    add_backlog(queue, outcome.length, figures);
    figures.push_back(static_cast<double>(queue.redelivered));
    figures.push_back(static_cast<double>(queue.dead));
  }
  for (const BacklogOutcome& subscriber : outcome.bus.subscribers) {
    add_backlog(subscriber, outcome.length, figures);
  }
  return figures;
}

}  // namespace headgate::sim
