#include "headgate/net/event_loop.hpp"

#include <sys/prctl.h>
#include <time.h>

#include <algorithm>
#include <cerrno>

#include "headgate/core/check.hpp"

namespace headgate::net {
namespace {

TimePoint read_clock() noexcept {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return TimePoint{std::chrono::seconds{now.tv_sec} + Duration{now.tv_nsec}};
}

timespec to_timespec(Duration duration) noexcept {
  constexpr std::int64_t kSecond = 1'000'000'000;
  return {.tv_sec = duration.count() / kSecond, .tv_nsec = duration.count() % kSecond};
}

void replace_by_null(std::vector<Source*>& list, const Source* source) noexcept {
  std::replace(list.begin(), list.end(), const_cast<Source*>(source),
               static_cast<Source*>(nullptr));
}

/// Enters `source` in `list` unless it is there.
void enter(std::vector<Source*>& list, bool& entered, Source& source) {
  if (entered) return;
  entered = true;
  list.push_back(&source);
}

/// Calls `step` for every entry of `list`, also for those added by the calls, and empties it.
template <class Step>
void run_all(std::vector<Source*>& list, bool Source::* entered, Step step) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    Source* source = list[i];
    if (source == nullptr) continue;
    list[i] = nullptr;
    source->*entered = false;
    step(*source);
  }
  list.clear();
}

}  // namespace

Source::~Source() { loop_.forget(*this); }

EventLoop::EventLoop() : EventLoop(Options{}) {}

EventLoop::EventLoop(Options options)
    : options_(options), epoll_(epoll_create1(EPOLL_CLOEXEC)), now_(read_clock()), wheel_(now_) {
  HG_ASSERT(epoll_.open());
}

TimePoint EventLoop::fresh_now() noexcept { return read_clock(); }

Duration EventLoop::epoch() noexcept {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return std::max(Duration{wall} - read_clock().time_since_epoch(), Duration::zero());
}

bool EventLoop::watch(int fd, Source& source) noexcept {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.ptr = &source;
  return epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0;
}

void EventLoop::look_again(Source& source) { enter(again_, source.in_again_, source); }
void EventLoop::advance_later(Source& source) { enter(advancing_, source.in_advance_, source); }
void EventLoop::end_later(Source& source) { enter(ending_, source.in_end_, source); }
void EventLoop::accept_later(Source& source) { enter(accepting_, source.in_accept_, source); }

void EventLoop::forget(Source& source) noexcept {
  for (int i = 0; i < event_count_; ++i) {
    epoll_event& event = events_[static_cast<std::size_t>(i)];
    if (event.data.ptr == &source) event.data.ptr = nullptr;
  }
  if (source.in_again_) {
    replace_by_null(again_, &source);
    replace_by_null(looking_, &source);
  }
  if (source.in_advance_) replace_by_null(advancing_, &source);
  if (source.in_end_) replace_by_null(ending_, &source);
  if (source.in_accept_) replace_by_null(accepting_, &source);
}

int EventLoop::wait(Duration wait_max) noexcept {
  Duration sleep = wait_max;
  polled_from_ = {};
  if (!again_.empty() || !ending_.empty()) {
    sleep = Duration::zero();
  } else {
    if (heap_.next() != TimePoint::max()) {
      polled_from_ = fresh_now();
      sleep = std::min(sleep, heap_.next() - polled_from_ - options_.spin);
    }
    // Deadlines are coarse: the time of the last turn is exact enough to sleep by.
    if (wheel_.next() != TimePoint::max()) sleep = std::min(sleep, wheel_.next() - now_);
  }
  polls_ = sleep <= Duration::zero() && polled_from_ != TimePoint{};
  const timespec limit = to_timespec(std::max(sleep, Duration::zero()));
  return epoll_pwait2(epoll_.get(), events_.data(), kBatchMax, sleep == kNever ? nullptr : &limit,
                      nullptr);
}

void EventLoop::run_ends() noexcept {
  run_all(ending_, &Source::in_end_, [](Source& source) { source.end(); });
}

void EventLoop::turn(Duration wait_max) {
  const int ready = wait(wait_max);
  HG_ASSERT(ready >= 0 || errno == EINTR);
  now_ = read_clock();
  event_count_ = std::max(ready, 0);
  if (polls_ && event_count_ == 0) spun_ += now_ - polled_from_;
  for (int i = 0; i < event_count_; ++i) {
    const epoll_event event = events_[static_cast<std::size_t>(i)];
    if (event.data.ptr != nullptr) static_cast<Source*>(event.data.ptr)->collect(event.events);
  }
  // Those who ask for yet another look while they have this one come in the next turn.
  std::swap(again_, looking_);
  run_all(looking_, &Source::in_again_, [](Source& source) { source.collect(0); });
  run_all(advancing_, &Source::in_advance_, [](Source& source) { source.advance(); });
  run_ends();
  event_count_ = 0;
  run_all(accepting_, &Source::in_accept_, [](Source& source) { source.accept(); });
  wheel_.advance(now_);
  heap_.advance(now_);
  run_ends();
}

void EventLoop::run() {
  // The default slack lets the kernel wake a thread 50 us late to save wake-ups.
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  stopped_ = false;
  while (!stopped_) turn(kNever);
}

}  // namespace headgate::net
