#include "headgate/load/open_pace.hpp"

#include <algorithm>
#include <limits>
#include <optional>

#include "headgate/load/validity.hpp"

namespace headgate::load {

OpenPace::OpenPace(net::EventLoop& loop, const Job& job, std::uint32_t thread, Recorder& recorder,
                   Clients& clients)
    : loop_{loop},
      job_{job},
      thread_{thread},
      recorder_{recorder},
      clients_{clients},
      due_{loop.timers(), net::callback<&OpenPace::on_due>(this)},
      expiry_{net::callback<&OpenPace::on_expiry>(this)} {}

void OpenPace::begin(TimePoint start, TimePoint end) {
  end_ = end;
  agenda_ = std::make_unique<Agenda>(
      Agenda::Options{.arrivals = *job_.open_arrivals(),
                      .seed = job_.seed,
                      .start = start,
                      .duration = job_.duration,
                      .count = job_.count.value_or(std::numeric_limits<std::uint64_t>::max()),
                      .thread = job_.place(thread_),
                      .threads = job_.places()});
  for (const auto& client : clients_) free_.push_back({client.get(), start});
  if (!finished()) due_.arm(agenda_->next());
}

void OpenPace::on_due(TimePoint now) noexcept {
  while (!finished() && agenda_->next() <= now) {
    const Due due = agenda_->take();
    recorder_.due(due);
    if (now - kLatenessFloor > end_) ++overdue_;  // end_ may be TimePoint::max()
    dispatch(due, now);
  }
  if (!finished()) due_.arm(agenda_->next());
}

void OpenPace::dispatch(const Due& due, TimePoint now) {
  if (!free_.empty()) {
    const Free free = free_.front();
    free_.pop_front();
    return free.client->take(due, free.since);
  }
  if (job_.on_saturation == config::Saturation::kDrop) return recorder_.dropped(due, now);
  if (job_.on_saturation == config::Saturation::kFail) return recorder_.saturated(due, now);
  if (const auto given_up = backlog_.push(due)) recorder_.not_sent(*given_up, now);
  watch_backlog();
}

void OpenPace::free(Client& client, TimePoint now) {
  if (backlog_.empty()) {
    free_.push_back({&client, now});
  } else {
    client.take(backlog_.pop(), now);
    watch_backlog();
  }
}

void OpenPace::watch_backlog() {
  if (backlog_.empty()) return expiry_.cancel();
  loop_.deadlines().arm(expiry_, backlog_.oldest() + job_.timeout);
}

void OpenPace::on_expiry(TimePoint now) noexcept {
  while (const auto due = backlog_.expire(now - job_.timeout)) recorder_.not_sent(*due, now);
  watch_backlog();
}

void OpenPace::stop() {
  agenda_.reset();
  due_.cancel();
}

void OpenPace::give_up(TimePoint now) {
  while (!backlog_.empty()) recorder_.not_sent(backlog_.pop(), now);
  expiry_.cancel();
}

Duration spin_of(const Job& job, std::uint32_t cores) noexcept {
  constexpr Duration kSpinMax = std::chrono::microseconds{50};
  constexpr Duration kSpinAlways = std::chrono::seconds{1};
  if (!job.open_loop() || job.spin == Spin::kNever) return Duration::zero();
  if (job.spin == Spin::kAlways) return kSpinAlways;
  const auto rate = job.open_loop() ? job.open_arrivals()->rate() : std::nullopt;
  if (!rate || job.threads >= cores) return Duration::zero();
  const double gap_ns = 1e9 * job.threads / rate->per_second();
  return std::min(kSpinMax, Duration{static_cast<std::int64_t>(std::min(gap_ns, 1e9) / 10)});
}

}  // namespace headgate::load
