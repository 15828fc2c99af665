#include "headgate/load/recorder.hpp"

#include <algorithm>

#include "headgate/core/check.hpp"

namespace headgate::load {
namespace {

template <std::size_t kSize>
void add(std::array<std::uint64_t, kSize>& sum, const std::array<std::uint64_t, kSize>& other) {
  for (std::size_t i = 0; i < kSize; ++i) sum[i] += other[i];
}

}  // namespace

void Tally::merge(const Tally& other) {
  totals += other.totals;
  response_time.merge(other.response_time);
  service_time.merge(other.service_time);
  send_lag.merge(other.send_lag);
  lateness.merge(other.lateness);
  add(statuses, other.statuses);
  add(failures, other.failures);
  if (targets.size() < other.targets.size()) targets.resize(other.targets.size());
  for (std::size_t i = 0; i < other.targets.size(); ++i) {
    targets[i].sent += other.targets[i].sent;
    targets[i].totals += other.targets[i].totals;
  }
  if (series.size() < other.series.size()) series.resize(other.series.size());
  for (std::size_t i = 0; i < other.series.size(); ++i) {
    series[i].totals += other.series[i].totals;
    series[i].timed += other.series[i].timed;
    series[i].response_sum_ns += other.series[i].response_sum_ns;
    series[i].response_max = std::max(series[i].response_max, other.series[i].response_max);
  }
  answered_in_time += other.answered_in_time;
  ok_in_time += other.ok_in_time;
  bytes_in += other.bytes_in;
  last_settled = std::max(last_settled, other.last_settled);
}

Recorder::Recorder(std::size_t targets) { tally_.targets.resize(targets); }

void Recorder::begin(TimePoint start, TimePoint end) noexcept {
  start_ = start;
  end_ = end;
  tally_.last_settled = start;
}

Second& Recorder::second_of(TimePoint at) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at - start_).count();
  const auto index = static_cast<std::size_t>(
      std::clamp<std::int64_t>(seconds, 0, static_cast<std::int64_t>(kSecondsMax) - 1));
  if (index >= tally_.series.size()) tally_.series.resize(index + 1);
  return tally_.series[index];
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
  Second& second = second_of(now);
  ++second.timed;
  second.response_sum_ns += response.count();
  second.response_max = std::max(second.response_max, response);
}

void Recorder::settle(const Flight& flight, TimePoint now, Outcome outcome) {
  ++settled_;
  HG_ASSERT(settled_ <= tally_.totals.scheduled);
  tally_.last_settled = std::max(tally_.last_settled, now);
  count(tally_.totals, outcome);
  count(second_of(now).totals, outcome);
  if (outcome != Outcome::kNotSent) count(tally_.targets[flight.target].totals, outcome);
}

void Recorder::answered(const Flight& flight, TimePoint now, const Answer& answer) {
  const Outcome outcome = classify(answer);
  settle(flight, now, outcome);
  ++tally_.statuses[static_cast<std::size_t>(answer.status)];
  if (now <= end_) ++tally_.answered_in_time;
  if (outcome != Outcome::kOk) return;
  if (now <= end_) ++tally_.ok_in_time;
  time(flight.due.intended, now);
  tally_.service_time.record(now - flight.sent);
}

void Recorder::failed(const Flight& flight, TimePoint now, Failure failure) {
  settle(flight, now, Outcome::kFailed);
  ++tally_.failures[static_cast<std::size_t>(failure)];
}

void Recorder::timed_out(const Flight& flight, TimePoint now) {
  settle(flight, now, Outcome::kTimedOut);
  time(flight.due.intended, now);
  if (flight.sent != TimePoint{}) tally_.service_time.record(now - flight.sent);
}

void Recorder::in_flight(const Flight& flight, TimePoint now) {
  settle(flight, now, Outcome::kInFlight);
  time(flight.due.intended, now);
  tally_.service_time.record(now - flight.sent);
}

void Recorder::not_sent(const Due& due, TimePoint now) {
  settle({.due = due}, now, Outcome::kNotSent);
  time(due.intended, now);
}

}  // namespace headgate::load
