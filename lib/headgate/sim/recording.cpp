#include "headgate/sim/recording.hpp"

#include "headgate/core/check.hpp"

namespace headgate::sim {
namespace {

// Numbers are given out densely, so a vector by number grows to the most that were under way.
template <class T>
T& slot(std::vector<T>& all, std::uint32_t number) {
  if (number >= all.size()) all.resize(number + std::size_t{1});
  return all[number];
}

}  // namespace

Recording::Counts& Recording::Counts::operator+=(const Counts& other) noexcept {
  offered += other.offered;
  for (std::size_t i = 0; i < outcomes.size(); ++i) outcomes[i] += other.outcomes[i];
  retries += other.retries;
  responses += other.responses;
  response_ns += other.response_ns;
  response += other.response;
  return *this;
}

Recording::Recording(const Plan& plan, const Options& options) : options_(options) {
  std::uint32_t targets = 0;
  for (const ServicePlan& service : plan.services) {
    first_target_.push_back(targets);
    targets += static_cast<std::uint32_t>(service.targets.size());
  }
  waiting_.resize(targets);
  busy_.resize(targets);
  flows_.resize(targets + std::size_t{1});
  events_.resize(plan.topics.size());
  lag_.resize(plan.topics.size() + plan.queues.size() + plan.subscribers.size());
  lag_now_.resize(lag_.size());
}

std::size_t Recording::bin(TimePoint now) {
  HG_ASSERT(now >= latest_);
  latest_ = now;
  while (scale_.ends_before(now)) {
    scale_.widen();
    counts_.merge_pairs();
    in_system_.merge_pairs();
    for (auto& bins : waiting_) bins.merge_pairs();
    for (auto& bins : busy_) bins.merge_pairs();
    for (auto& bins : events_) bins.merge_pairs();
    for (auto& bins : lag_) bins.merge_pairs();
  }
  return scale_.bin_of(now);
}

TracedAttempt* Recording::steps(const UnderWay& attempt) noexcept {
  if (attempt.request != kNone) return &requests_[attempt.request].attempts[attempt.place];
  if (attempt.traced != kNone) return &trace_[attempt.traced].attempts[attempt.place];
  return nullptr;
}

// ---- Hooks ----

void Recording::sent(TimePoint now, std::uint32_t request, std::uint32_t kind, bool measured) {
  ++counts_[bin(now)].offered;
  Request& entry = slot(requests_, request);
  entry.sent = now;
  entry.kind = kind;
  entry.measured = measured;
  entry.retried = false;
  entry.traced = kNone;
  entry.attempts.clear();
  entry.numbers.clear();
  if (!options_.trace_from || now < *options_.trace_from) return;
  if (trace_.size() >= options_.trace_max) return;
  entry.traced = static_cast<std::uint32_t>(trace_.size());
  trace_.push_back({.sent = now, .kind = kind, .attempts = {}});
}

void Recording::picked(TimePoint now, std::uint32_t request, std::uint32_t attempt,
                       std::uint32_t service, std::uint32_t target, bool again) {
  Request& owner = requests_[request];
  const std::uint32_t place = static_cast<std::uint32_t>(owner.attempts.size());
  if (again) ++counts_[bin(now)].retries;
  owner.retried = owner.retried || again;
  const std::uint32_t number = first_target_[service] + target;
  slot(attempts_, attempt) = {
      .request = request, .traced = owner.traced, .place = place, .target = number, .arrived = now};
  owner.attempts.push_back({.target = number, .picked = now, .arrived = now});
  owner.numbers.push_back(attempt);
}

void Recording::arrived(TimePoint now, std::uint32_t attempt) {
  UnderWay& entry = attempts_[attempt];
  entry.arrived = now;
  if (TracedAttempt* kept = steps(entry)) kept->arrived = now;
}

void Recording::started(TimePoint now, std::uint32_t attempt) {
  static_cast<void>(bin(now));
  UnderWay& entry = attempts_[attempt];
  entry.started = now;
  add_span(waiting_[entry.target], scale_, entry.arrived, now);
  if (TracedAttempt* kept = steps(entry)) kept->started = now;
}

void Recording::finished(TimePoint now, std::uint32_t attempt) {
  static_cast<void>(bin(now));
  UnderWay& entry = attempts_[attempt];
  const bool worked = entry.started != kNeverAt;
  add_span(worked ? busy_[entry.target] : waiting_[entry.target], scale_,
           worked ? entry.started : entry.arrived, now);
  if (TracedAttempt* kept = steps(entry)) kept->finished = now;
  entry.request = entry.traced = kNone;
}

void Recording::concluded(TimePoint now, std::uint32_t attempt) {
  if (TracedAttempt* kept = steps(attempts_[attempt])) kept->concluded = now;
}

void Recording::settled(TimePoint now, std::uint32_t request, Answer answer) {
  const std::size_t at = bin(now);
  Request& entry = requests_[request];
  add_span(in_system_, scale_, entry.sent, now);
  count_outcome(at, entry, now, answer);
  if (entry.measured) count_flow(entry, answer);
  if (options_.journeys && entry.measured &&
      (answer == Answer::kOk || answer == Answer::kTimedOut)) {
    keep_journey(entry, now, answer);
  }
  if (entry.traced != kNone) {
    TracedRequest& traced = trace_[entry.traced];
    traced.settled = now;
    traced.answer = answer;
    traced.attempts = entry.attempts;
  }
  for (std::uint32_t place = 0; place < entry.numbers.size(); ++place) {
    UnderWay& attempt = attempts_[entry.numbers[place]];
    if (attempt.request == request && attempt.place == place) attempt.request = kNone;
  }
}

void Recording::count_outcome(std::size_t bin, const Request& request, TimePoint now,
                              Answer answer) {
  Counts& counts = counts_[bin];
  ++counts.outcomes[static_cast<std::size_t>(answer)];
  if (answer != Answer::kOk && answer != Answer::kTimedOut) return;
  ++counts.responses;
  counts.response_ns += (now - request.sent).count();
  counts.response.record(now - request.sent);
}

void Recording::count_flow(const Request& request, Answer answer) {
  const bool nowhere = request.attempts.empty();
  const std::size_t target = nowhere ? flows_.size() - 1 : request.attempts.back().target;
  const std::size_t retried = request.retried ? 4 : 0;
  ++flows_[target][retried + static_cast<std::size_t>(answer)];
}

void Recording::published(TimePoint now, std::uint32_t topic) { ++events_[topic][bin(now)]; }

void Recording::lag(TimePoint now, std::uint32_t topic, std::uint64_t events) {
  static_cast<void>(bin(now));
  Level& level = lag_now_[topic];
  add_span(lag_[topic], scale_, level.since, now, static_cast<std::int64_t>(level.events));
  level = {.since = now, .events = events};
}

void Recording::window(TimePoint now, bool open) { (open ? window_start_ : window_end_) = now; }

}  // namespace headgate::sim
