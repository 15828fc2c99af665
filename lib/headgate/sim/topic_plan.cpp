#include "headgate/sim/topic_plan.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/core/text.hpp"
#include "headgate/sim/partitioner.hpp"

namespace headgate::sim {
namespace {

constexpr std::string_view kTopics = "topics/";

struct PartName {
  std::string_view name;
  TopicFault::Part part;
};
constexpr std::array kParts{PartName{"consumers", TopicFault::Part::kConsumer},
                            PartName{"partitions", TopicFault::Part::kPartition},
                            PartName{"replicas", TopicFault::Part::kReplica}};

std::uint32_t parts_of(const config::BrokerTopicConfig& topic, TopicFault::Part part) {
  switch (part) {
    case TopicFault::Part::kConsumer:
      return topic.consumers;
    case TopicFault::Part::kPartition:
      return topic.partitions;
    case TopicFault::Part::kReplica:
      break;
  }
  return topic.replicas;
}

Outages& outages_of(TopicPlan& plan, const TopicFault& fault) {
  switch (fault.part) {
    case TopicFault::Part::kConsumer:
      return plan.consumers[fault.index];
    case TopicFault::Part::kPartition:
      return plan.partitions[fault.index];
    case TopicFault::Part::kReplica:
      break;
  }
  return plan.followers[fault.index - 1];
}

TopicPlan topic_plan_of(const config::BrokerTopicConfig& config) {
  TopicPlan plan{.config = config,
                 .share_up_to = {},
                 .consumers = std::vector<Outages>(config.consumers),
                 .partitions = std::vector<Outages>(config.partitions),
                 .followers = std::vector<Outages>(config.replicas - 1)};
  if (config.keys) {
    plan.share_up_to = partition_shares(*config.keys, config.partitions);
    std::partial_sum(plan.share_up_to.begin(), plan.share_up_to.end(), plan.share_up_to.begin());
  }
  return plan;
}

}  // namespace

bool is_of_topic(const config::FaultConfig& fault) noexcept {
  return fault.target.starts_with(kTopics);
}

Result<TopicFault> topic_fault(const config::FaultConfig& fault, const config::BrokerConfig& broker,
                               const std::string& where) {
  const auto wrong = [&where](std::string why) {
    return failed(Errc::kInvalidConfig, where + ".target", std::move(why));
  };
  const std::string_view target = std::string_view{fault.target}.substr(kTopics.size());
  const auto second = target.rfind('/');
  const auto first = second == 0 ? second : target.rfind('/', second - 1);
  if (second == std::string_view::npos || first == std::string_view::npos || first == second) {
    return wrong("is no part of a topic; write topics/NAME/consumers/0");
  }
  TopicFault found{.at = fault.at, .length = fault.length, .where = where};
  found.topic = target.substr(0, first);
  const auto topic =
      std::ranges::find(broker.topics, found.topic, &config::BrokerTopicConfig::name);
  if (topic == broker.topics.end()) return wrong("there is no topic '" + found.topic + "'");
  const auto* const part =
      std::ranges::find(kParts, target.substr(first + 1, second - first - 1), &PartName::name);
  if (part == kParts.end()) return wrong("a topic has consumers, partitions and replicas");
  found.part = part->part;
  const auto index = parse_count(target.substr(second + 1));
  const std::uint32_t count = parts_of(*topic, found.part);
  if (!index || *index >= count) {
    return wrong("they count from 0 to " + std::to_string(count - 1));
  }
  found.index = static_cast<std::uint32_t>(*index);
  if (found.part == TopicFault::Part::kReplica && found.index == 0) {
    return wrong("replica 0 is the leader, away with topics/" + found.topic + "/partitions/N");
  }
  const bool is_slow = fault.kind == config::FaultConfig::Kind::kSlow;
  if (is_slow) found.slow = fault.amount;
  const bool is_possible = fault.kind == config::FaultConfig::Kind::kDown ||
                           (is_slow && found.part == TopicFault::Part::kConsumer);
  if (!is_possible) return wrong("can be down, and a consumer can be slow; nothing else");
  return found;
}

Result<std::vector<TopicPlan>> make_topic_plans(const config::BrokerConfig& broker,
                                                std::span<const TopicFault> faults) {
  std::vector<TopicPlan> plans;
  plans.reserve(broker.topics.size());
  for (const config::BrokerTopicConfig& topic : broker.topics) {
    plans.push_back(topic_plan_of(topic));
  }
  for (const TopicFault& fault : faults) {
    const auto plan = std::ranges::find(plans, fault.topic,
                                        [](const TopicPlan& topic) { return topic.config.name; });
    HG_ASSERT(plan != plans.end());
    Outages& outages = outages_of(*plan, fault);
    const TimePoint from{fault.at};
    const TimePoint until = fault.length && *fault.length < TimePoint::max() - from
                                ? from + *fault.length
                                : TimePoint::max();
    for (const Outage& other : outages) {
      if (other.from >= until || from >= other.until) continue;
      return failed(Errc::kInvalidConfig, fault.where, "overlaps another fault of the same thing");
    }
    outages.push_back({.from = from, .until = until, .slow = fault.slow});
    std::ranges::sort(outages, {}, &Outage::from);
  }
  return plans;
}

Result<std::vector<TopicPlan>> make_topic_plans(const config::ScenarioConfig& scenario) {
  std::vector<TopicFault> faults;
  for (std::size_t i = 0; i < scenario.faults.size(); ++i) {
    if (!is_of_topic(scenario.faults[i])) continue;
    auto fault = topic_fault(scenario.faults[i], scenario.broker, "faults." + std::to_string(i));
    if (!fault) return std::unexpected(fault.error());
    faults.push_back(*std::move(fault));
  }
  return make_topic_plans(scenario.broker, faults);
}

std::vector<std::vector<std::uint32_t>> assign(config::Assignment how, std::uint32_t partitions,
                                               std::uint32_t members) {
  std::vector<std::vector<std::uint32_t>> parts(members);
  if (members == 0) return parts;
  if (how == config::Assignment::kRoundRobin) {
    for (std::uint32_t p = 0; p < partitions; ++p) parts[p % members].push_back(p);
    return parts;
  }
  // Range: runs of neighbours; the first ones get one more where it does not come out even.
  std::uint32_t next = 0;
  for (std::uint32_t m = 0; m < members; ++m) {
    const std::uint32_t count = partitions / members + (m < partitions % members ? 1 : 0);
    for (std::uint32_t i = 0; i < count; ++i) parts[m].push_back(next++);
  }
  return parts;
}

double TopicPlan::capacity_per_s() const {
  const auto share_of = [this](std::uint32_t p) {
    if (share_up_to.empty()) return 1.0 / config.partitions;
    return share_up_to[p] - (p == 0 ? 0 : share_up_to[p - 1]);
  };
  double most = 0;
  for (const auto& parts : assign(config.assignment, config.partitions, config.consumers)) {
    double share = 0;
    for (const std::uint32_t p : parts) share += share_of(p);
    most = std::max(most, share);
  }
  const double mean_ns = config.process.mean_ns();
  return mean_ns > 0 ? 1e9 / mean_ns / most : std::numeric_limits<double>::infinity();
}

}  // namespace headgate::sim
