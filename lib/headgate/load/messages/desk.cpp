#include "headgate/load/messages/desk.hpp"

#include <array>
#include <thread>
#include <utility>

#include "headgate/net/event_loop.hpp"

namespace headgate::load::messages {
namespace {

constexpr std::size_t kLeaseBatch = 100;

}  // namespace

Result<std::unique_ptr<Desk>> Desk::open(Store& store, const Job& job) {
  auto queue = queue::Queue::open(store.log(), {.name = job.name,
                                                .lease = job.plan.lease,
                                                .max_deliveries = job.plan.max_deliveries,
                                                .dead_letter = {}});
  if (!queue) return std::unexpected(queue.error());
  std::unique_ptr<Desk> desk{new Desk{*std::move(queue)}};
  if (const std::uint64_t held = desk->open_messages(); held > 0) {
    return failed(Errc::kInvalidConfig, "queue " + job.name,
                  "it holds " + std::to_string(held) +
                      " messages that are not this run's to settle; name another queue");
  }
  return desk;
}

Result<std::vector<queue::Delivery>> Desk::lease(TimePoint now, std::size_t max) {
  const std::lock_guard lock{mutex_};
  return queue_.lease(now, max);
}

void Desk::ack(TimePoint now, const queue::Receipt& receipt, queue::Settled done) {
  const std::lock_guard lock{mutex_};
  queue_.ack(now, receipt, std::move(done));
}

void Desk::nack(TimePoint now, const queue::Receipt& receipt, queue::Settled done) {
  const std::lock_guard lock{mutex_};
  queue_.nack(now, receipt, Duration::zero(), std::move(done));
}

queue::Queue::Stats Desk::stats() {
  const std::lock_guard lock{mutex_};
  return queue_.stats();
}

std::uint64_t Desk::open_messages() {
  const queue::Queue::Stats stats = this->stats();
  return stats.ready + stats.leased + stats.delayed + stats.settling;
}

QueueWorker::QueueWorker(Shared& shared, Desk& desk, std::uint32_t index)
    : shared_{shared},
      desk_{desk},
      random_{Random::stream(shared.job.plan.seed, "workers", index, "nack")} {
  shared.places.front().bells.push_back(&bell_);
}

void QueueWorker::run() {
  work();
  // The queue hears of an answer a moment before its caller does.
  const TimePoint limit = net::EventLoop::fresh_now() + shared_.job.plan.drain;
  while (unanswered_.load() > 0 && net::EventLoop::fresh_now() < limit) {
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

void QueueWorker::work() {
  TimePoint last = net::EventLoop::fresh_now();
  while (!shared_.interrupted.load(std::memory_order_relaxed)) {
    const bool published = shared_.all_published.load();
    const std::uint64_t seen = bell_.rings();
    const TimePoint now = net::EventLoop::fresh_now();
    auto leased = desk_.lease(now, kLeaseBatch);
    if (!leased) {
      const std::lock_guard lock{lock_};
      ++tally_.errors[leased.error().why];
    }
    const bool idle = !leased || leased->empty();
    if (published && idle && desk_.open_messages() == 0) return;
    if (!published || !idle) last = now;
    if (now - last > shared_.job.plan.drain) return;
    if (idle) {
      bell_.wait(seen, kNap);
      continue;
    }
    const TimePoint got = net::EventLoop::fresh_now();
    for (queue::Delivery& delivery : *leased) take(delivery, got);
  }
}

void QueueWorker::take(queue::Delivery& delivery, TimePoint now) {
  const auto [kind, stamp] = shared_.payload.read(delivery.record.value);
  {
    const std::lock_guard lock{lock_};
    ++tally_.deliveries;
    if (delivery.receipt.delivery > 1) ++tally_.redelivered;
    if (kind == Payload::Kind::kForeign) ++tally_.foreign;
    if (kind == Payload::Kind::kDamaged) ++tally_.damaged;
    tally_.last = now;
    tally_.arrived.add(shared_.frame, now, 1);
    if (shared_.frame.holds(now)) ++tally_.in_time;
    if (kind == Payload::Kind::kGood && delivery.receipt.delivery == 1 &&
        shared_.frame.measures(stamp.intended)) {
      tally_.end_to_end_time.record(now - stamp.intended);
    }
  }
  const TimePoint acked = net::EventLoop::fresh_now();
  const double nack = shared_.job.plan.nack.of_one;
  const bool given_back = nack > 0 && random_.uniform() < nack;
  const bool dead = given_back && delivery.receipt.delivery >= shared_.job.plan.max_deliveries;
  const bool good = kind == Payload::Kind::kGood;
  auto done = [this, sequence = stamp.sequence, acked, dead, good](const Result<void>& result) {
    if (good) settled(sequence, acked, dead, result);
    --unanswered_;
  };
  if (given_back && !dead) {
    desk_.nack(acked, delivery.receipt, [](const Result<void>&) {});
    return bell_.ring();
  }
  ++unanswered_;
  if (dead) return desk_.nack(acked, delivery.receipt, std::move(done));
  desk_.ack(acked, delivery.receipt, std::move(done));
}

/// On a thread of the store.
void QueueWorker::settled(std::uint64_t sequence, TimePoint acked, bool dead,
                          const Result<void>& result) {
  const TimePoint now = net::EventLoop::fresh_now();
  const std::lock_guard lock{lock_};
  if (!result) {
    ++tally_.errors[result.error().why];
    return;
  }
  ++(dead ? tally_.dead : tally_.settled);
  if (shared_.frame.measures(acked)) tally_.settle_time.record(now - acked);
  shared_.ledger.consumed(0, std::array{sequence});
}

Consumed QueueWorker::tally() {
  const std::lock_guard lock{lock_};
  return tally_;
}

}  // namespace headgate::load::messages
