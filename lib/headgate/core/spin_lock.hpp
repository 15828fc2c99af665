// A lock for critical sections of a few nanoseconds, one byte large.
//
// Whoever waits spins for as long as such a section lasts, then yields: the holder may have lost
// its core, and on a machine with few of them it needs ours.
#pragma once

#include <atomic>
#include <thread>

namespace headgate {

class SpinLock {
 public:
  void lock() noexcept {
    while (flag_.test_and_set(std::memory_order_acquire)) {
      for (int tries = 0; flag_.test(std::memory_order_relaxed); ++tries) {
        if (tries < kSpins) {
          pause();
        } else {
          std::this_thread::yield();
        }
      }
    }
  }
  void unlock() noexcept { flag_.clear(std::memory_order_release); }

 private:
  static constexpr int kSpins = 100;

  static void pause() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }

  std::atomic_flag flag_;
};

}  // namespace headgate
