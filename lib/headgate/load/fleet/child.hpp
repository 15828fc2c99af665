// The process that runs one slice: started, told when to begin, watched, ended.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/net/fd.hpp"

namespace headgate::load::fleet {

/// A folder of its own, removed at the end.
class Workshop {
 public:
  Workshop();
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;
  ~Workshop();
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// One thread at a time.
class Child {
 public:
  /// Starts `argv`; its errors go to the file `errors`. Fails with kIo.
  [[nodiscard]] static Result<Child> start(const std::vector<std::string>& argv,
                                           const std::string& errors);
  Child(Child&& other) noexcept;
  Child& operator=(Child&&) = delete;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  /// Kills it if it still runs.
  ~Child();

  /// Whether it has said `ready` by now.
  [[nodiscard]] bool ready();
  /// Writes a line to it.
  void tell(const std::string& line) const;
  void signal(int number) const;
  /// How it ended, if it has: its exit code, or 128 + signal.
  [[nodiscard]] std::optional<int> ended();

 private:
  Child(pid_t pid, net::Fd in, net::Fd out) noexcept;

  pid_t pid_;
  net::Fd in_;
  net::Fd out_;
  std::string said_;
};

}  // namespace headgate::load::fleet
