// Runs the real commands as a user would: start, read what they print, signal, wait. A process that
// a test leaves behind is killed by its own id when the test ends.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace headgate::test {

using Milliseconds = std::chrono::milliseconds;
using Argv = std::vector<std::string>;

/// How a process ended and what it printed.
struct Ended {
  int exit_code = -1;  ///< 128 + signal if a signal ended it
  std::string out;
  std::string err;
};

class Process {
 public:
  struct Options {
    std::string directory;                                      ///< empty: where the test runs
    std::vector<std::pair<std::string, std::string>> set = {};  ///< environment to add
  };

  /// Starts `argv`; argv[0] is a path or a name on PATH. Throws std::runtime_error if it cannot.
  explicit Process(const Argv& argv, const Options& options);
  explicit Process(const Argv& argv) : Process(argv, Options{}) {}
  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();

  /// The next whole line of its stdout; nothing if it ends or `limit` passes first.
  [[nodiscard]] std::optional<std::string> line(Milliseconds limit = Milliseconds{20'000});
  /// Waits for the line `ready NAME=VALUE …` and returns the value of `name`. Fails the test (by an
  /// exception that quotes stderr) if it does not come.
  [[nodiscard]] std::string ready(const std::string& name);
  void signal(int number) const;
  /// Waits for the end; kills it and throws if it outlives `limit`. Output read by line() is
  /// included.
  Ended wait(Milliseconds limit = Milliseconds{60'000});
  [[nodiscard]] bool running();
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] std::string err() const;

 private:
  bool fill(Milliseconds limit);

  pid_t pid_ = -1;
  int out_fd_ = -1;
  int err_fd_ = -1;  // a memory file: a full pipe would stop the process
  std::string out_;
  std::size_t out_read_ = 0;  // line() has returned this much of out_
  std::string ready_line_;
};

/// Runs `argv` to its end.
[[nodiscard]] Ended run(const Argv& argv, Milliseconds limit = Milliseconds{60'000});

/// The path of one of our commands: "gwctl", "loadgen", "sim".
[[nodiscard]] std::string command(const std::string& name);

/// A fresh folder, removed with all in it when the object dies.
class TempDir {
 public:
  TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir();
  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// Writes `text` to the file `name` in it; returns its path.
  [[nodiscard]] std::string write(const std::string& name, const std::string& text) const;

 private:
  std::string path_;
};

[[nodiscard]] std::string read_file(const std::string& path);

/// Calls `met` until it is true or `limit` passes; says which.
template <class Condition>
[[nodiscard]] bool eventually(Condition met, Milliseconds limit = Milliseconds{20'000});

void pause_briefly();

template <class Condition>
bool eventually(Condition met, Milliseconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!met()) {
    if (std::chrono::steady_clock::now() > end) return false;
    pause_briefly();
  }
  return true;
}

}  // namespace headgate::test
