// The document headgate.sim/1: keys in a fixed order, numbers in their shortest exact form.
#include <nlohmann/json.hpp>
#include <optional>
#include <string_view>

#include "headgate/core/text.hpp"
#include "headgate/sim/differences.hpp"
#include "headgate/sim/results.hpp"

namespace headgate::sim {
namespace {

using report::Json;

void set(Json& object, const char* key, const std::optional<stats::Estimate>& estimate) {
  if (estimate) object[key] = report::estimate_json(*estimate);
}

// A value of a sweep as it was meant: numbers are numbers.
Json word_json(const std::string& word) {
  const auto number = parse_number(word);
  if (!number) return word;
  const auto whole = static_cast<std::int64_t>(*number);
  if (static_cast<double>(whole) == *number) return whole;
  return *number;
}

Json at_json(const PointResult::At& at) {
  Json json = Json::object();
  for (const auto& [name, word] : at) json[name] = word_json(word);
  return json;
}

Json timing(const PointResult& point, const std::string& name) {
  const stats::Histogram& histogram = point.timing(name);
  Json json;
  json["count"] = histogram.count();
  set(json, "mean_ns", point.estimate(name + ".mean"));
  for (const report::NamedQuantile& quantile : report::named_quantiles()) {
    set(json, std::string{quantile.key}.c_str(),
        point.estimate(name + "." + std::string{quantile.name}));
  }
  set(json, "max_ns", point.estimate(name + ".max"));
  json["hdr"] = histogram.encode();
  return json;
}

Json service_json(const PointResult& point, const ServicePlan& service) {
  const std::string prefix = "services." + service.name;
  Json json;
  set(json, "utilisation", point.estimate(prefix + ".utilisation"));
  Json queue = Json::object();
  set(queue, "mean", point.estimate(prefix + ".queue.mean"));
  json["queue"] = std::move(queue);
  set(json, "shed_share", point.estimate(prefix + ".shed_share"));
  Json targets = Json::object();
  for (const TargetPlan& target : service.targets) {
    Json& entry = targets[target.name] = Json::object();
    set(entry, "share", point.estimate(prefix + ".targets." + target.name + ".share"));
  }
  json["targets"] = std::move(targets);
  return json;
}

Json warmup_json(const Warmup& warmup, const JsonOptions& options) {
  Json json{{"requests", warmup.requests}, {"found", warmup.found}};
  if (options.welch) {
    json["batch_size"] = warmup.batch_size;
    json["means_ns"] = warmup.means_ns;
  }
  return json;
}

void topic_json(const PointResult& point, const TopicPlan& topic, Json& json) {
  const std::string prefix = "topics." + topic.config.name;
  set(json, "throughput", point.estimate(prefix + ".throughput"));
  Json lag = Json::object();
  set(lag, "mean", point.estimate(prefix + ".lag.mean"));
  set(lag, "max", point.estimate(prefix + ".lag.max"));
  json["lag"] = std::move(lag);
  Json batch = Json::object();
  set(batch, "mean", point.estimate(prefix + ".batch.mean"));
  json["batch"] = std::move(batch);
  for (const char* figure : {"hottest_share", "lost", "failed", "redelivered", "rebalances"}) {
    set(json, figure, point.estimate(prefix + "." + figure));
  }
  json["produce_time"] = timing(point, prefix + ".produce_time");
  json["age"] = timing(point, prefix + ".age");
}

Json backlog_json(const PointResult& point, const std::string& prefix) {
  Json json;
  set(json, "throughput", point.estimate(prefix + ".throughput"));
  Json depth = Json::object();
  set(depth, "mean", point.estimate(prefix + ".depth.mean"));
  set(depth, "max", point.estimate(prefix + ".depth.max"));
  json["depth"] = std::move(depth);
  json["age"] = timing(point, prefix + ".age");
  return json;
}

Json point_json(const PointResult& point, const JsonOptions& options) {
  Json json;
  json["at"] = at_json(point.at());
  json["replications"] = point.replications();
  if (point.is_sectioned()) json["sections"] = kSections;
  if (const auto& warmup = point.warmup()) json["warmup"] = warmup_json(*warmup, options);
  json["warmup_requests"] = point.warmup_requests();
  json["totals"] = report::totals_json(point.totals());
  for (const char* figure : {"offered", "throughput", "goodput", "refused_share", "failed_share",
                             "timed_out_share", "attempts_per_request"}) {
    set(json, figure, point.estimate(figure));
  }
  json["response_time"] = timing(point, "response_time");
  json["queue_time"] = timing(point, "queue_time");
  Json services = Json::object();
  for (const ServicePlan& service : point.plan().services) {
    services[service.name] = service_json(point, service);
  }
  json["services"] = std::move(services);
  Json topics = Json::object();
  for (std::size_t i = 0; i < point.published().size(); ++i) {
    topics[point.plan().topics[i]] = {{"events", point.published()[i]}};
  }
  for (const TopicPlan& topic : point.plan().broker) {
    topic_json(point, topic, topics[topic.config.name]);
  }
  if (!topics.empty()) json["topics"] = std::move(topics);
  for (const QueuePlan& queue : point.plan().queues) {
    Json& entry = json["queues"][queue.name] = backlog_json(point, "queues." + queue.name);
    set(entry, "redelivered", point.estimate("queues." + queue.name + ".redelivered"));
    set(entry, "dead", point.estimate("queues." + queue.name + ".dead"));
  }
  for (const SubscriberPlan& subscriber : point.plan().subscribers) {
    const std::string& name = subscriber.config.name;
    json["subscribers"][name] = backlog_json(point, "subscribers." + name);
  }
  return json;
}

// {"dimension", "a", "b", "at", "figures": {NAME: {estimate of a - b, "correlation"}}}.
Json difference_json(const std::vector<PointResult>& points, const PointPair& pair) {
  Json json{{"dimension", pair.dimension},
            {"a", word_json(pair.first)},
            {"b", word_json(pair.second)},
            {"at", at_json(pair.others)}};
  Json figures = Json::object();
  const PointResult& a = points[pair.a];
  const PointResult& b = points[pair.b];
  for (const std::string& name : compared_figures(a, b)) {
    const auto found = difference(a, b, name);
    if (!found) continue;
    figures[name] = report::estimate_json(found->estimate);
    figures[name]["correlation"] = found->correlation;
  }
  json["figures"] = std::move(figures);
  return json;
}

}  // namespace

Json results_json(const Results& results, const JsonOptions& options) {
  Json json;
  json["format"] = "headgate.sim/1";
  if (!results.question.empty()) json["question"] = results.question;
  json["seed"] = results.seed;
  if (results.interrupted) json["interrupted"] = true;
  json["points"] = Json::array();
  for (std::size_t i = 0; i < results.points.size(); ++i) {
    const PointResult& point = results.points[i];
    Json& entry = json["points"].emplace_back(point_json(point, options));
    if (i < options.series.size()) entry["series"] = series_json(options.series[i], point.plan());
  }
  const std::vector<PointPair> pairs = pairs_of(results.points);
  if (!pairs.empty()) json["differences"] = Json::array();
  for (const PointPair& pair : pairs) {
    json["differences"].push_back(difference_json(results.points, pair));
  }
  json["expect"] = Json::array();
  for (const Judged& judged : results.expect) {
    Json entry = report::verdict_json(judged.expectation, judged.verdict);
    entry["certain"] = judged.verdict.certain;
    json["expect"].push_back(std::move(entry));
  }
  json["passed"] = results.passed();
  return json;
}

}  // namespace headgate::sim
