#include "headgate/net/timer_wheel.hpp"

#include <algorithm>
#include <bit>

namespace headgate::net {
namespace {

std::int64_t tick_at_or_before(TimePoint time) noexcept {
  return time.time_since_epoch().count() >> 24;
}

std::int64_t tick_at_or_after(TimePoint time) noexcept {
  return ((time.time_since_epoch().count() - 1) >> 24) + 1;
}

}  // namespace

static_assert(TimerWheel::kTick.count() == std::int64_t{1} << 24);

TimerWheel::TimerWheel(TimePoint start) noexcept : tick_(tick_at_or_before(start)) {}

TimerWheel::~TimerWheel() {
  for (detail::WheelLink& slot : slots_) {
    while (slot.next != &slot) static_cast<Deadline*>(slot.next)->unlink();
  }
}

void TimerWheel::link(Deadline& deadline) noexcept {
  // Beyond the horizon it waits in the farthest slot and is linked again from there.
  deadline.tick_ = std::clamp(tick_at_or_after(deadline.at_), tick_ + 1, tick_ + kSlots - 1);
  const auto index = static_cast<std::size_t>(deadline.tick_ % kSlots);
  detail::WheelLink& slot = slots_[index];
  deadline.previous = slot.previous;
  deadline.next = &slot;
  slot.previous->next = &deadline;
  slot.previous = &deadline;
  used_[index / 64] |= std::uint64_t{1} << (index % 64);
}

void TimerWheel::arm(Deadline& deadline, TimePoint at) noexcept {
  deadline.at_ = at;
  const bool linked = deadline.next != &deadline;
  if (linked && tick_at_or_after(at) >= deadline.tick_) return;  // found again when its slot is run
  if (linked) deadline.unlink();
  link(deadline);
}

void TimerWheel::run_slot(std::int64_t tick, TimePoint now) noexcept {
  const auto index = static_cast<std::size_t>(tick % kSlots);
  const std::uint64_t bit = std::uint64_t{1} << (index % 64);
  if ((used_[index / 64] & bit) == 0) return;
  used_[index / 64] &= ~bit;
  // The ring moves to a local head first: callbacks may link into the same slot or unlink from it.
  detail::WheelLink due;
  detail::WheelLink& slot = slots_[index];
  if (slot.next == &slot) return;
  due.next = slot.next;
  due.previous = slot.previous;
  due.next->previous = due.previous->next = &due;
  slot.next = slot.previous = &slot;
  while (due.next != &due) {
    auto& deadline = *static_cast<Deadline*>(due.next);
    deadline.unlink();
    if (!deadline.armed()) continue;
    if (deadline.at_ > now) {
      link(deadline);
      continue;
    }
    deadline.cancel();
    deadline.callback_(now);
  }
}

void TimerWheel::advance(TimePoint now) noexcept {
  const std::int64_t last = tick_at_or_before(now);
  // After a sleep longer than one turn of the wheel every slot is due once, not more often.
  tick_ = std::max(tick_, last - kSlots);
  while (tick_ < last) run_slot(++tick_, now);
}

TimePoint TimerWheel::next() const noexcept {
  for (std::int64_t tick = tick_ + 1; tick < tick_ + kSlots;) {
    const auto index = static_cast<std::size_t>(tick % kSlots);
    const std::uint64_t rest = used_[index / 64] >> (index % 64);
    if (rest != 0) return TimePoint{Duration{(tick + std::countr_zero(rest)) << 24}};
    tick += 64 - static_cast<std::int64_t>(index % 64);
  }
  return TimePoint::max();
}

}  // namespace headgate::net
