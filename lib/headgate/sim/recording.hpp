// What a replication leaves behind for those who want to see it, not only its figures: how things
// went over time, where the time of each request went, and every step of the requests of a short
// stretch. A replication calls the hooks below if it is given a recording, and pays one branch for
// each if it is not. A recording watches and never decides, so a run with one is the run without.
//
// Requests and attempts are named by the numbers that the replication gives them while they are
// under way; a number may be used again after settled() and finished().
//
// A request's hooks: sent (picked started? finished?)* settled, with one concluded for every
// attempt that the gateway has stopped waiting for. An attempt may finish after its request is
// settled: servers do not notice that their client has gone.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "headgate/core/time.hpp"
#include "headgate/sim/bins.hpp"
#include "headgate/sim/journey.hpp"
#include "headgate/sim/plan.hpp"

namespace headgate::sim {

/// How a run went over time, warm-up included. Every vector has `bins` entries.
struct Series {
  Duration width{};
  std::size_t bins = 0;
  Duration length{};  ///< until the last request was settled: the last bin is cut off there
  std::vector<std::uint64_t> offered;  ///< requests sent in the bin
  std::vector<std::uint64_t> ok;       ///< outcomes that fell into it
  std::vector<std::uint64_t> refused;
  std::vector<std::uint64_t> failed;
  std::vector<std::uint64_t> timed_out;
  std::vector<std::uint64_t> retries;        ///< attempts beyond the first of their request
  std::vector<double> response_mean_ns;      ///< of ok and timed out; NaN: there was none
  std::vector<double> response_p99_ns;       ///< within 2 %
  std::vector<double> in_system;             ///< requests without an outcome, mean over the bin
  std::vector<std::vector<double>> waiting;  ///< by target: requests in its queue, mean
  std::vector<std::vector<double>> busy;     ///< by target: servers at work, mean
  std::vector<std::vector<std::uint64_t>> events;  ///< by topic: events published
  std::vector<std::vector<double>> lag;            ///< by topic: events not yet consumed, mean
  std::vector<std::vector<double>>
      depth;  ///< by queue, then subscriber: messages not yet done, mean
};

/// Where a request can spend its time. The times of one request add up to its response time.
struct Stage {
  enum class Kind : std::uint8_t {
    kGateway,  ///< before its first attempt and after its last: filters, a limiter that holds it
    kRetry,    ///< after a failed attempt, until the next
    kNetwork,  ///< of an attempt that is neither waiting nor worked on
    kQueue,    ///< waiting at `target`
    kService,  ///< worked on at `target`
  };
  Kind kind = Kind::kGateway;
  std::uint32_t target = 0;  ///< numbered through all services; 0 where there is none

  friend bool operator==(const Stage&, const Stage&) = default;
};

/// A measured request that was answered or timed out.
struct JourneyTimes {
  Duration response{};
  std::uint32_t attempts = 0;
  std::uint32_t first = 0;  ///< of its entries in Recording::spent()
  std::uint32_t count = 0;
};
struct Spent {
  Stage stage;
  Duration time{};
};

/// Every step of an attempt, and of a request. A time of kNeverAt has not come.
inline constexpr TimePoint kNeverAt{kNever};

struct TracedAttempt {
  std::uint32_t target = 0;  ///< numbered through all services
  TimePoint picked = kNeverAt;
  TimePoint arrived = kNeverAt;  ///< at the target's queue
  TimePoint started = kNeverAt;
  TimePoint finished = kNeverAt;   ///< by the target, or thrown out by it
  TimePoint concluded = kNeverAt;  ///< the gateway waits no longer
};
struct TracedRequest {
  TimePoint sent{};
  TimePoint settled = kNeverAt;
  Answer answer = Answer::kOk;
  std::uint32_t kind = 0;
  std::vector<TracedAttempt> attempts;
};

/// Measured requests by where they went and what became of them.
struct Flow {
  static constexpr std::uint32_t kNowhere = ~0U;
  std::uint32_t target = kNowhere;  ///< of the last attempt; kNowhere: none was made
  bool retried = false;             ///< something was asked for again
  Answer answer = Answer::kOk;
  std::uint64_t requests = 0;  ///< at least 1
};

class Recording {
 public:
  struct Options {
    bool journeys = false;  ///< keep where the time of each measured request went
    /// Trace the first `trace_max` requests that are sent from then on.
    std::optional<TimePoint> trace_from = {};
    std::size_t trace_max = 400;
  };
  /// Journeys are kept of so many requests, the first ones; more_journeys() counts the others.
  static constexpr std::size_t kJourneysMax = 2'000'000;

  Recording(const Plan& plan, const Options& options);

