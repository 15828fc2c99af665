// The consumers of a topic: they share its partitions, fetch, process one record after the other,
// commit now and then, die and come back.
//
// - A fetch brings what is there of a consumer's partitions, taking turns with which comes first;
// it
//   waits at the broker until min_bytes are there or `wait` has passed. An empty one that ran out
//   is sent again at once, so a consumer of an idle topic always has one waiting: no event is
//   needed for that, and none is pending when nothing is left to do. The next fetch goes out while
//   records of the last are processed.
// - What was processed but not committed when a consumer dies is processed again.
// - A dead consumer is noticed when its session ends; it may come back before and go on (as a
//   member with group.instance.id does). A rebalance is eager: all let go, finish the record at
//   hand and commit, nobody reads for `rebalance`, then the partitions are assigned anew.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "headgate/core/wide.hpp"
#include "headgate/sim/broker_timers.hpp"
#include "headgate/sim/draws.hpp"
#include "headgate/sim/partition.hpp"
#include "headgate/sim/topic_outcome.hpp"
#include "headgate/sim/topic_plan.hpp"

namespace headgate::sim {

class ConsumerGroup {
 public:
  /// `plan`, `partitions` and `outcome` outlive the group.
  ConsumerGroup(const TopicPlan& plan, std::uint64_t seed, BrokerTimers timers,
                std::vector<Partition>& partitions, TopicOutcome& outcome);

  /// Schedules what goes wrong and sends the first fetches. Call once, first.
  void start();
  /// One of the steps kFetch to kRebalanced.
  void on_event(BrokerStep step, std::uint32_t member);
  /// `partition` has `records` more to read.
  void on_visible(std::uint32_t partition, std::uint64_t records);
  /// The leader of `partition` is back.
  void on_leader_back(std::uint32_t partition);

  /// Records to read, and their integral over time since the start.
  [[nodiscard]] std::uint64_t lag() const noexcept { return lag_; }
  [[nodiscard]] Int128 lag_ns() noexcept;
  void measure(bool on) noexcept;

  /// Asserts that the lag's integral is the sum of what the records waited, and that nothing is
  /// under way.
  void check_books() noexcept;

 private:
  enum class Fetch : std::uint8_t { kNone, kSent, kWaits, kAnswered };

  struct Range {
    std::uint32_t partition = 0;
    std::uint64_t next = 0;
    std::uint64_t until = 0;
  };

  struct Member {
    std::vector<std::uint32_t> partitions;
    std::size_t turn = 0;           // which of them comes first in the next answer
    Ring<Range> buffer;             // of the last answers
    std::uint64_t held = 0;         // records in the buffer
    std::uint64_t answered_to = 0;  // the ranges before it have been delivered
    Fetch fetch = Fetch::kNone;
    TimePoint waits_since{};
    std::uint64_t fetches = 0;
    std::uint64_t number = 0;  // of this member, for its draws
    Timer fetch_timer{};
    Alarm wait;  // the end of the fetch that waits
    Timer work_timer{};
    Timer session_timer{};
    Range current{};  // the record at hand, if busy
    bool busy = false;
    bool up = true;
    bool joined = true;  // the group takes it for a member
  };

  [[nodiscard]] TimePoint now() const noexcept { return timers_.now(); }
  void send_fetch(std::uint32_t index);
  void on_fetch(std::uint32_t index);
  void answer_if_enough(std::uint32_t index);
  void answer(std::uint32_t index);
  void on_delivered(std::uint32_t index);
  void work(std::uint32_t index);
  void on_processed(std::uint32_t index);
  void finish_record(Partition& partition, std::uint64_t offset);
  bool skip_gone(Partition& partition, Range& range);
  void let_go(Member& member);
  void on_down(std::uint32_t index);
  void on_up(std::uint32_t index);
  void on_session(std::uint32_t index);
  void rebalance();
  void on_rebalanced();
  void hand_out();

  [[nodiscard]] std::uint64_t readable(const Member& member) const noexcept;
  [[nodiscard]] bool is_readable(std::uint32_t partition) const noexcept;
  [[nodiscard]] Duration network(Member& member, std::uint64_t leg) noexcept;
  [[nodiscard]] Duration work_of(std::uint32_t index, const LogRecord& record) const noexcept;
  void expire(Partition& partition);
  void commit_tick(Partition& partition) noexcept;
  void rewind(Partition& partition);
  void add_lag(std::uint64_t records) noexcept;
  void take_lag(std::uint64_t records) noexcept;
  void advance_lag() noexcept;

  const TopicPlan* plan_;
  BrokerTimers timers_;
  std::vector<Partition>* partitions_;
  TopicOutcome* outcome_;
  Draws work_draws_;
  Draws fetch_draws_;
  std::vector<Member> members_;
  Timer rebalance_timer_{};
  bool rebalancing_ = false;
  bool stalled_ = false;  // the time of the rebalance is not over
  bool measuring_ = false;

  std::uint64_t lag_ = 0;
  Int128 lag_ns_ = 0;  // integral up to lag_at_
  Int128 lag_moves_ns_ =
      0;  // sum of the times at which records left, less those at which they came
  TimePoint lag_at_{};
};

}  // namespace headgate::sim
