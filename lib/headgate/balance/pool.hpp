// The targets of a service around its policy: who is there, who may be picked, how busy each is.
//
// A policy compares targets; everything that decides whether a target takes part at all stands
// here, once for all policies:
// - A target is available while it is healthy and not ejected.
// - Panic: when fewer than a share of the targets is available, all count as available. So many
//   failures at once say more about the checks, or about the load that is left to the few, than
//   about the targets.
// - Slow start: a target that joins or recovers warms up. The targets of `make` do not: when all
//   are new, there is nobody to take their load.
// - Sticky: a caller that asks for a target by its id gets it while it is available.
// - Stale information: the policy sees the in-flight counts of a past instant, as one of many
//   gateways does that learn of each other's requests at intervals. For simulations.
//
// What is known of a target is kept by its id when the list changes. A value: no I/O, no clock, no
// threads; one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "headgate/balance/balancer.hpp"
#include "headgate/balance/catalog.hpp"
#include "headgate/balance/slow_start.hpp"
#include "headgate/core/check.hpp"
#include "headgate/core/random.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"

namespace headgate::balance {

class Pool {
 public:
  /// Fails with what balance::make says, and at "targets" for a weight out of range or if two have
  /// the same id.
  [[nodiscard]] static Result<Pool> make(const Spec& spec, std::span<const TargetInfo> infos);

  /// Changes the list. A target whose id stays keeps its state and its requests in flight, under
  /// the index that it now has (see index_of); one that joins is healthy and warms up.
  /// Fails at "targets" if two have the same id, and changes nothing then.
  [[nodiscard]] Result<void> set_targets(std::span<const TargetInfo> infos, TimePoint now);

  /// The target of the next request, which counts as in flight there until done() or release();
  /// nothing if none is available. No allocation.
  [[nodiscard]] std::optional<std::size_t> pick(const Call& call, Random& random) noexcept {
    if (call.now >= next_event_) advance(call.now);
    const std::optional<std::size_t> picked = special_ || call.sticky != 0
                                                  ? pick_specially(call, random)
                                                  : balancer_.pick(targets_, call, random);
    if (picked) ++targets_[*picked].in_flight;
    return picked;
  }

  /// The same for a request that has failed at `avoid`: another target, if any is available.
  [[nodiscard]] std::optional<std::size_t> pick_other(const Call& call, std::size_t avoid,
                                                      Random& random) noexcept;

  /// A request that pick() gave to `index` has been answered or has failed.
  void done(std::size_t index, const Outcome& outcome, TimePoint now) noexcept {
    release(index);
    balancer_.done(index, outcome, now);
  }
  /// The same for one that was given up: nothing is learned from it.
  void release(std::size_t index) noexcept {
    HG_ASSERT(targets_[index].in_flight > 0);
    --targets_[index].in_flight;
  }

  /// What the health checks say. New targets are healthy.
  void set_healthy(std::size_t index, bool healthy, TimePoint now) noexcept;
  /// Takes a target out until `until`, or until uneject().
  void eject(std::size_t index, TimePoint until, TimePoint now) noexcept;
  void uneject(std::size_t index, TimePoint now) noexcept;

  /// One per target: what a policy sees at this moment if its information is not stale.
  [[nodiscard]] std::span<const Target> targets() const noexcept { return targets_; }
  [[nodiscard]] std::span<const TargetInfo> infos() const noexcept { return infos_; }
  [[nodiscard]] std::optional<std::size_t> index_of(std::uint64_t id) const noexcept;
  /// Healthy and not ejected; panic makes others available too.
  [[nodiscard]] bool is_up(std::size_t index) const noexcept { return members_[index].is_up(); }
  [[nodiscard]] bool in_panic() const noexcept { return in_panic_; }
  [[nodiscard]] const Spec& spec() const noexcept { return balancer_.spec(); }

 private:
  static constexpr TimePoint kNotEjected = TimePoint::min();
  static constexpr TimePoint kWarm = TimePoint::max();

  struct Member {
    bool healthy = true;
    TimePoint ejected_until = kNotEjected;
    TimePoint warms_from = kWarm;  // when its slow start began; kWarm: it is over
    [[nodiscard]] bool is_up() const noexcept { return healthy && ejected_until == kNotEjected; }
  };

  Pool(const Spec& spec, Balancer balancer);

  void advance(TimePoint now) noexcept;
  void warm_up(Member& member, TimePoint now) noexcept;
  void after_change(TimePoint now) noexcept;
  void show(std::size_t index, bool available) noexcept;
  [[nodiscard]] std::optional<std::size_t> pick_specially(const Call& call,
                                                          Random& random) noexcept;
  [[nodiscard]] std::optional<std::size_t> pick_warming(std::span<Target> seen, const Call& call,
                                                        Random& random) noexcept;

  Balancer balancer_;
  SlowStart slow_start_;
  std::int64_t panic_ppm_;  // of the targets
  Duration stale_;

  std::vector<TargetInfo> infos_;  // these five have one entry per target
  std::vector<Target> targets_;
  std::vector<Member> members_;
  std::vector<Target> seen_;  // counts of a past instant; empty unless stale
  std::vector<std::pair<std::uint64_t, std::size_t>> by_id_;  // sorted: id, index
  std::vector<std::size_t> rejected_;                         // room for one entry per target

  TimePoint next_event_ = TimePoint::max();  // an ejection or a warm-up ends, or seen_ is too old
  TimePoint refresh_at_ = TimePoint::min();  // of seen_
  std::size_t warming_ = 0;                  // targets in their slow start
  bool special_ = false;                     // stale, or some target is warming up
  bool in_panic_ = false;
};

}  // namespace headgate::balance
