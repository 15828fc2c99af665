#include "headgate/net/mailbox.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <utility>

#include "headgate/core/check.hpp"

namespace headgate::net {

Mailbox::Mailbox(EventLoop& loop) : Source(loop), event_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  HG_ASSERT(event_.open() && loop.watch(event_.get(), *this));
}

void Mailbox::post(Task task) {
  const std::scoped_lock lock{mutex_};
  tasks_.push_back(std::move(task));
  if (tasks_.size() > 1) return;  // the first one has rung already
  const std::uint64_t one = 1;
  // Fails only if 2^64 - 2 rings are unread; then the box has been rung.
  [[maybe_unused]] const ssize_t written = write(event_.get(), &one, sizeof one);
}

void Mailbox::collect(std::uint32_t events) noexcept {
  if ((events & EPOLLIN) == 0) return;
  // The counter is left as it is: an edge comes with every write, whatever it holds.
  loop_.advance_later(*this);
}

void Mailbox::advance() noexcept {
  {
    const std::scoped_lock lock{mutex_};
    std::swap(tasks_, running_);
  }
  for (Task& task : running_) task();
  running_.clear();
}

}  // namespace headgate::net
