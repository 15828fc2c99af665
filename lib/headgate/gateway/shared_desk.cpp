#include "headgate/gateway/shared_desk.hpp"

#include <algorithm>
#include <utility>

#include "headgate/core/check.hpp"

namespace headgate::gateway {
namespace {

constexpr Tokens kCost{1};
constexpr std::size_t kReturnsPerCall = 64;

SharedVerdict unknown(redis::Failure failure) {
  return {.failure = failure, .decision = {}, .each = {}};
}

}  // namespace

// --- one request

std::optional<SharedVerdict> SharedDecision::start(SharedLimits& limits, const Caller& caller) {
  HG_ASSERT(limits_ == nullptr);
  keys_.clear();
  for (const SharedGroup::Limit& limit : limits.group_.limits()) {
    keys_.push_back(SharedGroup::key_of(limit, caller));
  }
  limits_ = &limits;
  const bool leases = limits.group_.spec().mode == ratelimit::SharedMode::kLease;
  std::optional<SharedVerdict> verdict = leases ? spend_leases() : ask();
  if (verdict) limits_ = nullptr;
  return verdict;
}

void SharedDecision::cancel() noexcept {
  if (ticket_ != 0) limits_->link_.forget(ticket_);
  if (!waits_for_.empty()) std::erase(limits_->waiting_.at(waits_for_), this);
  ticket_ = 0;
  waits_for_.clear();
  limits_ = nullptr;
}

std::optional<SharedVerdict> SharedDecision::ask() {
  redis::Call call{.keys = keys_, .numbers = {}};
  for (const SharedGroup::Limit& limit : limits_->group_.limits()) {
    limit.limit.append_question(call.numbers, kCost);
  }
  const auto ticket = limits_->link_.ask(std::move(call), *this);
  if (!ticket) return unknown(ticket.error());
  ticket_ = *ticket;
  return std::nullopt;
}

SharedVerdict SharedDecision::verdict_of(const std::vector<ratelimit::SharedSight>& sights) const {
  const auto& limits = limits_->group_.limits();
  SharedVerdict verdict;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    if (sights[i].taken == 0) verdict.violated |= std::uint64_t{1} << limits[i].index;
  }
  const bool admitted = verdict.violated == 0;
  verdict.decision = {.admitted = admitted, .reason = ratelimit::Reason::kAdmitted};
  for (std::size_t i = 0; i < limits.size(); ++i) {
    verdict.each.push_back(limits[i].limit.decision(sights[i], kCost, admitted));
    const ratelimit::Decision& said = verdict.each.back();
    // Of those that refuse, the one that will for longest speaks for all.
    if (sights[i].taken == 0 && said.retry_after >= verdict.decision.retry_after) {
      verdict.decision = said;
    }
  }
  return verdict;
}

void SharedDecision::on_answer(redis::Ticket /*ticket*/, const redis::Answer& answer) {
  ticket_ = 0;
  if (!answer) return finish(unknown(answer.error()));
  limits_->counters_.asked.add();
  finish(verdict_of(*answer));
}

std::optional<SharedVerdict> SharedDecision::spend_leases() {
  const auto& limits = limits_->group_.limits();
  const TimePoint now = limits_->desk_.now();
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const auto check = limits_->leases_[i].check(keys_[i], now, kCost);
    if (check.step == ratelimit::Leases::Step::kDecided) {
      if (check.decision.admitted) continue;
      limits_->counters_.from_lease.add();
      return SharedVerdict{.failure = {},
                           .decision = check.decision,
                           .each = {},
                           .violated = std::uint64_t{1} << limits[i].index};
    }
    if (check.step == ratelimit::Leases::Step::kAsk) {
      if (const auto failure = limits_->take_lease(i, keys_[i], check)) {
        return unknown(*failure);
      }
    }
    waits_for_ = keys_[i];
    limits_->waiting_[waits_for_].push_back(this);
    return std::nullopt;
  }
  for (std::size_t i = 0; i < limits.size(); ++i) limits_->leases_[i].spend(keys_[i], kCost);
  limits_->counters_.from_lease.add();
  limits_->publish();
  return SharedVerdict{.failure = {},
                       .decision = {.admitted = true, .reason = ratelimit::Reason::kAdmitted},
                       .each = {}};
}

void SharedDecision::on_lease(std::optional<redis::Failure> failure) {
  waits_for_.clear();
  if (failure) return finish(unknown(*failure));
  if (const auto verdict = spend_leases()) finish(*verdict);
}

void SharedDecision::finish(const SharedVerdict& verdict) {
  limits_ = nullptr;
  owner_.on_verdict(verdict);
}

// --- the limits of a filter

SharedLimits::SharedLimits(SharedDesk& desk, const SharedGroup& group, RedisLink& link,
                           SharedCounters& counters)
    : desk_(desk), group_(group), link_(link), counters_(counters) {
  if (group.spec().mode != ratelimit::SharedMode::kLease) return;
  for (const SharedGroup::Limit& limit : group.limits()) {
    leases_.emplace_back(ratelimit::Leases::Options{.lease = group.lease(limit),
                                                    .burst = limit.limit.capacity(),
                                                    .lease_time = group.spec().lease_time,
                                                    .max_keys = limit.max_keys});
  }
}