  // ---- Hooks. Requires: times that never go back.
  void sent(TimePoint now, std::uint32_t request, std::uint32_t kind, bool measured);
  /// An attempt is on its way to a target; `again`: what it asks for was asked before.
  void picked(TimePoint now, std::uint32_t request, std::uint32_t attempt, std::uint32_t service,
              std::uint32_t target, bool again);
  /// It has reached the target's queue; not needed if that is when it was picked.
  void arrived(TimePoint now, std::uint32_t attempt);
  void started(TimePoint now, std::uint32_t attempt);
  /// The target is done with it, whether it worked on it or not.
  void finished(TimePoint now, std::uint32_t attempt);
  /// The gateway is: by an answer, or because it gave up.
  void concluded(TimePoint now, std::uint32_t attempt);
  void settled(TimePoint now, std::uint32_t request, Answer answer);
  void published(TimePoint now, std::uint32_t topic);
  /// From now on so many events of a topic wait for their consumers.
  void lag(TimePoint now, std::uint32_t topic, std::uint64_t events);
  /// From now on so many messages of a queue, or events of a subscriber, are not done with;
  /// `reader` counts the queues, then the subscribers.
  void depth(TimePoint now, std::uint32_t reader, std::uint64_t messages) {
    lag(now, static_cast<std::uint32_t>(events_.size()) + reader, messages);
  }
  /// The measured stretch begins, ends.
  void window(TimePoint now, bool open);

  // ---- What was recorded, once the replication has ended.
  [[nodiscard]] Series series() const;
  /// In the order of targets (nowhere last), first attempts before retried, answers.
  [[nodiscard]] std::vector<Flow> flows() const;
  [[nodiscard]] TimePoint window_start() const noexcept { return window_start_; }
  [[nodiscard]] TimePoint window_end() const noexcept { return window_end_; }
  [[nodiscard]] const std::vector<JourneyTimes>& journeys() const noexcept { return journeys_; }
  [[nodiscard]] const std::vector<Spent>& spent() const noexcept { return spent_; }
  [[nodiscard]] std::uint64_t more_journeys() const noexcept { return more_journeys_; }
  [[nodiscard]] const std::vector<TracedRequest>& trace() const noexcept { return trace_; }

 private:
  static constexpr std::uint32_t kNone = ~0U;

  struct Counts {
    std::uint64_t offered = 0;
    std::array<std::uint64_t, 4> outcomes{};  // by Answer
    std::uint64_t retries = 0;
    std::uint64_t responses = 0;
    std::int64_t response_ns = 0;
    RoughHistogram response;

    Counts& operator+=(const Counts& other) noexcept;
  };
  // An attempt that its target is not done with. Its steps are kept by its request, then by the
  // request's trace, then nowhere.
  struct UnderWay {
    std::uint32_t request = kNone;
    std::uint32_t traced = kNone;  // in trace_
    std::uint32_t place = 0;       // among the attempts of either
    std::uint32_t target = 0;
    TimePoint arrived{};
    TimePoint started = kNeverAt;
  };
  struct Request {
    TimePoint sent{};
    std::uint32_t kind = 0;
    std::uint32_t traced = kNone;
    bool measured = false;
    bool retried = false;
    std::vector<TracedAttempt> attempts;
    std::vector<std::uint32_t> numbers;  // of the attempts, as the replication calls them
  };
  struct Level {
    TimePoint since{};
    std::uint64_t events = 0;
  };

  [[nodiscard]] std::size_t bin(TimePoint now);
  [[nodiscard]] TracedAttempt* steps(const UnderWay& attempt) noexcept;
  [[nodiscard]] std::vector<double> levels(const Bins<std::int64_t>& sums) const;
  [[nodiscard]] std::size_t bins() const noexcept;
  void count_outcome(std::size_t bin, const Request& request, TimePoint now, Answer answer);
  void count_flow(const Request& request, Answer answer);
  void keep_journey(const Request& request, TimePoint now, Answer answer);
  void spend(Stage stage, Duration time, std::uint32_t first);

  Options options_;
  std::vector<std::uint32_t> first_target_;  // of each service
  BinScale scale_;
  Bins<Counts> counts_;
  Bins<std::int64_t> in_system_;  // request-nanoseconds
  std::vector<Bins<std::int64_t>> waiting_;
  std::vector<Bins<std::int64_t>> busy_;
  std::vector<Bins<std::uint64_t>> events_;
  std::vector<Bins<std::int64_t>> lag_;  // by topic, then by queue and subscriber
  std::vector<Level> lag_now_;
  std::vector<std::array<std::uint64_t, 8>> flows_;  // by target, nowhere last; retried, answer
  TimePoint latest_{};
  TimePoint window_start_{};
  TimePoint window_end_{};
  std::vector<Request> requests_;   // by number
  std::vector<UnderWay> attempts_;  // by number
  std::vector<JourneyTimes> journeys_;
  std::vector<Spent> spent_;
  std::uint64_t more_journeys_ = 0;
  std::vector<TracedRequest> trace_;
};

}  // namespace headgate::sim
