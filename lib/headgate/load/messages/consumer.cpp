#include "headgate/load/messages/consumer.hpp"

#include <algorithm>

#include "headgate/net/event_loop.hpp"

namespace headgate::load::messages {

Consumer::Consumer(Shared& shared, std::uint32_t group, std::uint32_t topic, std::uint32_t index)
    : shared_{shared}, group_{group} {
  const config::BusShape& shape = shared.job.shape;
  for (std::uint32_t p = index; p < shape.partitions; p += shape.consumers) {
    places_.push_back(std::size_t{topic} * shape.partitions + p);
    Place& place = shared.places[places_.back()];
    place.bells.push_back(&bell_);
    next_.push_back(place.begin);
    order_.emplace_back(shape.producers, 0);
  }
}

Result<void> Consumer::open() {
  std::vector<From> from;
  from.reserve(places_.size());
  for (std::size_t i = 0; i < places_.size(); ++i) {
    from.push_back({shared_.places[places_[i]].topic, next_[i]});
  }
  auto source = shared_.store.follow(from, bell_);
  if (!source) return std::unexpected(source.error());
  source_ = *std::move(source);
  return {};
}

void Consumer::run() {
  TimePoint last = net::EventLoop::fresh_now();
  while (!shared_.interrupted.load(std::memory_order_relaxed)) {
    const bool published = shared_.all_published.load();
    if (published && read_all()) return;
    const auto batch = source_->next(kNap);
    const TimePoint now = net::EventLoop::fresh_now();
    if (!batch) {
      ++tally_.errors[batch.error().why];
      if (batch.error().code == Errc::kCorrupt || batch.error().code == Errc::kIo) return;
    } else if (!batch->empty()) {
      take(*batch, now);
    }
    if (!published || (batch && !batch->empty())) last = now;
    if (now - last > shared_.job.plan.drain) return;  // the rest is counted as left, or lost
  }
}

void Consumer::take(const std::vector<Got>& batch, TimePoint now) {
  batch_.clear();
  for (const Got& got : batch) take_one(got, now);
  shared_.ledger.consumed(group_, batch_);
  tally_.arrived.add(shared_.frame, now, batch_.size());
  if (shared_.frame.holds(now)) tally_.in_time += batch_.size();
  tally_.last = now;
  advance();
}

void Consumer::take_one(const Got& got, TimePoint now) {
  next_[got.topic] = got.stored.offset + 1;
  const auto [kind, stamp] = shared_.payload.read(got.stored.record.value);
  if (kind == Payload::Kind::kForeign) ++tally_.foreign;
  if (kind == Payload::Kind::kDamaged) ++tally_.damaged;
  if (kind != Payload::Kind::kGood) return;
  ++tally_.deliveries;
  batch_.push_back(stamp.sequence);
  std::uint64_t& after = order_[got.topic][stamp.producer % order_[got.topic].size()];
  if (stamp.sequence < after) ++tally_.out_of_order;
  after = std::max(after, stamp.sequence + 1);
  if (shared_.frame.measures(stamp.intended)) tally_.end_to_end_time.record(now - stamp.intended);
}

/// Says how far this group has come; what all groups have is let go of.
void Consumer::advance() {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    Place& place = shared_.places[places_[i]];
    std::atomic_ref reached{place.reached[group_]};
    if (reached.load() == next_[i]) continue;
    reached.store(next_[i]);
    std::uint64_t least = next_[i];
    for (std::uint64_t& each : place.reached) least = std::min(least, std::atomic_ref{each}.load());
    if (least > place.begin) shared_.store.forget(place.topic, least);
  }
}

bool Consumer::read_all() const {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    if (next_[i] < shared_.places[places_[i]].end) return false;
  }
  return true;
}

}  // namespace headgate::load::messages