std::optional<redis::Failure> SharedLimits::take_lease(std::size_t limit, const std::string& key,
                                                       const ratelimit::Leases::Check& check) {
  LeaseQuestion question{
      .limit = limit, .key = key, .offers = ratelimit::lease_offers(check.least, check.most)};
  redis::Call call{.keys = {key}, .numbers = {}};
  group_.limits()[limit].limit.bucket()->append_question(call.numbers, question.offers);
  SharedAsker& asker = *this;
  const auto ticket = link_.ask(std::move(call), asker);
  desk_.arm();
  if (!ticket) {
    leases_[limit].failed(key);
    return ticket.error();
  }
  questions_.emplace(*ticket, std::move(question));
  return std::nullopt;
}

void SharedLimits::on_answer(redis::Ticket ticket, const redis::Answer& answer) {
  const auto node = questions_.extract(ticket);
  HG_ASSERT(!node.empty());
  const LeaseQuestion& question = node.mapped();
  settle(question, answer);
  publish();
  desk_.arm();
  // Those who waited try again, in their order; one of them may have to ask again, and then the
  // rest waits behind it. Nobody is cancelled from within: clients end at the end of a turn.
  auto waiting = waiting_.extract(question.key);
  if (waiting.empty()) return;
  const auto failure = answer ? std::nullopt : std::optional{answer.error()};
  for (SharedDecision* each : waiting.mapped()) each->on_lease(failure);
}

void SharedLimits::settle(const LeaseQuestion& question, const redis::Answer& answer) {
  ratelimit::Leases& leases = leases_[question.limit];
  if (!answer) return leases.failed(question.key);
  counters_.asked.add();
  const ratelimit::SharedSight& sight = answer->front();
  const ratelimit::SharedBucket& bucket = *group_.limits()[question.limit].limit.bucket();
  const TimePoint now = desk_.now();
  if (sight.taken == 0) {
    const Tokens least = question.offers.back();
    return leases.refused(question.key, now, least, bucket.decision(sight, least, false));
  }
  const Tokens taken = question.offers.at(static_cast<std::size_t>(sight.taken) - 1);
  leases.granted(question.key, now, taken, bucket.decision(sight, taken, true));
}

void SharedLimits::return_leases(TimePoint now, bool all) {
  for (std::size_t i = 0; i < leases_.size(); ++i) {
    std::vector<ratelimit::Leases::Return> returns;
    if (all) {
      leases_[i].end_all(returns);
    } else {
      leases_[i].on_timeout(now, returns);
    }
    const ratelimit::SharedBucket& bucket = *group_.limits()[i].limit.bucket();
    redis::Call call;
    for (ratelimit::Leases::Return& each : returns) {
      bucket.append_return(call.numbers, each.tokens);
      call.keys.push_back(std::move(each.key));
      if (call.keys.size() == kReturnsPerCall) link_.tell(std::exchange(call, {}));
    }
    if (!call.keys.empty()) link_.tell(std::move(call));
  }
  publish();
}

TimePoint SharedLimits::next_timeout() const noexcept {
  TimePoint next = TimePoint::max();
  for (const ratelimit::Leases& leases : leases_) next = std::min(next, leases.next_timeout());
  return next;
}

void SharedLimits::publish() noexcept {
  ratelimit::Leases::Counters all;
  for (const ratelimit::Leases& leases : leases_) {
    all.taken += leases.counters().taken;
    all.spent += leases.counters().spent;
    all.returned += leases.counters().returned;
  }
  counters_.lease_taken.set(all.taken);
  counters_.lease_spent.set(all.spent);
  counters_.lease_returned.set(all.returned);
}

// --- a worker

SharedDesk::SharedDesk(net::EventLoop& loop, const std::vector<const SharedGroup*>& groups,
                       WorkerCounters& counters, std::uint64_t seed)
    : loop_(loop), timer_(loop.timers(), net::callback<&SharedDesk::on_timer>(this)) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    RedisLink& link = link_to(*groups[i], seed + i, counters.shared[i]);
    limits_.push_back(std::make_unique<SharedLimits>(*this, *groups[i], link, counters.shared[i]));
  }
}

RedisLink& SharedDesk::link_to(const SharedGroup& group, std::uint64_t seed,
                               SharedCounters& counters) {
  const auto same = [&group](const Link& link) {
    return link.address == group.address() && link.timeout == group.spec().timeout;
  };
  const auto found = std::ranges::find_if(links_, same);
  if (found != links_.end()) return *found->link;
  const RedisLink::Where where{.address = group.address(), .timeout = group.spec().timeout};
  links_.push_back({.address = where.address,
                    .timeout = where.timeout,
                    .link = std::make_unique<RedisLink>(loop_, where, seed, counters)});
  return *links_.back().link;
}

void SharedDesk::arm() {
  TimePoint next = TimePoint::max();
  for (const auto& limits : limits_) next = std::min(next, limits->next_timeout());
  if (next == TimePoint::max()) {
    timer_.cancel();
  } else if (!timer_.armed() || timer_.at() != next) {
    timer_.arm(next);
  }
}

void SharedDesk::on_timer(TimePoint now) noexcept {
  for (const auto& limits : limits_) limits->return_leases(now, false);
  arm();
}

void SharedDesk::end() {
  for (const auto& limits : limits_) limits->return_leases(loop_.now(), true);
  for (const Link& link : links_) link.link->flush();
}

}  // namespace headgate::gateway
