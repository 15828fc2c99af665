// Both kinds of timers, on stepped time.
#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "headgate/core/random.hpp"
#include "headgate/net/timer_heap.hpp"
#include "headgate/net/timer_wheel.hpp"
#include "support/time.hpp"

namespace headgate::net {
namespace {

using namespace std::chrono_literals;

using headgate::test::at;

/// Remembers when it was called.
struct Bell {
  std::vector<TimePoint> rung;
  void ring(TimePoint now) noexcept { rung.push_back(now); }
};

TEST_CASE("wheel: a deadline fires once, not early and at most one tick late") {
  const auto due =
      GENERATE(1ns, 16'777'216ns, 16'777'217ns, 1'000'000'000ns, 8'589'934'591ns, 60'000'000'000ns);
  CAPTURE(due.count());
  TimerWheel wheel{at(0s)};
  Bell bell;
  Deadline deadline{callback<&Bell::ring>(&bell)};
  wheel.arm(deadline, at(due));
  TimePoint now = at(0s);
  while (bell.rung.empty()) {
    REQUIRE(now < at(due) + TimerWheel::kTick);
    now += 1ms;
    wheel.advance(now);
  }
  CHECK(bell.rung.front() >= at(due));
  CHECK_FALSE(deadline.armed());
  wheel.advance(now + 120s);
  CHECK(bell.rung.size() == 1);
}

TEST_CASE("wheel: a deadline moved later fires at the later time only") {
  TimerWheel wheel{at(5s)};
  Bell bell;
  Deadline deadline{callback<&Bell::ring>(&bell)};
  wheel.arm(deadline, at(6s));
  wheel.arm(deadline, at(9s));
  wheel.advance(at(8999ms));
  CHECK(bell.rung.empty());
  wheel.advance(at(9s) + TimerWheel::kTick);
  CHECK(bell.rung.size() == 1);
}

TEST_CASE("wheel: a deadline moved earlier fires at the earlier time") {
  TimerWheel wheel{at(0s)};
  Bell bell;
  Deadline deadline{callback<&Bell::ring>(&bell)};
  wheel.arm(deadline, at(60s));
  wheel.arm(deadline, at(1s));
  wheel.advance(at(1s) + TimerWheel::kTick);
  CHECK(bell.rung.size() == 1);
}

TEST_CASE("wheel: a cancelled or destroyed deadline never fires") {
  TimerWheel wheel{at(0s)};
  Bell bell;
  Deadline cancelled{callback<&Bell::ring>(&bell)};
  wheel.arm(cancelled, at(1s));
  cancelled.cancel();
  {
    Deadline destroyed{callback<&Bell::ring>(&bell)};
    wheel.arm(destroyed, at(1s));
  }
  wheel.advance(at(2s));
  CHECK(bell.rung.empty());
  wheel.arm(cancelled, at(3s));
  wheel.advance(at(4s));
  CHECK(bell.rung.size() == 1);
}

TEST_CASE("wheel: next is never later than the earliest deadline's tick, and empty is never") {
  TimerWheel wheel{at(0s)};
  CHECK(wheel.next() == TimePoint::max());
  Bell bell;
  Deadline late{callback<&Bell::ring>(&bell)};
  Deadline early{callback<&Bell::ring>(&bell)};
  wheel.arm(late, at(7s));
  CHECK(wheel.next() > at(6s));
  CHECK(wheel.next() < at(7s) + TimerWheel::kTick);
  wheel.arm(early, at(2s));
  CHECK(wheel.next() >= at(2s));
  CHECK(wheel.next() < at(2s) + TimerWheel::kTick);
}

/// Arms a second deadline from within its own call.
struct Chain {
  TimerWheel& wheel;
  int calls = 0;
  Deadline deadline{callback<&Chain::on_due>(this)};
  void on_due(TimePoint now) noexcept {
    if (++calls < 3) wheel.arm(deadline, now + 100ms);
  }
};

TEST_CASE("wheel: a callback may arm its own deadline again") {
  TimerWheel wheel{at(0s)};
  Chain chain{.wheel = wheel};
  wheel.arm(chain.deadline, at(100ms));
  for (TimePoint now = at(0s); now < at(1s); now += 10ms) wheel.advance(now);
  CHECK(chain.calls == 3);
}

TEST_CASE("wheel: many deadlines, armed and moved at random, fire when a plain list says so") {
  // The oracle is the list of times itself: each must fire in [at, at + tick + step].
  Random random{42};
  TimerWheel wheel{at(0s)};
  struct Item {
    Bell bell;
    TimePoint due{};
    std::unique_ptr<Deadline> deadline;
  };
  std::vector<std::unique_ptr<Item>> items;
  for (int i = 0; i < 500; ++i) {
    items.push_back(std::make_unique<Item>());
    items.back()->deadline = std::make_unique<Deadline>(callback<&Bell::ring>(&items.back()->bell));
  }
  const Duration step = 5ms;
  for (TimePoint now = at(0s); now < at(30s); now += step) {
    Item& moved = *items[random.below(items.size())];
    if (now < at(15s)) {
      moved.due = now + Duration{static_cast<std::int64_t>(random.below(12'000'000'000))};
      moved.bell.rung.clear();
      wheel.arm(*moved.deadline, moved.due);
    }
    wheel.advance(now);
  }
  int fired = 0;
  for (const auto& item : items) {
    if (item->due == TimePoint{}) continue;
    ++fired;
    REQUIRE(item->bell.rung.size() == 1);
    CHECK(item->bell.rung.front() >= item->due);
    CHECK(item->bell.rung.front() <= item->due + TimerWheel::kTick + step);
  }
  CHECK(fired > 400);
}

TEST_CASE("heap: timers fire in the order of their times, whatever the order of arming") {
  TimerHeap heap;
  Random random{7};
  struct Item {
    std::vector<TimePoint>* order = nullptr;
    TimePoint due{};
    void on_due(TimePoint) noexcept { order->push_back(due); }
  };
  std::vector<TimePoint> order;
  std::vector<std::unique_ptr<Item>> items;
  std::vector<std::unique_ptr<Timer>> timers;
  std::vector<TimePoint> expected;
  for (int i = 0; i < 300; ++i) {
    items.push_back(std::make_unique<Item>());
    items.back()->order = &order;
    timers.push_back(std::make_unique<Timer>(heap, callback<&Item::on_due>(items.back().get())));
    items.back()->due = at(Duration{static_cast<std::int64_t>(random.below(1'000'000))});
    timers.back()->arm(items.back()->due);
  }
  for (std::size_t i = 0; i < items.size(); i += 3) timers[i]->cancel();
  for (std::size_t i = 1; i < items.size(); i += 3) {
    items[i]->due += 500us;
    timers[i]->arm(items[i]->due);
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i % 3 != 0) expected.push_back(items[i]->due);
  }
  std::sort(expected.begin(), expected.end());
  CHECK(heap.next() == expected.front());
  heap.advance(at(2ms));
  CHECK(order == expected);
  CHECK(heap.next() == TimePoint::max());
}

TEST_CASE("heap: a timer fires at its nanosecond and not one before") {
  TimerHeap heap;
  Bell bell;
  Timer timer{heap, callback<&Bell::ring>(&bell)};
  timer.arm(at(1'000'001ns));
  heap.advance(at(1'000'000ns));
  CHECK(bell.rung.empty());
  heap.advance(at(1'000'001ns));
  CHECK(bell.rung.size() == 1);
  CHECK_FALSE(timer.armed());
}

}  // namespace
}  // namespace headgate::net
