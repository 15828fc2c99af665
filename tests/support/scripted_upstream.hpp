// An upstream that answers what a test tells it to, byte for byte, and remembers what it was sent,
// byte for byte. Blocking sockets and one thread per connection, independent of the library.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/process.hpp"

namespace headgate::test {

struct ReceivedRequest {
  std::string head;    ///< with the empty line
  std::string body;    ///< as framed on the wire, chunk heads and all
  int connection = 0;  ///< 0 for the first one accepted

  /// The value of the first field of that name (in lower case); empty if there is none.
  [[nodiscard]] std::string field(const std::string& name) const;
  /// Whether there is a field of that name (in lower case).
  [[nodiscard]] bool has(const std::string& name) const;
  [[nodiscard]] std::string line() const { return head.substr(0, head.find('\r')); }
};

struct ScriptedAnswer {
  std::string bytes;
  bool close = false;      ///< after the bytes
  Milliseconds delay{0};   ///< before the bytes
  std::string later = {};  ///< sent after `pause`
  Milliseconds pause{0};
};

/// `HTTP/1.1 200 OK`, a Content-Length and `body`.
[[nodiscard]] ScriptedAnswer ok(const std::string& body);

class ScriptedUpstream {
 public:
  using Script = std::function<ScriptedAnswer(const ReceivedRequest&)>;

  /// `script` is called for every request, on the connection's thread, once the request is whole;
  /// with `early`, as soon as its head is.
  explicit ScriptedUpstream(Script script, bool early = false);
  ScriptedUpstream(const ScriptedUpstream&) = delete;
  ScriptedUpstream& operator=(const ScriptedUpstream&) = delete;
  ~ScriptedUpstream();

  /// `127.0.0.1:PORT`.
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string url(const std::string& path = "/") const {
    return "http://" + address() + path;
  }
  [[nodiscard]] std::vector<ReceivedRequest> received() const;
  [[nodiscard]] int connections() const;
  /// Ends all open connections, by FIN; new ones are accepted.
  void close_connections();

 private:
  void accept_all();
  void serve(int fd, int number);

  Script script_;
  bool early_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::vector<ReceivedRequest> received_;  // guarded by mutex_, like the next
  std::vector<int> open_;
  std::vector<std::thread> threads_;  // touched by acceptor_, then by the destructor
  int accepted_ = 0;                  // guarded by mutex_
  std::thread acceptor_;
};

/// Answers every request with "hello".
[[nodiscard]] ScriptedUpstream::Script hello();

}  // namespace headgate::test
