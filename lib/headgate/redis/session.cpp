#include "headgate/redis/session.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "headgate/core/check.hpp"

namespace headgate::redis {

std::string_view to_text(Failure failure) noexcept {
  constexpr std::array<std::string_view, kFailureCount> kNames{"down", "busy", "timed_out",
                                                               "refused"};
  return kNames[static_cast<std::size_t>(failure)];
}

Session::Session(Duration timeout, std::uint64_t seed, AnswerHandler& handler)
    : timeout_(timeout),
      random_(seed),
      handler_(handler),
      backoff_(resilience::Backoff::make(
                   {.base = kBackoffMin, .max = kBackoffMax, .jitter = resilience::Jitter::kEqual})
                   .value()) {}

// --- questions

std::expected<Ticket, Failure> Session::ask(Call call, TimePoint now) {
  ++counters_.asked;
  if (failing_ || waiting_.size() + sent_.size() >= kAskedMax) {
    const Failure failure = failing_ ? Failure::kDown : Failure::kBusy;
    ++counters_.failed[static_cast<std::size_t>(failure)];
    return std::unexpected(failure);
  }
  enter({.ticket = ++tickets_, .asked = now, .heard = true, .call = std::move(call)});
  return tickets_;
}

void Session::tell(Call call, TimePoint now) {
  if (!ready() || failing_ || sent_.size() >= kAskedMax) return;
  enter({.ticket = ++tickets_, .asked = now, .heard = false, .call = std::move(call)});
}

void Session::forget(Ticket ticket) noexcept {
  for (std::deque<Asked>* list : {&waiting_, &sent_}) {
    const auto found = std::ranges::find(*list, ticket, &Asked::ticket);
    if (found != list->end()) found->heard = false;
  }
}

void Session::enter(Asked asked) {
  if (ready()) return send(std::move(asked));
  const auto place = std::ranges::upper_bound(waiting_, asked.ticket, {}, &Asked::ticket);
  waiting_.insert(place, std::move(asked));
}

void Session::send(Asked asked) {
  append_call(output_, sha_, asked.call);
  sent_.push_back(std::move(asked));
}

void Session::load(TimePoint now) {
  state_ = State::kLoading;
  append_command(output_, std::array<std::string_view, 3>{"SCRIPT", "LOAD", script()});
  sent_.push_back({.asked = now, .load = true});
}

// --- the connection

Session::Want Session::want(TimePoint now) const noexcept {
  switch (state_) {
    case State::kDown:
      return now >= since_ ? Want::kConnect : Want::kNothing;
    case State::kConnecting:
      return now >= since_ + kPatience ? Want::kClose : Want::kNothing;
    case State::kLoading:
    case State::kReady:
      break;
  }
  const bool silent = !sent_.empty() && now >= sent_.front().asked + kPatience;
  return broken_ || silent ? Want::kClose : Want::kNothing;
}

void Session::on_connecting(TimePoint now) noexcept {
  HG_ASSERT(state_ == State::kDown);
  state_ = State::kConnecting;
  since_ = now;
}

void Session::on_connected(TimePoint now) {
  HG_ASSERT(state_ == State::kConnecting);
  load(now);
}

void Session::on_closed(TimePoint now) {
  // A server may close a connection that is idle. That is no failure, and the next one is at hand.
  const bool idle = state_ == State::kReady && sent_.empty() && !broken_;
  state_ = State::kDown;
  failing_ = !idle;
  broken_ = loaded_ = false;
  reader_.reset();
  output_.clear();
  since_ = now;
  if (idle) return;
  since_ += backoff_.delay(attempts_++, Duration::zero(), random_);
  for (std::deque<Asked>* list : {&waiting_, &sent_}) {
    for (const Asked& asked : std::exchange(*list, {})) {
      if (asked.heard) fail(asked.ticket, Failure::kDown);
    }
  }
}

// --- answers

void Session::on_input(std::string_view bytes, TimePoint now) {
  reader_.feed(bytes);
  while (!broken_) {
    const Result<std::optional<Reply>> next = reader_.next();
    if (!next) {  // no RESP
      broken_ = true;
      return;
    }
    const std::optional<Reply>& reply = *next;
    if (!reply) return;
    broken_ = sent_.empty();  // an answer to nothing
    if (!broken_) take(*reply, now);
  }
}

void Session::take(const Reply& reply, TimePoint now) {
  failing_ = false;
  Asked asked = std::move(sent_.front());
  sent_.pop_front();
  if (asked.load) return take_load(reply);
  take_answer(std::move(asked), reply, now);
}

void Session::take_load(const Reply& reply) {
  if (reply.kind != Reply::Kind::kText) {  // it wants a password, or has no scripts
    broken_ = true;
    return;
  }
  sha_ = reply.text;
  state_ = State::kReady;
  attempts_ = 0;
  if (!std::exchange(loaded_, true)) ++counters_.connections;
  for (Asked& asked : std::exchange(waiting_, {})) send(std::move(asked));
}

void Session::take_answer(Asked asked, const Reply& reply, TimePoint now) {
  if (!asked.heard) return;
  if (reply.is_error("NOSCRIPT") && !asked.again) return ask_again(std::move(asked), now);
  auto sights = sights_of(reply, asked.call.keys.size());
  if (!sights) return fail(asked.ticket, Failure::kRefused);
  handler_.on_answer(asked.ticket, *std::move(sights));
}

void Session::ask_again(Asked asked, TimePoint now) {
  if (ready()) load(now);
  asked.again = true;
  enter(std::move(asked));
}

void Session::fail(Ticket ticket, Failure failure) {
  ++counters_.failed[static_cast<std::size_t>(failure)];
  handler_.on_answer(ticket, std::unexpected(failure));
}

// --- time

TimePoint Session::first_deadline(const std::deque<Asked>& list) const noexcept {
  const auto found = std::ranges::find(list, true, &Asked::heard);
  return found == list.end() ? TimePoint::max() : found->asked + timeout_;
}

TimePoint Session::next_timeout() const noexcept {
  TimePoint next = std::min(first_deadline(waiting_), first_deadline(sent_));
  if (state_ == State::kDown) next = std::min(next, since_);
  if (state_ == State::kConnecting) next = std::min(next, since_ + kPatience);
  if (!sent_.empty()) next = std::min(next, sent_.front().asked + kPatience);
  return next;
}

void Session::on_timeout(TimePoint now) {
  std::vector<Ticket> late;
  for (std::deque<Asked>* list : {&waiting_, &sent_}) {
    for (Asked& asked : *list) {
      if (asked.asked + timeout_ > now) break;
      if (std::exchange(asked.heard, false)) late.push_back(asked.ticket);
    }
  }
  std::erase_if(waiting_, [](const Asked& asked) { return !asked.heard; });
  if (late.empty()) return;
  failing_ = true;
  for (const Ticket ticket : late) fail(ticket, Failure::kTimedOut);
}

}  // namespace headgate::redis
