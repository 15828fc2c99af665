// The loop every worker runs: edge-triggered epoll in two phases.
//
// A turn takes a batch of events and works in a fixed order:
//   1. every ready source receives once into its buffer           (all receives of the batch)
//   2. every source that has something is advanced with one `now` (all sends of the batch)
//   3. what ended is closed, new connections are accepted, due timers run
// Receiving first measured 5 % cheaper than receive-and-send per connection: the kernel's receive
// path stays hot, and by the time we send, the peers' data has gathered. Closing comes last, so no
// event of the batch can meet a descriptor number that was closed and given to another connection.
//
// A descriptor is added once, with both directions edge-triggered, and never modified: there is no
// epoll_ctl per request. The price of edges is that a source must remember what it left unread; it
// asks for another look with `look_again`.
//
// One thread owns a loop and all that is attached to it. The only door for others is a Mailbox.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "headgate/core/time.hpp"
#include "headgate/net/buffer_pool.hpp"
#include "headgate/net/fd.hpp"
#include "headgate/net/timer_heap.hpp"
#include "headgate/net/timer_wheel.hpp"

namespace headgate::net {

class EventLoop;

/// Something with a descriptor. Each call comes from the loop, at most once per turn and phase.
class Source {
 public:
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

 protected:
  explicit Source(EventLoop& loop) noexcept : loop_(loop) {}
  virtual ~Source();

  EventLoop& loop_;

 private:
  friend class EventLoop;

  /// Phase 1. `events` are epoll's bits; 0 after `look_again`. Must not call into other sources.
  virtual void collect(std::uint32_t events) noexcept = 0;
  /// Phase 2, if asked for by `advance_later`.
  virtual void advance() noexcept {}
  /// Phase 3, if asked for by `end_later`. The source may be destroyed in this call.
  virtual void end() noexcept {}
  /// Phase 3 after the ends, if asked for by `accept_later`.
  virtual void accept() noexcept {}

  bool in_again_ = false;
  bool in_advance_ = false;
  bool in_end_ = false;
  bool in_accept_ = false;
};

class EventLoop {
 public:
  struct Options {
    /// How long before an exact timer is due the loop stops sleeping and polls. It buys
    /// microsecond punctuality for the price of a busy core.
    Duration spin{};
  };

  EventLoop();
  explicit EventLoop(Options options);
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  /// Requires: every source, timer and borrowed buffer is gone.
  ~EventLoop() = default;

  /// Turns until `stop` is called from within a turn.
  void run();
  /// One turn that waits at most `wait_max` for something to do.
  void turn(Duration wait_max);
  void stop() noexcept { stopped_ = true; }

  /// The time of this turn, read once when its batch arrived. Monotonic; its zero is the system's.
  [[nodiscard]] TimePoint now() const noexcept { return now_; }
  /// The time this instant, for what must be measured within a turn. Cost: one clock read.
  [[nodiscard]] static TimePoint fresh_now() noexcept;
  /// From the unix epoch to time zero, by the wall clock of this instant; never below 0.
  [[nodiscard]] static Duration epoch() noexcept;

  /// How long it has polled for nothing, waiting for a timer that `spin` made it wait for awake.
  [[nodiscard]] Duration spun() const noexcept { return spun_; }

  [[nodiscard]] TimerWheel& deadlines() noexcept { return wheel_; }
  [[nodiscard]] TimerHeap& timers() noexcept { return heap_; }
  [[nodiscard]] BufferPool& buffers() noexcept { return buffers_; }

  // For sources.

  /// Adds `fd` for both directions, edge-triggered. Closing the descriptor takes it out again.
  /// False if the system has no room (errno says why).
  [[nodiscard]] bool watch(int fd, Source& source) noexcept;
  /// `source.collect(0)` in the next turn, which will not sleep.
  void look_again(Source& source);
  /// `source.advance()` in this turn's phase 2. Requires: called in phase 1.
  void advance_later(Source& source);
  /// `source.end()` in phase 3 of this turn, or of the next if this one is past it.
  void end_later(Source& source);
  /// `source.accept()` in this turn's phase 3. Requires: called in phase 1.
  void accept_later(Source& source);

 private:
  friend class Source;
  /// All of a batch have a buffer at once: few, so that those stay in the processor's cache.
  static constexpr int kBatchMax = 64;

  int wait(Duration wait_max) noexcept;
  void run_ends() noexcept;
  void forget(Source& source) noexcept;

  Options options_;
  Fd epoll_;
  TimePoint now_;
  bool stopped_ = false;
  TimePoint polled_from_{};  // when the last wait looked at the clock; zero: it did not
  bool polls_ = false;       // and found that it must not sleep
  Duration spun_{};
  BufferPool buffers_;
  TimerWheel wheel_;
  TimerHeap heap_;
  std::array<epoll_event, kBatchMax> events_{};
  int event_count_ = 0;
  // Work lists of one turn. Entries of sources that die are set to null.
  std::vector<Source*> again_, looking_, advancing_, ending_, accepting_;
};

}  // namespace headgate::net
