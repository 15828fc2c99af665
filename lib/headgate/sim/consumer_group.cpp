#include "headgate/sim/consumer_group.hpp"

#include <algorithm>

#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"

namespace headgate::sim {

ConsumerGroup::ConsumerGroup(const TopicPlan& plan, std::uint64_t seed, BrokerTimers timers,
                             std::vector<Partition>& partitions, TopicOutcome& outcome)
    : plan_(&plan),
      timers_(timers),
      partitions_(&partitions),
      outcome_(&outcome),
      work_draws_(seed, "topics." + plan.config.name, "process"),
      fetch_draws_(seed, "topics." + plan.config.name, "fetch"),
      members_(plan.config.consumers) {}

void ConsumerGroup::start() {
  for (std::uint32_t i = 0; i < members_.size(); ++i) {
    members_[i].number = i;
    for (const Outage& outage : plan_->consumers[i]) {
      if (outage.slow > 0) continue;
      timers_.at(outage.from, BrokerStep::kDown, i);
      if (outage.until != TimePoint::max()) timers_.at(outage.until, BrokerStep::kUp, i);
    }
  }
  hand_out();
}

void ConsumerGroup::on_event(BrokerStep step, std::uint32_t member) {
  switch (step) {
    case BrokerStep::kFetch:
      return on_fetch(member);
    case BrokerStep::kFetchWait:
      return answer(member);
    case BrokerStep::kDelivered:
      return on_delivered(member);
    case BrokerStep::kProcessed:
      return on_processed(member);
    case BrokerStep::kDown:
      return on_down(member);
    case BrokerStep::kUp:
      return on_up(member);
    case BrokerStep::kSession:
      return on_session(member);
    case BrokerStep::kRebalanced:
      stalled_ = false;
      return on_rebalanced();
    default:
      HG_ASSERT(false);
  }
}

void ConsumerGroup::on_visible(std::uint32_t partition, std::uint64_t records) {
  add_lag(records);
  const std::uint32_t owner = (*partitions_)[partition].owner;
  if (owner != Partition::kNoOwner) answer_if_enough(owner);
}

void ConsumerGroup::on_leader_back(std::uint32_t partition) {
  const std::uint32_t owner = (*partitions_)[partition].owner;
  if (owner != Partition::kNoOwner) answer_if_enough(owner);
}

// ---- Fetching ----

bool ConsumerGroup::is_readable(std::uint32_t partition) const noexcept {
  return std::ranges::none_of(plan_->partitions[partition],
                              [this](const Outage& outage) { return outage.covers(now()); });
}

std::uint64_t ConsumerGroup::readable(const Member& member) const noexcept {
  std::uint64_t records = 0;
  for (const std::uint32_t p : member.partitions) {
    if (is_readable(p)) records += (*partitions_)[p].visible - (*partitions_)[p].fetched;
  }
  return records;
}

Duration ConsumerGroup::network(Member& member, std::uint64_t leg) noexcept {
  Random random = fetch_draws_.of(combine64(member.number << 32 | leg, member.fetches));
  return plan_->config.network.sample(random);
}

void ConsumerGroup::send_fetch(std::uint32_t index) {
  Member& member = members_[index];
  if (member.fetch != Fetch::kNone || !member.up || rebalancing_ || member.partitions.empty() ||
      member.held >= plan_->config.fetch.max_records) {
    return;
  }
  member.fetch = Fetch::kSent;
  ++member.fetches;
  member.fetch_timer = timers_.after(network(member, 0), BrokerStep::kFetch, index);
}

void ConsumerGroup::on_fetch(std::uint32_t index) {
  Member& member = members_[index];
  member.fetch = Fetch::kWaits;
  member.waits_since = now();
  answer_if_enough(index);
}

void ConsumerGroup::answer_if_enough(std::uint32_t index) {
  Member& member = members_[index];
  if (member.fetch != Fetch::kWaits) return;
  const config::FetchConfig& fetch = plan_->config.fetch;
  const std::uint64_t records = readable(member);
  if (records == 0) return;
  if (records * plan_->config.record.count >= fetch.min_bytes.count || fetch.wait <= Duration{}) {
    return answer(index);
  }
  if (member.wait.set) return;
  // Fetches that ran out empty were sent again: this is the end of the one that is there now.
  const std::int64_t over = (now() - member.waits_since) / fetch.wait;
  timers_.set(member.wait, member.waits_since + (over + 1) * fetch.wait, BrokerStep::kFetchWait,
              index);
}

void ConsumerGroup::answer(std::uint32_t index) {
  Member& member = members_[index];
  timers_.cancel(member.wait);
  std::uint64_t room = plan_->config.fetch.max_records;
  for (std::size_t i = 0; i < member.partitions.size() && room > 0; ++i) {
    const std::uint32_t p = member.partitions[(member.turn + i) % member.partitions.size()];
    Partition& partition = (*partitions_)[p];
    if (!is_readable(p)) continue;
    expire(partition);
    const std::uint64_t count = std::min(room, partition.visible - partition.fetched);
    if (count == 0) continue;
    member.buffer.push(
        {.partition = p, .next = partition.fetched, .until = partition.fetched + count});
    partition.fetched += count;
    member.held += count;
    room -= count;
  }
  if (room == plan_->config.fetch.max_records) return;  // all there was has gone: wait on
  ++member.turn;
  member.fetch = Fetch::kAnswered;
  member.fetch_timer = timers_.after(network(member, 1), BrokerStep::kDelivered, index);
}

void ConsumerGroup::on_delivered(std::uint32_t index) {
  Member& member = members_[index];
  member.fetch = Fetch::kNone;
  member.answered_to = member.buffer.end();
  work(index);
  send_fetch(index);
}

// Deletes what has outlived the retention and was not fetched.
void ConsumerGroup::expire(Partition& partition) {
  const config::RetentionConfig& retention = plan_->config.retention;
  std::uint64_t begin = partition.fetched;
  if (retention.bytes) {
    const std::uint64_t kept = retention.bytes->count / plan_->config.record.count;
    if (partition.visible > kept) begin = std::max(begin, partition.visible - kept);
  }
  while (begin < partition.visible &&
         now() - partition.records[begin].published >= retention.time) {
    ++begin;
  }
  for (; partition.fetched < begin; ++partition.fetched) {
    LogRecord& record = partition.records[partition.fetched];
    if (record.gone) continue;
    record.gone = true;
    take_lag(1);
    if (record.measured && !record.done) ++outcome_->lost;
  }
}

// ---- Processing ----

Duration ConsumerGroup::work_of(std::uint32_t index, const LogRecord& record) const noexcept {
  Random random = work_draws_.of(record.number);
  const Duration work = plan_->config.process.sample(random);
  for (const Outage& outage : plan_->consumers[index]) {
    if (outage.slow <= 0 || !outage.covers(now())) continue;
    const double slowed = static_cast<double>(work.count()) * outage.slow;
    return slowed < static_cast<double>(arrival::Distribution::kLongest.count())
               ? Duration{static_cast<std::int64_t>(slowed)}
               : arrival::Distribution::kLongest;
  }
  return work;
}

// Passes over records that consumers do not see; returns whether one is left in the range.
bool ConsumerGroup::skip_gone(Partition& partition, Range& range) {
  while (range.next < range.until && partition.records[range.next].gone) {
    commit_tick(partition);
    partition.processed = ++range.next;
  }
  return range.next < range.until;
}

void ConsumerGroup::work(std::uint32_t index) {
  Member& member = members_[index];
  if (member.busy || rebalancing_ || !member.up) return;
  while (member.buffer.begin() < member.answered_to) {
    Range& range = member.buffer.front();
    Partition& partition = (*partitions_)[range.partition];
    const std::uint64_t before = range.next;
    const bool found = skip_gone(partition, range);
    member.held -= range.next - before;
    if (!found) {
      static_cast<void>(member.buffer.pop());
      continue;
    }
    member.busy = true;
    member.current = {range.partition, range.next, range.next + 1};
    ++range.next;
    --member.held;
    const Duration time = work_of(index, partition.records[member.current.next]);
    member.work_timer = timers_.after(time, BrokerStep::kProcessed, index);
    return;
  }
}

void ConsumerGroup::on_processed(std::uint32_t index) {
  Member& member = members_[index];
  member.busy = false;
  finish_record((*partitions_)[member.current.partition], member.current.next);
  if (rebalancing_) return on_rebalanced();
  work(index);
  send_fetch(index);
}

void ConsumerGroup::finish_record(Partition& partition, std::uint64_t offset) {
  LogRecord& record = partition.records[offset];
  commit_tick(partition);
  partition.processed = offset + 1;
  take_lag(1);
  if (record.done) {
    outcome_->redelivered += measuring_ ? 1 : 0;
  } else {
    record.done = true;
    outcome_->processed += measuring_ ? 1 : 0;
    if (record.measured) outcome_->age.record(now() - record.published);
  }
  if (plan_->config.commit == Duration{}) partition.committed = partition.processed;
  partition.trim();
}

// Commits fall on the multiples of the interval. Whoever moves `processed` for the first time after
// one finds in it what was committed there.
void ConsumerGroup::commit_tick(Partition& partition) noexcept {
  const Duration interval = plan_->config.commit;
  if (interval == Duration{}) return;
  const std::int64_t tick = now().time_since_epoch() / interval;
  if (tick == partition.commit_tick) return;
  partition.commit_tick = tick;
  partition.committed = partition.processed;
}

// ---- Who is there ----

// Drops all that is not being processed.
void ConsumerGroup::let_go(Member& member) {
  timers_.cancel(member.fetch_timer);
  timers_.cancel(member.wait);
  member.fetch = Fetch::kNone;
  member.buffer.clear();
  member.held = 0;
  member.answered_to = member.buffer.end();
}

void ConsumerGroup::on_down(std::uint32_t index) {
  Member& member = members_[index];
  member.up = false;
  timers_.cancel(member.work_timer);
  const bool was_busy = member.busy;
  member.busy = false;
  let_go(member);
  for (const std::uint32_t p : member.partitions) rewind((*partitions_)[p]);
  if (rebalancing_ && was_busy) on_rebalanced();  // it holds the group up no longer
  if (member.joined) {
    member.session_timer =
        timers_.after(plan_->config.session_timeout, BrokerStep::kSession, index);
  }
}

// What was processed since the last commit will be processed again.
void ConsumerGroup::rewind(Partition& partition) {
  commit_tick(partition);
  for (std::uint64_t offset = partition.committed; offset < partition.processed; ++offset) {
    if (!partition.records[offset].gone) add_lag(1);
  }
  partition.processed = partition.committed;
  partition.fetched = partition.committed;
}

void ConsumerGroup::on_up(std::uint32_t index) {
  Member& member = members_[index];
  member.up = true;
  if (member.joined) {
    timers_.cancel(member.session_timer);
    return send_fetch(index);
  }
  member.joined = true;
  rebalance();
}

void ConsumerGroup::on_session(std::uint32_t index) {
  members_[index].joined = false;
  rebalance();
}

void ConsumerGroup::rebalance() {
  outcome_->rebalances += measuring_ ? 1 : 0;
  for (Member& member : members_) {
    let_go(member);
    member.partitions.clear();
  }
  for (Partition& partition : *partitions_) partition.owner = Partition::kNoOwner;
  rebalancing_ = true;
  stalled_ = true;
  timers_.cancel(rebalance_timer_);
  rebalance_timer_ = timers_.after(plan_->config.rebalance, BrokerStep::kRebalanced, 0);
}

// Over when its time is, and nobody is still at a record.
void ConsumerGroup::on_rebalanced() {
  if (stalled_ || std::ranges::any_of(members_, &Member::busy)) return;
  rebalancing_ = false;
  for (Partition& partition : *partitions_) {
    partition.committed = partition.processed;
    partition.fetched = partition.processed;
    partition.trim();
  }
  hand_out();
}

void ConsumerGroup::hand_out() {
  std::vector<std::uint32_t> there;
  for (std::uint32_t i = 0; i < members_.size(); ++i) {
    if (members_[i].up) there.push_back(i);
    members_[i].joined = members_[i].up;
    if (!members_[i].up) timers_.cancel(members_[i].session_timer);
  }
  const auto count = static_cast<std::uint32_t>(there.size());
  const auto parts =
      assign(plan_->config.assignment, static_cast<std::uint32_t>(partitions_->size()), count);
  for (std::uint32_t i = 0; i < count; ++i) {
    members_[there[i]].partitions = parts[i];
    for (const std::uint32_t p : parts[i]) (*partitions_)[p].owner = there[i];
    send_fetch(there[i]);
  }
}

// ---- Lag ----

void ConsumerGroup::advance_lag() noexcept {
  lag_ns_ += static_cast<Int128>((now() - lag_at_).count()) * static_cast<Int128>(lag_);
  lag_at_ = now();
}

void ConsumerGroup::add_lag(std::uint64_t records) noexcept {
  advance_lag();
  lag_ += records;
  lag_moves_ns_ -= static_cast<Int128>(now().time_since_epoch().count()) * records;
  if (measuring_) outcome_->lag_max = std::max(outcome_->lag_max, lag_);
}

void ConsumerGroup::take_lag(std::uint64_t records) noexcept {
  HG_ASSERT(lag_ >= records);
  advance_lag();
  lag_ -= records;
  lag_moves_ns_ += static_cast<Int128>(now().time_since_epoch().count()) * records;
}

Int128 ConsumerGroup::lag_ns() noexcept {
  advance_lag();
  return lag_ns_;
}

void ConsumerGroup::measure(bool on) noexcept {
  measuring_ = on;
  if (on) outcome_->lag_max = lag_;
}

void ConsumerGroup::check_books() noexcept {
  // Records that nobody is left to read are still here, and wait until now.
  const Int128 waits_ns = static_cast<Int128>(now().time_since_epoch().count()) * lag_;
  HG_ASSERT(lag_ns() == lag_moves_ns_ + waits_ns);
  HG_ASSERT(std::ranges::none_of(members_, &Member::busy));
  std::uint64_t left = 0;
  for (Partition& partition : *partitions_) {
    HG_ASSERT(partition.committed <= partition.processed);
    HG_ASSERT(partition.processed <= partition.fetched && partition.fetched <= partition.visible);
    for (std::uint64_t at = partition.processed; at < partition.visible; ++at) {
      left += partition.records[at].gone ? 0 : 1;
    }
  }
  HG_ASSERT(left == lag_);
}

}  // namespace headgate::sim
