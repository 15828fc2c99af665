#include "headgate/sim/topic_model.hpp"

#include <algorithm>

#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"

namespace headgate::sim {

TopicModel::TopicModel(const TopicPlan& plan, std::uint64_t seed, BrokerTimers timers)
    : plan_(&plan),
      timers_(timers),
      replicas_(plan),
      key_draws_(seed, "topics." + plan.config.name, "key"),
      request_draws_(seed, "topics." + plan.config.name, "request"),
      partitions_(plan.config.partitions),
      group_(plan, seed, timers, partitions_, outcome_),
      batch_max_(std::clamp<std::uint64_t>(plan.config.batch.bytes.count / plan.config.record.count,
                                           1, plan.config.batch.records)),
      to_partition_(plan.config.partitions) {}

void TopicModel::start() {
  for (std::uint32_t p = 0; p < partitions_.size(); ++p) {
    for (const Outage& outage : plan_->partitions[p]) {
      if (outage.until != TimePoint::max()) timers_.at(outage.until, BrokerStep::kLeaderBack, p);
    }
  }
  group_.start();
}

void TopicModel::on_event(const BrokerEvent& event, std::vector<Acknowledged>& answers) {
  switch (event.step) {
    case BrokerStep::kLinger:
      partitions_[event.part].linger = {};
      return send_ready(event.part);
    case BrokerStep::kCommitted:
      return on_committed(event.part);
    case BrokerStep::kAcked:
      return on_acked(event.part, answers);
    case BrokerStep::kLeaderBack:
      return group_.on_leader_back(event.part);
    default:
      return group_.on_event(event.step, event.part);
  }
}

// ---- The producer ----

std::uint32_t TopicModel::partition_of(std::uint64_t number) noexcept {
  const std::vector<double>& shares = plan_->share_up_to;
  if (shares.empty()) return static_cast<std::uint32_t>(turn_++ % partitions_.size());
  const double drawn = key_draws_.of(number).uniform();
  const auto at = std::ranges::upper_bound(shares, drawn) - shares.begin();
  return std::min(static_cast<std::uint32_t>(at),
                  static_cast<std::uint32_t>(partitions_.size() - 1));
}

bool TopicModel::publish(const Published& record) {
  if (buffered_ >= plan_->config.buffer) {
    outcome_.refused += record.measured ? 1 : 0;
    return false;
  }
  ++published_;
  ++buffered_;
  const std::uint32_t index = partition_of(record.number);
  partitions_[index].records.push({.published = now(),
                                   .number = record.number,
                                   .waiter = record.waiter,
                                   .measured = record.measured});
  send_ready(index);
  return true;
}

// Sends what is full or has waited long enough, and sets the timer for what is left.
void TopicModel::send_ready(std::uint32_t index) {
  Partition& partition = partitions_[index];
  for (;;) {
    const std::uint64_t waiting = partition.records.end() - partition.sent;
    if (waiting == 0 || partition.unacked.size() >= plan_->config.in_flight) {
      return timers_.cancel(partition.linger);
    }
    const TimePoint due = partition.records[partition.sent].published + plan_->config.linger;
    if (waiting < batch_max_ && due > now()) {
      if (!partition.linger.set) timers_.set(partition.linger, due, BrokerStep::kLinger, index);
      return;
    }
    timers_.cancel(partition.linger);
    send(index, std::min(waiting, batch_max_));
  }
}

void TopicModel::send(std::uint32_t index, std::uint64_t count) {
  Partition& partition = partitions_[index];
  const std::uint64_t until = partition.sent + count;
  const bool ok = place(index, until);
  if (!ok) {
    for (std::uint64_t at = partition.sent; at < until; ++at) partition.records[at].gone = true;
  }
  partition.sent = until;
  ++partition.batches;
  partition.unacked.push({.until = until, .ok = ok || plan_->config.acks == config::Acks::kNone});
  timers_.at(partition.answered, BrokerStep::kAcked, index);
  if (ok) {
    partition.uncommitted.push({.until = until});
    timers_.at(partition.replicated, BrokerStep::kCommitted, index);
  }
  if (!measuring_) return;
  ++outcome_.batches;
  outcome_.batched += count;
  to_partition_[index] += count;
}

// Works out when the batch that starts at `sent` arrives, is appended, committed and answered.
// Returns false if it never is appended.
bool TopicModel::place(std::uint32_t index, std::uint64_t until) {
  Partition& partition = partitions_[index];
  const config::BrokerTopicConfig& config = plan_->config;
  const bool unanswered = config.acks == config::Acks::kNone;
  Random random = request_draws_.of(combine64(index, partition.batches));
  const Duration there = config.network.sample(random);
  const Duration append = config.append.sample(random);
  const Duration back = config.network.sample(random);
  const TimePoint gives_up = partition.records[until - 1].published + config.message_timeout;

  partition.arrived = std::max(partition.arrived, now() + there);
  const TimePoint admitted = replicas_.admitted(index, partition.arrived);
  // Without an answer, the producer does not learn that nobody was there.
  const bool ok = unanswered ? admitted == partition.arrived : admitted <= gives_up;
  if (ok) {
    partition.arrived = admitted;
    partition.appended = std::max(partition.appended, admitted) + append;
    partition.replicated =
        std::max(partition.replicated, replicas_.replicated(partition.appended, random));
  }
  TimePoint answered = now();
  if (!unanswered) {
    const TimePoint held =
        config.acks == config::Acks::kAll ? partition.replicated : partition.appended;
    answered = ok ? held + back : std::max(now(), gives_up);
  }
  partition.answered = std::max(partition.answered, answered);
  return ok;
}

// ---- The partition ----

void TopicModel::on_committed(std::uint32_t index) {
  Partition& partition = partitions_[index];
  const std::uint64_t until = partition.uncommitted.pop().until;
  std::uint64_t records = 0;
  for (std::uint64_t at = partition.visible; at < until; ++at) {
    records += partition.records[at].gone ? 0 : 1;
  }
  partition.visible = until;
  group_.on_visible(index, records);
}

void TopicModel::on_acked(std::uint32_t index, std::vector<Acknowledged>& answers) {
  Partition& partition = partitions_[index];
  const Partition::Batch batch = partition.unacked.pop();
  for (std::uint64_t at = partition.acked; at < batch.until; ++at) {
    const LogRecord& record = partition.records[at];
    if (record.waiter != kNobody) answers.push_back({.waiter = record.waiter, .ok = batch.ok});
    if (!record.measured) continue;
    if (!batch.ok) {
      ++outcome_.failed;
    } else {
      outcome_.produce_time.record(now() - record.published);
      outcome_.lost +=
          record.gone && !record.done && plan_->config.acks == config::Acks::kNone ? 1 : 0;
    }
  }
  buffered_ -= batch.until - partition.acked;
  partition.acked = batch.until;
  partition.trim();
  send_ready(index);
}

// ---- What is measured ----

void TopicModel::measure(bool on) {
  measuring_ = on;
  group_.measure(on);
  outcome_.lag_ns += on ? -group_.lag_ns() : group_.lag_ns();
  if (on) {
    std::ranges::fill(to_partition_, 0);
  } else {
    outcome_.hottest = std::ranges::max(to_partition_);
  }
}

void TopicModel::check_books() noexcept {
  HG_ASSERT(buffered_ == 0);
  for (Partition& partition : partitions_) {
    HG_ASSERT(partition.unacked.empty() && partition.uncommitted.empty());
    HG_ASSERT(partition.sent == partition.records.end() && partition.acked == partition.sent);
    HG_ASSERT(partition.visible <= partition.sent);
  }
  group_.check_books();
}

}  // namespace headgate::sim
