#include "headgate/load/backlog.hpp"

#include "headgate/core/check.hpp"

namespace headgate::load {

std::optional<Due> Backlog::push(const Due& due) {
  HG_ASSERT(waiting_.empty() || waiting_.back().intended <= due.intended);
  waiting_.push_back(due);
  if (waiting_.size() <= max_) return std::nullopt;
  return pop();
}

Due Backlog::pop() {
  HG_ASSERT(!waiting_.empty());
  const Due due = waiting_.front();
  waiting_.pop_front();
  return due;
}

std::optional<Due> Backlog::expire(TimePoint limit) {
  if (waiting_.empty() || waiting_.front().intended > limit) return std::nullopt;
  return pop();
}

}  // namespace headgate::load
