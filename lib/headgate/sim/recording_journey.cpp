// Where the time of one request went: every nanosecond of its response time is put down to one
// stage.
//
// The account goes backwards from the end. What the client waited for last is the attempt whose
// conclusion settled the request; its time is split into network, queue and service. Before that
// attempt was sent, the gateway waited for another one that was still open (a hedge), or the wait
// before a retry ran since the latest one had failed, or there was no attempt yet and the request
// was in the gateway. So attempts at the same time are counted once, on the critical path.
#include <algorithm>
#include <utility>

#include "headgate/sim/recording.hpp"

namespace headgate::sim {
namespace {

Duration between(TimePoint from, TimePoint to) noexcept {
  return std::max(to - from, Duration::zero());
}

// Of the attempts sent before `cursor`, the one that ended last by then; of those still open, one
// that its target has answered at that instant, else the first sent.
const TracedAttempt* latest_before(const std::vector<TracedAttempt>& attempts, TimePoint cursor) {
  const TracedAttempt* best = nullptr;
  const auto rank = [cursor](const TracedAttempt& attempt) {
    return std::pair{std::min(attempt.concluded, cursor), attempt.finished <= cursor};
  };
  for (const TracedAttempt& attempt : attempts) {
    if (attempt.picked >= cursor) continue;
    if (best == nullptr || rank(attempt) > rank(*best)) best = &attempt;
  }
  return best;
}

}  // namespace

void Recording::keep_journey(const Request& request, TimePoint now, Answer answer) {
  if (journeys_.size() >= kJourneysMax) {
    ++more_journeys_;
    return;
  }
  const auto first = static_cast<std::uint32_t>(spent_.size());
  TimePoint cursor = now;
  const TracedAttempt* attempt = latest_before(request.attempts, cursor);
  bool leaving = answer == Answer::kOk;  // after its last attempt the gateway still has the answer
  for (; attempt != nullptr; leaving = false) {
    const TimePoint end = std::min(attempt->concluded, cursor);
    leaving = leaving && attempt == &request.attempts.back();
    spend({leaving ? Stage::Kind::kGateway : Stage::Kind::kRetry, 0}, cursor - end, first);
    const TimePoint finished = std::min(attempt->finished, end);
    const TimePoint started = std::min(attempt->started, finished);
    const TimePoint arrived = std::min(attempt->arrived, started);
    spend({Stage::Kind::kNetwork, 0}, between(finished, end), first);
    spend({Stage::Kind::kService, attempt->target}, between(started, finished), first);
    spend({Stage::Kind::kQueue, attempt->target}, between(arrived, started), first);
    spend({Stage::Kind::kNetwork, 0}, between(attempt->picked, arrived), first);
    cursor = attempt->picked;
    attempt = latest_before(request.attempts, cursor);
  }
  spend({Stage::Kind::kGateway, 0}, cursor - request.sent, first);
  journeys_.push_back({.response = now - request.sent,
                       .attempts = static_cast<std::uint32_t>(request.attempts.size()),
                       .first = first,
                       .count = static_cast<std::uint32_t>(spent_.size()) - first});
}

// One entry per stage: a request that waits twice at one target has waited once, for longer.
void Recording::spend(Stage stage, Duration time, std::uint32_t first) {
  if (time <= Duration::zero()) return;
  for (std::size_t i = first; i < spent_.size(); ++i) {
    if (spent_[i].stage != stage) continue;
    spent_[i].time += time;
    return;
  }
  spent_.push_back({stage, time});
}

}  // namespace headgate::sim
