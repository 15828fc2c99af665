// Wakes a consumer when something may have come for it: rung by the answers to appends, so that a
// store in this process needs no polling. A ring that nobody waits for costs two atomic operations.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "headgate/core/time.hpp"

namespace headgate::load::messages {

/// Thread-safety: every call, from any thread.
class Bell {
 public:
  void ring() {
    rings_.fetch_add(1);
    if (waiting_.load() == 0) return;
    const std::lock_guard lock{mutex_};
    rung_.notify_all();
  }
  /// To be taken before looking for what there is.
  [[nodiscard]] std::uint64_t rings() const noexcept { return rings_.load(); }
  /// Waits until it has rung since `seen`, at most `limit`.
  void wait(std::uint64_t seen, Duration limit) {
    std::unique_lock lock{mutex_};
    waiting_.fetch_add(1);
    rung_.wait_for(lock, limit, [this, seen] { return rings_.load() != seen; });
    waiting_.fetch_sub(1);
  }

 private:
  std::atomic<std::uint64_t> rings_ = 0;
  std::atomic<std::uint32_t> waiting_ = 0;
  std::mutex mutex_;
  std::condition_variable rung_;
};

}  // namespace headgate::load::messages
