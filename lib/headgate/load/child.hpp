// A server that a command starts and ends: its shell line, the address that it prints when it is
// ready, its end by signal.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"

namespace headgate::load {

class Child {
 public:
  /// Runs `line` by /bin/sh in a process group of its own, and waits at most `limit` for a line
  /// `ready http=HOST:PORT …` on its stdout; its stderr is ours. Fails with kUnavailable, `where`
  /// is the line, if it ends or the time passes first; then nothing of it is left.
  [[nodiscard]] static Result<std::unique_ptr<Child>> start(const std::string& line,
                                                            Duration limit);
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  /// SIGTERM to its group, and SIGKILL to what is there two seconds later.
  ~Child();

  /// HOST:PORT.
  [[nodiscard]] const std::string& address() const noexcept { return address_; }
  /// Throws away what it has printed since, so that it cannot block on a full pipe.
  void drain() const noexcept;

 private:
  Child(pid_t pid, int out) : pid_{pid}, out_{out} {}
  [[nodiscard]] Result<void> await(const std::string& line, Duration limit);

  pid_t pid_;
  int out_;  // its stdout, not blocking
  std::string address_;
};

}  // namespace headgate::load
