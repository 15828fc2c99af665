#include "headgate/load/client.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "headgate/core/check.hpp"
#include "headgate/net/event_loop.hpp"

namespace headgate::load {

Client::Client(net::EventLoop& loop, const Job& job, Recorder& recorder, ClientOwner& owner,
               Connection& connection, std::size_t index, std::uint64_t place)
    : loop_{loop},
      job_{job},
      recorder_{recorder},
      owner_{owner},
      connection_{connection},
      slot_{connection.add(*this)},
      index_{index},
      place_{place},
      timeout_{net::callback<&Client::on_timeout>(this)},
      pause_{net::callback<&Client::on_pause_over>(this)},
      captured_(job.captured_names().size()) {}

void Client::start(const Choice& choice, std::uint64_t sequence, TimePoint deadline) {
  check_ = choice.check;
  if (check_ != nullptr) kept_.clear();
  loop_.deadlines().arm(timeout_, deadline);
  Fill fill = job_.fill(sequence);
  fill.captured = captured_;
  connection_.line(choice.target).start(slot_, *choice.request, fill);
}

void Client::take(const Due& due, TimePoint free_since) {
  HG_ASSERT(state_ == State::kFree);
  state_ = State::kBusy;
  able_ = free_since;
  const Choice choice = job_.choose(due.sequence);
  flight_ = {.due = due, .sent = {}, .target = choice.target};
  start(choice, due.sequence, due.intended + job_.timeout);
}

void Client::on_sent(TimePoint now) {
  flight_.sent = now;
  if (state_ == State::kBusy) recorder_.sent(flight_, able_);
}

void Client::settle() noexcept {
  HG_ASSERT(state_ != State::kFree);
  state_ = State::kFree;
  timeout_.cancel();
}

void Client::on_answer(TimePoint now, const Answer& answer) {
  broken_ = 0;
  if (state_ == State::kPreparing) {
    settle();
    const auto failure = check_ == nullptr ? std::nullopt : check_->examine(answer.status, kept_);
    if (check_ == nullptr && classify(answer) != Outcome::kOk)
      return prepared("its status is no success");
    if (failure) return prepared(name(*failure));
    if (check_ != nullptr && !check_->capture(kept_, captured_)) return prepared("capture_failed");
    ++step_;
    return prepare_next(now);
  }
  settle();
  record(now, answer);
  owner_.on_free(*this, now);
}

void Client::record(TimePoint now, const Answer& answer) {
  if (check_ == nullptr) return recorder_.answered(flight_, now, answer, classify(answer));
  const Outcome usual = classify(answer);
  const auto failure = check_->examine(answer.status, kept_);
  if (failure == Failure::kCheckStatus && usual == Outcome::kRefused) {
    return recorder_.answered(flight_, now, answer, usual);
  }
  if (failure) return recorder_.rejected(flight_, now, answer, *failure);
  if (!check_->capture(kept_, captured_)) {
    return recorder_.rejected(flight_, now, answer, Failure::kCaptureFailed);
  }
  recorder_.answered(flight_, now, answer, Outcome::kOk);
}

void Client::on_failure(TimePoint now, const Fault& fault) {
  const bool preparing = state_ == State::kPreparing;
  settle();
  if (preparing) return prepared(name(fault.failure));
  recorder_.failed(flight_, now, fault);
  const Duration pause = std::min(kPauseMax, kPauseMin * (1 << std::min(broken_, 10U)));
  ++broken_;
  loop_.deadlines().arm(pause_, now + pause);
}

void Client::on_timeout(TimePoint now) noexcept {
  const bool preparing = state_ == State::kPreparing;
  settle();
  connection_.line(flight_.target).abort(slot_);
  if (preparing) return prepared("timed out");
  recorder_.timed_out(flight_, now);
  owner_.on_free(*this, now);
}

void Client::on_pause_over(TimePoint now) noexcept { owner_.on_free(*this, now); }

void Client::cut(TimePoint now) {
  if (state_ != State::kBusy) return;
  settle();
  connection_.line(flight_.target).abort(slot_);
  if (flight_.sent == TimePoint{}) return recorder_.not_sent(flight_.due, now);
  recorder_.in_flight(flight_, now);
}

void Client::prepare() { prepare_next(loop_.now()); }

void Client::prepare_next(TimePoint now) {
  if (step_ == job_.before().size()) return owner_.on_prepared(std::nullopt);
  state_ = State::kPreparing;
  const Choice choice = job_.before()[step_].choice();
  flight_ = {.due = {.sequence = place_, .intended = now}, .sent = {}, .target = choice.target};
  start(choice, place_, now + job_.timeout);
}

void Client::prepared(std::string_view what) {
  owner_.on_prepared(fmt::format("before.{}: {}", step_, what));
}

}  // namespace headgate::load
