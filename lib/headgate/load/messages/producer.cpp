#include "headgate/load/messages/producer.hpp"

#include <sys/prctl.h>
#include <time.h>

#include <algorithm>
#include <limits>
#include <mutex>
#include <thread>

#include "headgate/core/check.hpp"
#include "headgate/load/agenda.hpp"
#include "headgate/load/validity.hpp"
#include "headgate/net/event_loop.hpp"

namespace headgate::load::messages {
namespace {

TimePoint instant() noexcept { return net::EventLoop::fresh_now(); }

Duration thread_cpu() noexcept {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds{time.tv_sec} + Duration{time.tv_nsec};
}

/// How long a closed loop leaves a full store alone.
constexpr Duration kRetreat = std::chrono::milliseconds{1};

}  // namespace

void sleep_until(TimePoint at, const std::atomic<bool>& interrupted) {
  for (TimePoint now = instant(); now < at && !interrupted.load(); now = instant()) {
    std::this_thread::sleep_for(std::min(at - now, kNap));
  }
}

Producer::Producer(Shared& shared, std::uint32_t index)
    : shared_{shared},
      index_{index},
      producers_{shared.job.producers()},
      log_{shared.store.log(index)},
      epoch_{net::EventLoop::epoch()},
      free_{static_cast<std::ptrdiff_t>(shared.job.plan.inflight)} {}

void Producer::run(Duration answer_limit) {
  prctl(PR_SET_TIMERSLACK, 1UL);  // else every sleep may be 50 us longer than asked
  const TimePoint began = instant();
  const Duration cpu_began = thread_cpu();
  sleep_until(shared_.frame.start, shared_.interrupted);
  if (shared_.job.arrivals) {
    publish_open();
  } else {
    publish_closed();
  }
  const auto wall = static_cast<double>((instant() - began).count());
  cpu_share_ = static_cast<double>((thread_cpu() - cpu_began).count()) / std::max(wall, 1.0);
  const TimePoint limit = instant() + answer_limit;
  while (true) {
    {
      const std::lock_guard lock{lock_};
      const bool over = settled_ == tally_.totals.scheduled || instant() > limit;
      if (over) {
        tally_.totals.in_flight += tally_.totals.scheduled - settled_;
        closed_ = true;
        return;
      }
    }
    std::this_thread::sleep_for(kRetreat);
  }
}

void Producer::publish_open() {
  const Job& job = shared_.job;
  HG_ASSERT(job.arrivals.has_value());
  Agenda agenda{{.arrivals = *job.arrivals,
                 .seed = job.plan.seed,
                 .start = shared_.frame.start,
                 .duration = job.duration,
                 .count = job.count.value_or(std::numeric_limits<std::uint64_t>::max()),
                 .thread = index_,
                 .threads = producers_}};
  TimePoint able = shared_.frame.start;
  while (!agenda.finished() && !shared_.interrupted.load(std::memory_order_relaxed)) {
    sleep_until(agenda.next(), shared_.interrupted);
    if (shared_.interrupted.load(std::memory_order_relaxed)) return;
    const Due due = agenda.take();
    count_due(due.intended);
    if (!free_.try_acquire()) {
      if (!take_place()) {  // it was due, and never sent
        const std::lock_guard lock{lock_};
        ++tally_.totals.not_sent;
        ++settled_;
        return;
      }
      able = instant();
    }
    publish(due, able);
  }
}

void Producer::publish_closed() {
  const Job& job = shared_.job;
  const std::uint64_t count = job.count.value_or(std::numeric_limits<std::uint64_t>::max());
  for (std::uint64_t sequence = index_; sequence < count; sequence += producers_) {
    if (!take_place()) return;
    if (refused_.exchange(false)) std::this_thread::sleep_for(kRetreat);
    const TimePoint now = instant();
    if (now >= shared_.frame.end) return;
    count_due(now);
    publish({.sequence = sequence, .intended = now}, now);
  }
}

bool Producer::take_place() {
  while (!free_.try_acquire_for(kNap)) {
    if (shared_.interrupted.load(std::memory_order_relaxed)) return false;
  }
  return !shared_.interrupted.load(std::memory_order_relaxed);
}

void Producer::count_due(TimePoint intended) {
  const std::lock_guard lock{lock_};
  ++tally_.totals.scheduled;
  tally_.scheduled.add(shared_.frame, intended, 1);
  if (shared_.frame.measures(intended)) ++tally_.offered;
}

void Producer::publish(const Due& due, TimePoint able) {
  const std::uint32_t partitions = shared_.job.shape.partitions;
  const std::size_t topic = index_ / shared_.job.shape.producers;
  Place& place = shared_.places[topic * partitions + turn_++ % partitions];
  messaging::Record record;
  record.value = shared_.payload.write(
      {.sequence = due.sequence, .producer = index_, .intended = due.intended});
  const TimePoint now = instant();
  record.timestamp = now.time_since_epoch() + epoch_;
  {
    const std::lock_guard lock{lock_};
    if (shared_.frame.measures(due.intended)) {
      tally_.send_lag.record(now - due.intended);
      tally_.lateness.record(now - std::max(due.intended, able));
    }
    if (shared_.frame.end != TimePoint::max() && now - kLatenessFloor > shared_.frame.end) {
      ++tally_.overdue;
    }
  }
  log_.append(place.topic, std::move(record),
              [this, due, &place](const Result<std::uint64_t>& r) { answer(due, r, place); });
}

void Producer::answer(const Due& due, const Result<std::uint64_t>& result, Place& place) {
  const TimePoint now = instant();
  {
    const std::lock_guard lock{lock_};
    if (closed_) return;
    ++settled_;
    tally_.last = std::max(tally_.last, now);
    if (result) {
      ++tally_.totals.ok;
      shared_.ledger.acknowledged(due.sequence);  // here: once all is settled, it is complete
      tally_.answered.add(shared_.frame, now, 1);
      if (shared_.frame.holds(now)) ++tally_.in_time;
      if (shared_.frame.measures(due.intended)) tally_.publish_time.record(now - due.intended);
    } else {
      const Errc code = result.error().code;
      const bool full = code == Errc::kNoSpace || code == Errc::kOverloaded;
      ++(full                     ? tally_.totals.refused
         : code == Errc::kTimeout ? tally_.totals.timed_out
                                  : tally_.totals.failed);
      ++tally_.errors[result.error().why];
      if (full) refused_ = true;
    }
  }
  if (result) {
    for (Bell* bell : place.bells) bell->ring();
  }
  answered_.fetch_add(1, std::memory_order_relaxed);
  free_.release();
}

}  // namespace headgate::load::messages
