// A real Redis for a test: on a free loopback port, with nothing kept on disk, killed and started
// again on demand, and gone when the test ends. Without the program the test fails; it never skips.
#pragma once

#include <memory>
#include <string>

#include "support/process.hpp"

namespace headgate::test {

class RedisServer {
 public:
  RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;
  ~RedisServer() = default;

  /// Starts it on its port; returns when it answers.
  void start();
  /// Ends it as a power cut would: nothing of its memory is left.
  void kill();
  /// It neither answers nor ends, until `resume`.
  void pause() const;
  void resume() const;

  /// `127.0.0.1:PORT`, the same after a restart.
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  /// Sends one command, waits, and returns its reply as text: `(nil)`, and the items of a list with
  /// a blank between them. Throws std::runtime_error if none comes.
  [[nodiscard]] std::string call(const Argv& words) const;
  /// The figure `name` of `INFO`, such as `total_commands_processed`.
  [[nodiscard]] long info(const std::string& name) const;

 private:
  [[nodiscard]] bool answers() const;

  TempDir dir_;
  int port_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace headgate::test
