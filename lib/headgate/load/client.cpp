#include "headgate/load/client.hpp"

#include <algorithm>

#include "headgate/core/check.hpp"
#include "headgate/net/event_loop.hpp"

namespace headgate::load {

Client::Line::Line(Client& client, std::uint32_t target)
    : exchange{make_exchange(client.loop_, client.job_.targets()[target], *this)},
      client_{client} {}

Client::Client(net::EventLoop& loop, const Job& job, Recorder& recorder, ClientOwner& owner,
               std::size_t index)
    : loop_{loop},
      job_{job},
      recorder_{recorder},
      owner_{owner},
      index_{index},
      timeout_{net::callback<&Client::on_timeout>(this)},
      pause_{net::callback<&Client::on_pause_over>(this)} {
  for (std::uint32_t target = 0; target < job.targets().size(); ++target) {
    lines_.push_back(std::make_unique<Line>(*this, target));
  }
}

void Client::open() {
  for (const auto& line : lines_) {
    ++opening_;
    line->exchange->open();
  }
}

void Client::opened(TimePoint now, std::optional<Failure> failure) {
  able_ = now;
  if (opening_ == 0) return;
  --opening_;
  owner_.on_opened(failure);
}

void Client::take(const Due& due, TimePoint free_since) {
  HG_ASSERT(!busy_);
  busy_ = true;
  able_ = free_since;
  const Choice choice = job_.choose(due.sequence);
  flight_ = {.due = due, .sent = {}, .target = choice.target};
  loop_.deadlines().arm(timeout_, due.intended + job_.timeout);
  lines_[choice.target]->exchange->start(0, *choice.request, job_.fill(due.sequence));
}

void Client::sent(TimePoint now) {
  flight_.sent = now;
  recorder_.sent(flight_, able_);
}

void Client::settle() noexcept {
  HG_ASSERT(busy_);
  busy_ = false;
  timeout_.cancel();
}

void Client::answered(TimePoint now, const Answer& answer) {
  settle();
  broken_ = 0;
  recorder_.answered(flight_, now, answer);
  owner_.on_free(*this, now);
}

void Client::failed(TimePoint now, const Fault& fault) {
  settle();
  recorder_.failed(flight_, now, fault);
  const Duration pause = std::min(kPauseMax, kPauseMin * (1 << std::min(broken_, 10U)));
  ++broken_;
  loop_.deadlines().arm(pause_, now + pause);
}

void Client::on_timeout(TimePoint now) noexcept {
  settle();
  lines_[flight_.target]->exchange->abort(0);
  recorder_.timed_out(flight_, now);
  owner_.on_free(*this, now);
}

void Client::on_pause_over(TimePoint now) noexcept { owner_.on_free(*this, now); }

void Client::cut(TimePoint now) {
  if (!busy_) return;
  settle();
  lines_[flight_.target]->exchange->abort(0);
  if (flight_.sent == TimePoint{}) return recorder_.not_sent(flight_.due, now);
  recorder_.in_flight(flight_, now);
}

}  // namespace headgate::load
