#include "headgate/net/timer_heap.hpp"

#include <utility>

namespace headgate::net {

void Timer::arm(TimePoint at) {
  cancel();
  at_ = at;
  heap_.insert(*this);
}

void Timer::cancel() noexcept {
  if (armed()) heap_.remove(*this);
}

void TimerHeap::place(Timer& timer, std::size_t index) noexcept {
  timers_[index] = &timer;
  timer.index_ = index;
}

void TimerHeap::sift_up(Timer& timer, std::size_t index) noexcept {
  while (index > 0) {
    const std::size_t parent = (index - 1) / 2;
    if (timers_[parent]->at_ <= timer.at_) break;
    place(*timers_[parent], index);
    index = parent;
  }
  place(timer, index);
}

void TimerHeap::sift_down(Timer& timer, std::size_t index) noexcept {
  while (true) {
    std::size_t child = 2 * index + 1;
    if (child >= timers_.size()) break;
    if (child + 1 < timers_.size() && timers_[child + 1]->at_ < timers_[child]->at_) ++child;
    if (timer.at_ <= timers_[child]->at_) break;
    place(*timers_[child], index);
    index = child;
  }
  place(timer, index);
}

void TimerHeap::insert(Timer& timer) {
  timers_.push_back(&timer);
  sift_up(timer, timers_.size() - 1);
}

void TimerHeap::remove(Timer& timer) noexcept {
  const std::size_t hole = std::exchange(timer.index_, Timer::kNone);
  Timer& last = *timers_.back();
  timers_.pop_back();
  if (&last == &timer) return;
  // The last one fits somewhere on the path through the hole: above it or below it.
  sift_down(last, hole);
  sift_up(last, last.index_);
}

void TimerHeap::advance(TimePoint now) noexcept {
  while (!timers_.empty() && timers_.front()->at_ <= now) {
    Timer& timer = *timers_.front();
    remove(timer);
    timer.callback_(now);
  }
}

}  // namespace headgate::net
