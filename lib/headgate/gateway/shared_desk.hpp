// Where a worker's requests meet the limits that are shared with other gateways.
//
// A decision is an object in the client's connection. Either it knows at once (from a lease, or
// because Redis is away), or the request waits, its bytes where they are, until the answer or the
// timeout comes; the worker goes on with others meanwhile.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "headgate/gateway/caller.hpp"
#include "headgate/gateway/counters.hpp"
#include "headgate/gateway/redis_link.hpp"
#include "headgate/gateway/shared_group.hpp"
#include "headgate/ratelimit/leases.hpp"

namespace headgate::gateway {

class SharedDecision;
class SharedDesk;

/// The limits of a SharedGroup as one worker holds them.
class SharedLimits final : private SharedAsker {
 public:
  SharedLimits(SharedDesk& desk, const SharedGroup& group, RedisLink& link,
               SharedCounters& counters);

 private:
  friend class SharedDecision;
  friend class SharedDesk;

  /// Tokens asked for in advance.
  struct LeaseQuestion {
    std::size_t limit = 0;  // index in the group
    std::string key;
    std::vector<Tokens> offers;
  };

  std::optional<redis::Failure> take_lease(std::size_t limit, const std::string& key,
                                           const ratelimit::Leases::Check& check);
  void on_answer(redis::Ticket ticket, const redis::Answer& answer) override;
  void settle(const LeaseQuestion& question, const redis::Answer& answer);
  void return_leases(TimePoint now, bool all);
  [[nodiscard]] TimePoint next_timeout() const noexcept;
  void publish() noexcept;

  SharedDesk& desk_;
  const SharedGroup& group_;
  RedisLink& link_;
  SharedCounters& counters_;
  std::vector<ratelimit::Leases> leases_;  // of each limit; none in mode exact
  std::unordered_map<redis::Ticket, LeaseQuestion> questions_;
  std::unordered_map<std::string, std::vector<SharedDecision*>> waiting_;  // by key, in order
};

/// What the shared limits of a filter say of a request.
struct SharedVerdict {
  std::optional<redis::Failure> failure;  ///< Redis did not say: the rule on_failure decides
  ratelimit::Decision decision{};         ///< else this
  /// What each limit of the group says, unless only a lease was asked, which knows of itself alone.
  std::vector<ratelimit::Decision> each;
  std::uint64_t violated = 0;  ///< bit i: limit i of the filter refuses
};

/// Who waits for a verdict.
class SharedDecisionOwner {
 public:
  virtual void on_verdict(const SharedVerdict& verdict) = 0;

 protected:
  ~SharedDecisionOwner() = default;
};

/// (start [cancel | on_verdict])*
class SharedDecision final : private SharedAsker {
 public:
  explicit SharedDecision(SharedDecisionOwner& owner) noexcept : owner_(owner) {}
  SharedDecision(const SharedDecision&) = delete;
  SharedDecision& operator=(const SharedDecision&) = delete;
  ~SharedDecision() { cancel(); }

  /// The verdict if it is known at once; else on_verdict follows. The caller's texts are copied.
  [[nodiscard]] std::optional<SharedVerdict> start(SharedLimits& limits, const Caller& caller);
  /// Nobody waits any more. What Redis has already spent stays spent.
  void cancel() noexcept;
  [[nodiscard]] bool waiting() const noexcept { return limits_ != nullptr; }

 private:
  friend class SharedLimits;

  [[nodiscard]] std::optional<SharedVerdict> ask();
  [[nodiscard]] std::optional<SharedVerdict> spend_leases();
  [[nodiscard]] SharedVerdict verdict_of(const std::vector<ratelimit::SharedSight>& sights) const;
  void on_answer(redis::Ticket ticket, const redis::Answer& answer) override;
  /// The lease that it waits for has been answered.
  void on_lease(std::optional<redis::Failure> failure);
  void finish(const SharedVerdict& verdict);

  SharedDecisionOwner& owner_;
  SharedLimits* limits_ = nullptr;  // null: no decision is under way
  std::vector<std::string> keys_;
  redis::Ticket ticket_ = 0;  // of its own question, or 0
  std::string waits_for_;     // the key of a lease, or empty
};

class SharedDesk {
 public:
  /// `groups` outlive it and are in the order of their counters.
  SharedDesk(net::EventLoop& loop, const std::vector<const SharedGroup*>& groups,
             WorkerCounters& counters, std::uint64_t seed);

  [[nodiscard]] SharedLimits& limits(std::size_t group) noexcept { return *limits_[group]; }
  /// Gives all leases back. Before the worker ends.
  void end();

  // For the limits.
  [[nodiscard]] TimePoint now() const noexcept { return loop_.now(); }
  void arm();

 private:
  RedisLink& link_to(const SharedGroup& group, std::uint64_t seed, SharedCounters& counters);
  void on_timer(TimePoint now) noexcept;

  net::EventLoop& loop_;
  struct Link {
    net::Address address;
    Duration timeout;
    std::unique_ptr<RedisLink> link;
  };
  std::vector<Link> links_;  // one for each Redis and timeout
  std::vector<std::unique_ptr<SharedLimits>> limits_;
  net::Timer timer_;  // of the leases
};

}  // namespace headgate::gateway
