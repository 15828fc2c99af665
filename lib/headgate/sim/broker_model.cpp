#include "headgate/sim/broker_model.hpp"

#include "headgate/core/check.hpp"

namespace headgate::sim {

BrokerModel::BrokerModel(std::span<const TopicPlan> plans, std::uint64_t seed,
                         Engine<Event>& engine) {
  HG_ASSERT(plans.size() <= kBrokerTopicsMax);
  for (std::uint32_t i = 0; i < plans.size(); ++i) {
    topics_.push_back(std::make_unique<TopicModel>(plans[i], seed, BrokerTimers{engine, i}));
  }
}

void BrokerModel::start() {
  for (const auto& topic : topics_) topic->start();
}

std::span<const Acknowledged> BrokerModel::on_event(std::uint32_t index) {
  const BrokerEvent event = BrokerEvent::of(index);
  answers_.clear();
  topics_[event.topic]->on_event(event, answers_);
  return answers_;
}

void BrokerModel::measure(bool on) {
  for (const auto& topic : topics_) topic->measure(on);
}

void BrokerModel::check_books() noexcept {
  for (const auto& topic : topics_) topic->check_books();
}

std::vector<TopicOutcome> BrokerModel::take_outcomes() {
  std::vector<TopicOutcome> outcomes;
  outcomes.reserve(topics_.size());
  for (const auto& topic : topics_) outcomes.push_back(topic->take_outcome());
  return outcomes;
}

}  // namespace headgate::sim
