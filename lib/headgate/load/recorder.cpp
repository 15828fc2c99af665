#include "headgate/load/recorder.hpp"

#include <algorithm>
#include <utility>

#include "headgate/core/check.hpp"

namespace headgate::load {
namespace {

template <std::size_t kSize>
void add(std::array<std::uint64_t, kSize>& sum, const std::array<std::uint64_t, kSize>& other) {
  for (std::size_t i = 0; i < kSize; ++i) sum[i] += other[i];
}

void add(Second& sum, const Second& other, stats::CoarseHistogram& scratch) {
  sum.totals += other.totals;
  sum.bytes_in += other.bytes_in;
  if (other.response_time.exact.count == 0) return;
  if (sum.response_time.exact.count == 0) {
    sum.response_time = other.response_time;
    return;
  }
  scratch.reset();
  scratch.merge(sum.response_time);
  scratch.merge(other.response_time);
  sum.response_time = scratch.pack();
}

/// Whether requests that end so are among the response times.
bool is_timed(Outcome outcome) noexcept {
  return outcome != Outcome::kRefused && outcome != Outcome::kFailed;
}

}  // namespace

void Tally::add_error(Failure failure, int error, std::uint64_t count) {
  if (error == 0) return;
  const auto at = std::ranges::lower_bound(
      errors, std::pair{failure, error}, {},
      [](const ErrorCount& entry) { return std::pair{entry.failure, entry.error}; });
  if (at != errors.end() && at->failure == failure && at->error == error) {
    at->count += count;
  } else {
    errors.insert(at, {.failure = failure, .error = error, .count = count});
  }
}

void Tally::merge(const Tally& other) {
  totals += other.totals;
  response_time.merge(other.response_time);
  service_time.merge(other.service_time);
  send_lag.merge(other.send_lag);
  lateness.merge(other.lateness);
  connect_time.merge(other.connect_time);
  tls_time.merge(other.tls_time);
  first_byte_time.merge(other.first_byte_time);
  for (std::size_t i = 0; i < kStatusClasses; ++i) classes[i].merge(other.classes[i]);
  add(statuses, other.statuses);
  add(failures, other.failures);
  for (const ErrorCount& error : other.errors) add_error(error.failure, error.error, error.count);
  if (targets.size() < other.targets.size()) targets.resize(other.targets.size());
  for (std::size_t i = 0; i < other.targets.size(); ++i) {
    targets[i].sent += other.targets[i].sent;
    targets[i].totals += other.targets[i].totals;
    targets[i].response_time.merge(other.targets[i].response_time);
  }
  if (series.size() < other.series.size()) series.resize(other.series.size());
  stats::CoarseHistogram scratch;
  for (std::size_t i = 0; i < other.series.size(); ++i) add(series[i], other.series[i], scratch);
  answered_in_time += other.answered_in_time;
  ok_in_time += other.ok_in_time;
  response_censored += other.response_censored;
  service_censored += other.service_censored;
  bytes_in += other.bytes_in;
  last_settled = std::max(last_settled, other.last_settled);
}

void Progress::merge(const Progress& other) {
  totals += other.totals;
  if (seconds.size() < other.seconds.size()) seconds.resize(other.seconds.size());
  stats::CoarseHistogram scratch;
  for (std::size_t i = 0; i < other.seconds.size(); ++i) add(seconds[i], other.seconds[i], scratch);
}

Recorder::Recorder(std::size_t targets) { tally_.targets.resize(targets); }

void Recorder::begin(TimePoint start, TimePoint end) noexcept {
  start_ = start;
  end_ = end;
  begun_ = true;
  tally_.last_settled = start;
}

const Tally& Recorder::tally() {
  if (second_ < tally_.series.size()) tally_.series[second_].response_time = live_.pack();
  return tally_;
}

Progress Recorder::since(std::size_t first) {
  const std::vector<Second>& series = tally().series;
  Progress progress{.totals = tally_.totals, .seconds = {}};
  for (std::size_t i = first; i < series.size(); ++i) progress.seconds.push_back(series[i]);
  return progress;
}

std::size_t Recorder::index_of(TimePoint at) const noexcept {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at - start_).count();
  return static_cast<std::size_t>(
      std::clamp<std::int64_t>(seconds, 0, static_cast<std::int64_t>(kSecondsMax) - 1));
}

Second& Recorder::second_of(TimePoint at) {
  const std::size_t index = index_of(at);
  if (index >= tally_.series.size()) tally_.series.resize(index + 1);
  return tally_.series[index];
}

