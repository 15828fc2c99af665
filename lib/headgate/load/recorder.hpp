// What one thread of a run has seen, and the sum over threads.
//
// Three durations are kept of each request: response time from the intended time, service time from
// the actual write, send lag between the two. Their difference is the story: a slow target shows in
// all three once its connections are taken, a late generator in send lag alone.
//
// Response and service time speak of requests that were served (ok). A refusal or an error page
// that comes back at once must not make the target look fast, so refused and failed requests are
// not among them; whole responses of every status are timed apart, by class. Requests that were
// given up or cut off are timed as they stand, at "at least this long": leaving them out would
// remove exactly the slowest. How many such censored samples there are is known of each timing.
//
// Requests are settled in the order of time, so a second's response times go into one small live
// histogram, which is packed and put into the series when the next second begins: memory grows by
// about a kilobyte a second, whatever the rate.
//
// Source: G. Tene, "How NOT to measure latency", 2013; reference points as in wrk2 and Hyperfoil.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "headgate/core/time.hpp"
#include "headgate/load/backlog.hpp"
#include "headgate/load/outcome.hpp"
#include "headgate/stats/coarse_histogram.hpp"
#include "headgate/stats/histogram.hpp"
#include "headgate/stats/totals.hpp"

namespace headgate::load {

/// A request on its way.
struct Flight {
  Due due;
  TimePoint sent{};          ///< zero until it is
  std::uint32_t target = 0;  ///< index of the plan's targets
};

/// One second of the run: what was settled in it.
struct Second {
  stats::Totals totals;  ///< `scheduled` is what fell due in it, so these need not add up
  std::uint64_t bytes_in = 0;
  stats::CoarseHistogram::Packed response_time;  ///< as of Tally
};

/// What one target was sent and how it ended.
struct TargetTotals {
  std::uint64_t sent = 0;
  stats::Totals totals;  ///< without `scheduled` and `not_sent`, which belong to no target
  stats::Histogram response_time;
};

/// Failures that the system has named alike.
struct ErrorCount {
  Failure failure = Failure::kConnectFailed;
  int error = 0;  ///< errno, never 0
  std::uint64_t count = 0;

  friend bool operator==(const ErrorCount&, const ErrorCount&) = default;
};

inline constexpr std::size_t kStatusClasses = 5;  ///< 1xx to 5xx
inline constexpr std::size_t kStatuses = 600;
inline constexpr std::size_t kSecondsMax =
    std::size_t{24} * 3600;  ///< of the series; later ones join the last

/// All that is counted. Values: they can be copied, and merged in any order.
struct Tally {
  stats::Totals totals;
  stats::Histogram response_time;
  stats::Histogram service_time;
  stats::Histogram send_lag;
  /// The part of send lag during which a connection was free: the generator's own fault.
  stats::Histogram lateness;
  stats::Histogram connect_time;     ///< of every connection that came to stand
  stats::Histogram tls_time;         ///< of its handshake, where there is one
  stats::Histogram first_byte_time;  ///< of ok requests: from the write to the first byte back
  /// From the intended time to the end of the response, by class of its status, 1xx first.
  std::array<stats::Histogram, kStatusClasses> classes;
  std::array<std::uint64_t, kStatuses> statuses{};  ///< whole responses by status
  std::array<std::uint64_t, kFailures> failures{};
  std::vector<ErrorCount> errors;  ///< of `failures`, those with an errno; ordered by both
  std::vector<TargetTotals> targets;
  std::vector<Second> series;
  std::uint64_t answered_in_time = 0;  ///< whole responses before the end of the schedule
  std::uint64_t ok_in_time = 0;
  /// How many samples of response_time are "at least this long": of requests given up, cut off, and
  /// never sent though they waited.
  std::uint64_t response_censored = 0;
  std::uint64_t service_censored = 0;  ///< the same of service_time
  std::uint64_t bytes_in = 0;          ///< of responses, heads and bodies
  TimePoint last_settled{};            ///< when the last request was answered, failed or given up

  /// Counts `count` failures that the system has named `error`; none if that is 0.
  void add_error(Failure failure, int error, std::uint64_t count);
  /// Adds all of `other`, of the same targets.
  void merge(const Tally& other);
};

/// A run so far.
struct Progress {
  stats::Totals totals;
  std::vector<Second> seconds;  ///< from the one that was asked for on; the last may not be over

  void merge(const Progress& other);
};

/// begin (due (sent? settled))*: each request falls due once, may be sent once, is settled once.
class Recorder {
 public:
  explicit Recorder(std::size_t targets);
  /// `end`: answers after it are counted, but not in the rates.
  void begin(TimePoint start, TimePoint end) noexcept;

  void due(const Due& due);
  /// `able` is since when there was a connection to send it on.
  void sent(const Flight& flight, TimePoint able);
  void answered(const Flight& flight, TimePoint now, const Answer& answer) {
    answered(flight, now, answer, classify(answer));
  }
  /// A whole response whose outcome is kOk, kRefused or kFailed.
  void answered(const Flight& flight, TimePoint now, const Answer& answer, Outcome outcome);
  /// A whole response that the plan's check does not accept.
  void rejected(const Flight& flight, TimePoint now, const Answer& answer, Failure failure);
  /// The transport failed `flight`, before or after it was sent.
  void failed(const Flight& flight, TimePoint now, const Fault& fault);
  void timed_out(const Flight& flight, TimePoint now);
  void in_flight(const Flight& flight, TimePoint now);
  void not_sent(const Due& due, TimePoint now);
  /// The same of one that was not to wait at all: it is not timed, as it says nothing but when.
  void dropped(const Due& due, TimePoint now);
  /// The same, counted as failed.
  void saturated(const Due& due, TimePoint now);
  void received(std::size_t bytes, TimePoint now) {
    tally_.bytes_in += bytes;
    if (begun_) current(now).bytes_in += bytes;  // a line may be greeted before
  }
  /// A connection stands; `tls` is zero without a handshake.
  void connected(Duration connect, Duration tls);

  /// All so far. Cost: a few microseconds.
  [[nodiscard]] const Tally& tally();
  /// The seconds from `first` on. Cost: a few microseconds for each.
  [[nodiscard]] Progress since(std::size_t first);
  /// Requests that are due and not settled.
  [[nodiscard]] std::uint64_t open() const noexcept { return tally_.totals.scheduled - settled_; }

 private:
  /// The second that is at hand: whose histogram is live_.
  Second& current(TimePoint now) {
    if (now < second_begin_ || now >= second_end_) [[unlikely]]
      move_to(now);
    return tally_.series[second_];
  }
  [[nodiscard]] std::size_t index_of(TimePoint at) const noexcept;
  Second& second_of(TimePoint at);
  void move_to(TimePoint now);
  void settle(const Flight& flight, TimePoint now, Outcome outcome);
  void time(TimePoint intended, TimePoint now);

  TimePoint start_{};
  TimePoint end_{};
  std::size_t second_ = 0;  // index of the series; valid between begin and end of that second
  TimePoint second_begin_{};
  TimePoint second_end_{};
  stats::CoarseHistogram live_;  // of that second
  bool begun_ = false;
  std::uint64_t settled_ = 0;
  Tally tally_;
};

}  // namespace headgate::load
