// A server that keeps every byte it receives and answers each whole request with bytes of the
// test's choice. What a gateway sends on can only be judged as it arrives. Independent of the
// library.
#pragma once

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace headgate::test {

class RecordingUpstream {
 public:
  RecordingUpstream();
  RecordingUpstream(const RecordingUpstream&) = delete;
  RecordingUpstream& operator=(const RecordingUpstream&) = delete;
  ~RecordingUpstream();

  /// `127.0.0.1:PORT`.
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  /// What to answer from now on; the connection is closed after it if `close`.
  void answer_with(const std::string& bytes, bool close = false);
  /// Everything received since the last call, of all connections, in the order of arrival.
  [[nodiscard]] std::string take_received();

 private:
  struct Connection {
    int fd = -1;
    std::string unanswered;  // bytes of requests that are not whole yet
  };

  void serve();
  void accept_one();
  /// False if the connection is over.
  bool read_some(Connection& connection);

  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::string received_;                                                   // guarded by mutex_
  std::string answer_ = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";  // guarded by mutex_
  bool close_ = false;                                                     // guarded by mutex_
  std::vector<Connection> connections_;                                    // of the thread alone
  std::thread thread_;
};

}  // namespace headgate::test
