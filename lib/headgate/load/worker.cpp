#include "headgate/load/worker.hpp"

#include <time.h>

#include <algorithm>
#include <utility>

#include "headgate/load/closed_pace.hpp"
#include "headgate/load/open_pace.hpp"

namespace headgate::load {
namespace {

Duration thread_cpu_time() noexcept {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds{time.tv_sec} + Duration{time.tv_nsec};
}

}  // namespace

Worker::Worker(const Job& job, std::uint32_t thread, Duration spin)
    : job_{job},
      loop_{net::EventLoop::Options{.spin = spin}},
      mailbox_{loop_},
      recorder_{job.targets().size()},
      end_{loop_.timers(), net::callback<&Worker::on_end>(this)},
      drained_{loop_.timers(), net::callback<&Worker::on_drained>(this)} {
  for (std::uint32_t i = thread; i < job.connections; i += job.threads) {
    connections_.push_back(std::make_unique<Connection>(loop_, job_, recorder_, *this));
    for (std::uint32_t k = 0; k < job.clients_per_connection(); ++k) {
      const std::uint64_t place = std::uint64_t{i} * job.clients_per_connection() + k;
      clients_.push_back(std::make_unique<Client>(loop_, job_, recorder_, *this,
                                                  *connections_.back(), clients_.size(), place));
    }
  }
  if (job.open_loop()) {
    pace_ = std::make_unique<OpenPace>(loop_, job_, thread, recorder_, clients_);
  } else {
    pace_ = std::make_unique<ClosedPace>(loop_, job_, thread, recorder_, clients_);
  }
}

Opened Worker::connect(Duration limit) {
  opening_ = connections_.size() * job_.targets().size();
  for (const auto& connection : connections_) connection->open();
  const TimePoint end = net::EventLoop::fresh_now() + limit;
  while (opening_ > 0 && loop_.now() < end) loop_.turn(end - loop_.now());
  if (opened_.standing > 0) prepare();
  return opened_;
}

/// Each step ends by the timeout at the latest, so this ends too.
void Worker::prepare() {
  preparing_ = clients_.size();
  for (const auto& client : clients_) client->prepare();
  while (preparing_ > 0) loop_.turn(job_.timeout);
}

void Worker::on_prepared(std::optional<std::string> failure) {
  --preparing_;
  if (failure) opened_.unprepared = std::move(failure);
}

void Worker::on_opened(std::optional<Failure> failure) {
  --opening_;
  if (failure) {
    opened_.failure = failure;
  } else {
    ++opened_.standing;
  }
}

WorkerReport Worker::run(TimePoint start) {
  const bool endless = job_.duration == kNever;
  const TimePoint end = endless ? TimePoint::max() : start + job_.duration;
  const TimePoint began = net::EventLoop::fresh_now();
  const Duration cpu_began = thread_cpu_time();
  recorder_.begin(start, end);
  while (net::EventLoop::fresh_now() < start) loop_.turn(start - net::EventLoop::fresh_now());
  if (!endless) end_.arm(end);
  pace_->begin(start, end);
  if (interrupted_) on_drained(loop_.now());
  if (!pace_->finished() || recorder_.open() > 0) loop_.run();
  const auto wall = static_cast<double>((net::EventLoop::fresh_now() - began).count());
  const auto cpu = static_cast<double>((thread_cpu_time() - cpu_began - loop_.spun()).count());
  return {.tally = recorder_.tally(), .overdue = pace_->overdue(), .cpu_share = cpu / wall};
}

void Worker::on_free(Client& client, TimePoint now) {
  // One thread writes: no read-modify-write is needed.
  settled_.store(settled_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  pace_->free(client, now);
  stop_if_settled();
}

void Worker::stop_if_settled() noexcept {
  if (pace_->finished() && recorder_.open() == 0) loop_.stop();
}

void Worker::on_end(TimePoint now) noexcept {
  pace_->stop();
  drained_.arm(now + std::min(kDrain, job_.timeout));
  stop_if_settled();
}

void Worker::on_drained(TimePoint now) noexcept {
  pace_->stop();
  for (const auto& client : clients_) client->cut(now);
  pace_->give_up(now);
  loop_.stop();
}

void Worker::observe(std::size_t first, std::function<void(const Progress&)> take) {
  mailbox_.post([this, first, take = std::move(take)] { take(recorder_.since(first)); });
}

void Worker::interrupt() {
  mailbox_.post([this] {
    interrupted_ = true;
    on_drained(loop_.now());
  });
}

}  // namespace headgate::load
