// The door of a loop for other threads: work posted from anywhere runs on the loop's thread.
#pragma once

#include <functional>
#include <mutex>
#include <vector>

#include "headgate/net/event_loop.hpp"
#include "headgate/net/fd.hpp"

namespace headgate::net {

class Mailbox final : public Source {
 public:
  using Task = std::move_only_function<void()>;

  explicit Mailbox(EventLoop& loop);
  /// Tasks that have not run are destroyed unrun.
  ~Mailbox() override = default;

  /// `task` runs on the loop's thread, in a later turn, after all that were posted before it. It
  /// must not throw. Thread-safe. Cost: a lock, and a write(2) only if the box was empty.
  void post(Task task);

 private:
  void collect(std::uint32_t events) noexcept override;
  void advance() noexcept override;

  Fd event_;
  std::mutex mutex_;
  std::vector<Task> tasks_;    // guarded by mutex_
  std::vector<Task> running_;  // of the turn, kept for its capacity
};

}  // namespace headgate::net
