// The Kafka cluster on virtual time: its topics by number, and their events.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "headgate/sim/topic_model.hpp"

namespace headgate::sim {

class BrokerModel {
 public:
  /// `plans` and `engine` outlive the model; at most kBrokerTopicsMax plans.
  BrokerModel(std::span<const TopicPlan> plans, std::uint64_t seed, Engine<Event>& engine);

  /// Call once, first.
  void start();
  /// A record for a topic; false: the producer's buffer is full. Requires: topic < topics().
  bool publish(std::uint32_t topic, const Published& record) {
    return topics_[topic]->publish(record);
  }
  /// Whether `topic` of the plan's topics is one of the cluster's.
  [[nodiscard]] bool has(std::uint32_t topic) const noexcept { return topic < topics_.size(); }
  /// The event Kind::kBroker of `index`: what waiting requests learn, until the next call.
  [[nodiscard]] std::span<const Acknowledged> on_event(std::uint32_t index);

  /// Records that went to a topic, since the start.
  [[nodiscard]] std::uint64_t published(std::uint32_t topic) const noexcept {
    return topics_[topic]->published();
  }
  /// Records of a topic that are there to be processed.
  [[nodiscard]] std::uint64_t lag(std::uint32_t topic) const noexcept {
    return topics_[topic]->lag();
  }
  /// The measured stretch, or a section of it, begins or ends.
  void measure(bool on);
  void check_books() noexcept;
  [[nodiscard]] std::vector<TopicOutcome> take_outcomes();

 private:
  std::vector<std::unique_ptr<TopicModel>> topics_;
  std::vector<Acknowledged> answers_;
};

}  // namespace headgate::sim
