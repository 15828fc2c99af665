// A WebSocket server by Boost.Beast, independent of the library: one thread per connection. The
// path says how it behaves.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace headgate::test {

/// `/` echoes; `/ping` sends a ping before each echo; `/pieces` echoes in fragments of 7 bytes;
/// `/wrong` answers with another message; `/close` closes after the first message; `/half` ends the
/// connection within the echo; `/refuse` says 403 instead of the handshake.
class EchoServer {
 public:
  EchoServer();
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;
  ~EchoServer();
  [[nodiscard]] std::string address() const;
  [[nodiscard]] std::uint64_t messages() const noexcept;
  /// WebSockets that it has accepted, and those that the client has ended by the closing handshake
  /// with status 1000.
  [[nodiscard]] std::uint64_t connections() const noexcept;
  [[nodiscard]] std::uint64_t farewells() const noexcept;
  /// The Authorization field of the last handshake.
  [[nodiscard]] std::string authorization() const;

 private:
  class Server;
  std::unique_ptr<Server> server_;
};

}  // namespace headgate::test