void Recorder::move_to(TimePoint now) {
  if (second_ < tally_.series.size()) tally_.series[second_].response_time = live_.pack();
  live_.reset();
  Second& second = second_of(now);
  live_.merge(second.response_time);  // seconds may come again, though they hardly ever do
  second_ = index_of(now);
  const bool last = second_ + 1 == kSecondsMax;
  second_begin_ = second_ == 0 ? TimePoint::min() : start_ + std::chrono::seconds{second_};
  second_end_ = last ? TimePoint::max() : start_ + std::chrono::seconds{second_ + 1};
}

void Recorder::connected(Duration connect, Duration tls) {
  tally_.connect_time.record(connect);
  if (tls > Duration::zero()) tally_.tls_time.record(tls);
}

void Recorder::due(const Due& due) {
  ++tally_.totals.scheduled;
  ++second_of(due.intended).totals.scheduled;
}

void Recorder::sent(const Flight& flight, TimePoint able) {
  ++tally_.targets[flight.target].sent;
  tally_.send_lag.record(flight.sent - flight.due.intended);
  tally_.lateness.record(flight.sent - std::max(flight.due.intended, able));
}

void Recorder::time(TimePoint intended, TimePoint now) {
  const Duration response = std::max(now - intended, Duration::zero());
  tally_.response_time.record(response);
  current(now);
  live_.record(response);
}

void Recorder::settle(const Flight& flight, TimePoint now, Outcome outcome) {
  ++settled_;
  HG_ASSERT(settled_ <= tally_.totals.scheduled);
  tally_.last_settled = std::max(tally_.last_settled, now);
  count(tally_.totals, outcome);
  count(current(now).totals, outcome);
  if (outcome == Outcome::kNotSent) return;
  TargetTotals& target = tally_.targets[flight.target];
  count(target.totals, outcome);
  if (is_timed(outcome)) target.response_time.record(now - flight.due.intended);
}

void Recorder::answered(const Flight& flight, TimePoint now, const Answer& answer,
                        Outcome outcome) {
  settle(flight, now, outcome);
  const auto status = static_cast<std::size_t>(answer.status);
  ++tally_.statuses[status];
  if (const std::size_t family = status / 100; family >= 1) {
    tally_.classes[family - 1].record(now - flight.due.intended);
  }
  if (now <= end_) ++tally_.answered_in_time;
  if (outcome != Outcome::kOk) return;
  if (now <= end_) ++tally_.ok_in_time;
  time(flight.due.intended, now);
  tally_.service_time.record(now - flight.sent);
  if (answer.first_byte != TimePoint{}) {
    tally_.first_byte_time.record(answer.first_byte - flight.sent);
  }
}

void Recorder::rejected(const Flight& flight, TimePoint now, const Answer& answer,
                        Failure failure) {
  answered(flight, now, answer, Outcome::kFailed);
  ++tally_.failures[static_cast<std::size_t>(failure)];
}

void Recorder::failed(const Flight& flight, TimePoint now, const Fault& fault) {
  settle(flight, now, Outcome::kFailed);
  ++tally_.failures[static_cast<std::size_t>(fault.failure)];
  tally_.add_error(fault.failure, fault.error, 1);
}

void Recorder::timed_out(const Flight& flight, TimePoint now) {
  settle(flight, now, Outcome::kTimedOut);
  time(flight.due.intended, now);
  ++tally_.response_censored;
  if (flight.sent == TimePoint{}) return;
  tally_.service_time.record(now - flight.sent);
  ++tally_.service_censored;
}

void Recorder::in_flight(const Flight& flight, TimePoint now) {
  settle(flight, now, Outcome::kInFlight);
  time(flight.due.intended, now);
  ++tally_.response_censored;
  tally_.service_time.record(now - flight.sent);
  ++tally_.service_censored;
}

void Recorder::not_sent(const Due& due, TimePoint now) {
  settle({.due = due}, now, Outcome::kNotSent);
  time(due.intended, now);
  ++tally_.response_censored;
}

void Recorder::dropped(const Due& due, TimePoint now) {
  settle({.due = due}, now, Outcome::kNotSent);
}

void Recorder::saturated(const Due& due, TimePoint now) {
  // It belongs to no target: it was given to none.
  ++settled_;
  count(tally_.totals, Outcome::kFailed);
  count(current(now).totals, Outcome::kFailed);
  tally_.last_settled = std::max(tally_.last_settled, now);
  ++tally_.failures[static_cast<std::size_t>(Failure::kSaturated)];
  static_cast<void>(due);
}

}  // namespace headgate::load
