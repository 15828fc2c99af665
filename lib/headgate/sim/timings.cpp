#include "headgate/sim/timings.hpp"

#include "headgate/core/check.hpp"

namespace headgate::sim {
namespace {

/// In the order of timing_names().
template <class Histogram, class Of>
std::vector<Histogram*> pointers(Of& outcome) {
  std::vector<Histogram*> timings{&outcome.response_time, &outcome.queue_time};
  for (auto& topic : outcome.topics) {
    timings.push_back(&topic.produce_time);
    timings.push_back(&topic.age);
  }
  for (auto& queue : outcome.bus.queues) timings.push_back(&queue.age);
  for (auto& subscriber : outcome.bus.subscribers) timings.push_back(&subscriber.age);
  return timings;
}

}  // namespace

std::vector<std::string> timing_names(const Plan& plan) {
  std::vector<std::string> names{"response_time", "queue_time"};
  for (const TopicPlan& topic : plan.broker) {
    names.push_back("topics." + topic.config.name + ".produce_time");
    names.push_back("topics." + topic.config.name + ".age");
  }
  for (const QueuePlan& queue : plan.queues) names.push_back("queues." + queue.name + ".age");
  for (const SubscriberPlan& subscriber : plan.subscribers) {
    names.push_back("subscribers." + subscriber.config.name + ".age");
  }
  return names;
}

std::vector<const stats::Histogram*> timings_of(const Outcome& outcome) {
  return pointers<const stats::Histogram>(outcome);
}

void merge_timings(Outcome& into, const Outcome& from) {
  const auto sums = pointers<stats::Histogram>(into);
  const auto parts = timings_of(from);
  HG_ASSERT(sums.size() == parts.size());
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i]->merge(*parts[i]);
}

}  // namespace headgate::sim
