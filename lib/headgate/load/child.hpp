// A program that runs beside this one: a server to be measured, an agent, a slice of a run. It is
// started, heard, told, watched, ended.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/net/fd.hpp"

namespace headgate::load {

struct ChildOptions {
  std::string errors = {};  ///< the file that its stderr goes to; empty: ours
  Duration patience{};      ///< at the end, between SIGTERM and SIGKILL; none: SIGKILL at once
};

/// One thread at a time.
class Child {
 public:
  /// Starts `argv` in a process group of its own: a Ctrl-C at the terminal is for us, who hand it
  /// on when it is time. Its stdin and stdout are pipes to us. Fails with kIo.
  [[nodiscard]] static Result<Child> start(const std::vector<std::string>& argv,
                                           ChildOptions options);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  /// Ends it and what is left of its group.
  ~Child();

  /// The next whole line that it prints, without the end; nothing if its output ends or `limit`
  /// passes first. To be asked now and then: what it prints and nobody takes may block it.
  [[nodiscard]] std::optional<std::string> line(Duration limit);
  /// HOST:PORT of its next line `ready http=HOST:PORT …`. Fails with kUnavailable and `where` if
  /// its output ends or `limit` passes first.
  [[nodiscard]] Result<std::string> await_address(const std::string& where, Duration limit);
  /// Writes a line to it.
  void tell(const std::string& line) const;
  /// To its whole group.
  void signal(int number) const;
  /// How it ended, if it has: its exit code, or 128 + signal.
  [[nodiscard]] std::optional<int> ended();

 private:
  Child(pid_t pid, net::Fd in, net::Fd out, Duration patience) noexcept;

  pid_t pid_;  // -1: it has ended
  net::Fd in_;
  net::Fd out_;  // not blocking
  Duration patience_;
  std::string said_;  // and not taken
};

}  // namespace headgate::load
