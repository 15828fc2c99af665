#include "headgate/load/closed_pace.hpp"

#include <limits>

namespace headgate::load {
namespace {

/// This thread's part of the requests: all parts add up to the count.
std::uint64_t quota_of(const Job& job, std::uint32_t thread) {
  if (!job.count) return std::numeric_limits<std::uint64_t>::max();
  return *job.count / job.places() + (job.place(thread) < *job.count % job.places() ? 1 : 0);
}

}  // namespace

ClosedPace::Thinker::Thinker(ClosedPace& pace, net::EventLoop& loop, Client& client, Random random)
    : pace_{pace},
      client_{client},
      random_{random},
      timer_{loop.timers(), net::callback<&Thinker::on_due>(this)} {}

void ClosedPace::Thinker::think(const arrival::Distribution* time, TimePoint since) {
  const Duration thought = time == nullptr ? Duration::zero() : time->sample(random_);
  due_ = since + thought;
  if (thought == Duration::zero()) return pace_.send(client_, due_, since);
  timer_.arm(due_);
}

void ClosedPace::Thinker::on_due(TimePoint /*now*/) noexcept { pace_.send(client_, due_, due_); }

ClosedPace::ClosedPace(net::EventLoop& loop, const Job& job, std::uint32_t thread,
                       Recorder& recorder, const Clients& clients)
    : job_{job}, thread_{thread}, recorder_{recorder}, quota_{quota_of(job, thread)} {
  for (const auto& client : clients) {
    const std::uint64_t place = client->index() * job.places() + job.place(thread);
    thinkers_.push_back(std::make_unique<Thinker>(
        *this, loop, *client, Random::stream(job.seed, "clients", place, "think")));
  }
}

void ClosedPace::begin(TimePoint start, TimePoint end) {
  end_ = end;
  const arrival::Distribution* time = job_.arrivals ? &job_.arrivals->closed()->think : nullptr;
  for (const auto& thinker : thinkers_) thinker->think(time, start);
}

void ClosedPace::free(Client& client, TimePoint now) {
  if (finished()) return;
  const arrival::Distribution* time = job_.arrivals ? &job_.arrivals->closed()->think : nullptr;
  thinkers_[client.index()]->think(time, now);
}

void ClosedPace::send(Client& client, TimePoint due, TimePoint free_since) {
  if (finished() || due >= end_) return;
  const Due next{.sequence = taken_++ * job_.places() + job_.place(thread_), .intended = due};
  recorder_.due(next);
  client.take(next, free_since);
}

void ClosedPace::stop() {
  stopped_ = true;
  for (const auto& thinker : thinkers_) thinker->stop();
}

}  // namespace headgate::load
