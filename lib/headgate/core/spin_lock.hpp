// A lock for critical sections of a few nanoseconds, one byte large.
//
// Whoever waits spins: such a section is over before anything else could be done. Should its holder
// lose the core in the middle, the wait is a time slice.
#pragma once

#include <atomic>

namespace headgate {

class SpinLock {
 public:
  void lock() noexcept {
    while (flag_.test_and_set(std::memory_order_acquire)) {
      while (flag_.test(std::memory_order_relaxed)) pause();
    }
  }
  [[nodiscard]] bool try_lock() noexcept { return !flag_.test_and_set(std::memory_order_acquire); }
  void unlock() noexcept { flag_.clear(std::memory_order_release); }

 private:
  static void pause() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
  }

  std::atomic_flag flag_;
};

}  // namespace headgate
