#include "headgate/net/event_loop.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <thread>
#include <vector>

#include "headgate/net/mailbox.hpp"

namespace headgate::net {
namespace {

using namespace std::chrono_literals;

struct Stopper {
  EventLoop& loop;
  TimePoint fired{};
  void on_due(TimePoint now) noexcept {
    fired = now;
    loop.stop();
  }
};

TEST_CASE("loop: an exact timer wakes a sleeping loop, not before its time") {
  const auto spin = GENERATE(0us, 300us);
  EventLoop loop{{.spin = spin}};
  Stopper stopper{.loop = loop};
  Timer timer{loop.timers(), callback<&Stopper::on_due>(&stopper)};
  const TimePoint due = EventLoop::fresh_now() + 2ms;
  timer.arm(due);
  loop.run();
  CHECK(stopper.fired >= due);
  CHECK(stopper.fired < due + 60s);
}

TEST_CASE("loop: a deadline wakes a sleeping loop") {
  EventLoop loop;
  Stopper stopper{.loop = loop};
  Deadline deadline{callback<&Stopper::on_due>(&stopper)};
  const TimePoint due = loop.now() + 50ms;
  loop.deadlines().arm(deadline, due);
  loop.run();
  CHECK(stopper.fired >= due);
}

TEST_CASE("loop: the time stands still within a turn and moves between turns") {
  EventLoop loop;
  const TimePoint before = loop.now();
  CHECK(EventLoop::fresh_now() > before);
  CHECK(loop.now() == before);
  loop.turn(0ns);
  CHECK(loop.now() > before);
}

TEST_CASE(
    "mailbox: work of several threads runs on the loop's thread, each thread's in its order") {
  constexpr int kThreads = 4;
  constexpr int kPosts = 2000;
  EventLoop loop;
  Mailbox mailbox{loop};
  std::vector<int> next(kThreads, 0);
  int total = 0;
  bool in_order = true;
  const std::thread::id home = std::this_thread::get_id();
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kPosts; ++i) {
        mailbox.post([&, t, i, owned = std::make_unique<int>(i)] {
          in_order = in_order && next[static_cast<std::size_t>(t)]++ == *owned && *owned == i &&
                     std::this_thread::get_id() == home;
          if (++total == kThreads * kPosts) loop.stop();
        });
      }
    });
  }
  loop.run();
  CHECK(in_order);
  CHECK(total == kThreads * kPosts);
}

TEST_CASE(
    "mailbox: a task posted by a task runs in a later turn, and the loop does not sleep over it") {
  EventLoop loop;
  Mailbox mailbox{loop};
  int turns = 0;
  mailbox.post([&] {
    ++turns;
    mailbox.post([&] {
      ++turns;
      loop.stop();
    });
  });
  loop.run();
  CHECK(turns == 2);
}

TEST_CASE("buffers: the last one returned is lent first, and lent ones are counted") {
  BufferPool pool{2};
  BorrowedBuffer first = pool.lend();
  BorrowedBuffer second = pool.lend();
  CHECK(pool.lent() == 2);
  const Buffer* const address = second.get();
  second->end = 7;
  second.reset();
  const BorrowedBuffer again = pool.lend();
  CHECK(again.get() == address);
  CHECK(again->size() == 0);
  CHECK(pool.lent() == 2);
}

}  // namespace
}  // namespace headgate::net
