// What test servers that speak by blocking sockets have in common: a port of their own on the
// loopback, one thread for each connection, and an end that leaves none behind.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace headgate::test {

class SocketServer {
 public:
  /// Calls `serve` with each connection, which is closed after it, in a thread of its own. Throws
  /// std::runtime_error if there is no port.
  explicit SocketServer(std::function<void(int fd)> serve);
  SocketServer(const SocketServer&) = delete;
  SocketServer& operator=(const SocketServer&) = delete;
  /// Breaks what is open and waits for its threads.
  ~SocketServer();

  /// `127.0.0.1:PORT`.
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// Accepted so far.
  [[nodiscard]] std::uint64_t connections() const noexcept { return accepted_; }

 private:
  void accept_all();

  std::function<void(int fd)> serve_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::atomic<std::uint64_t> accepted_ = 0;
  std::mutex mutex_;
  std::vector<int> open_;                 // guarded by mutex_
  std::vector<std::thread> connections_;  // touched by acceptor_, then by the destructor
  std::thread acceptor_;
};

/// Writes all of it, or what the peer still takes.
void send_all(int fd, std::string_view bytes);

}  // namespace headgate::test
