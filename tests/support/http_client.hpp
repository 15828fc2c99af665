// A small blocking HTTP/1.1 client for tests: one connection, bytes as they are. Independent of the
// library on purpose, so that a mistake there cannot hide itself here.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/process.hpp"

namespace headgate::test {

struct HttpResponse {
  int status = 0;  ///< 0: the connection ended before a whole response
  std::vector<std::pair<std::string, std::string>> fields;
  std::string body;

  /// The value of the first field of that name, in any case; empty if there is none.
  [[nodiscard]] std::string field(std::string_view name) const;
};

class HttpClient {
 public:
  /// Connects to `HOST:PORT` (numeric). Throws std::runtime_error if nobody listens. Every read and
  /// write gives up after `limit`.
  explicit HttpClient(const std::string& address, Milliseconds limit = Milliseconds{20'000});
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  ~HttpClient();

  /// Sends bytes as they are; false if the peer has gone.
  bool send(std::string_view bytes) const;
  /// The next response: its body by Content-Length, by chunks, or to the end of the connection;
  /// without body if it answers a HEAD.
  HttpResponse receive(bool to_head = false);
  /// Sends one request with Host, Content-Length (if there is a body) and `fields`
  /// (`name: value\r\n` lines), and receives its response.
  HttpResponse request(std::string_view method, std::string_view path, std::string_view body = {},
                       std::string_view fields = {});
  /// Everything up to and including `end`; what came, if that never does.
  std::string receive_until(std::string_view end);
  /// Everything up to the end of the connection or the time limit.
  std::string drain();
  /// Ends the connection by RST.
  void reset();
  /// Sends FIN; reading goes on.
  void finish_sending() const;

 private:
  bool fill();
  bool take_line(std::string& line);
  bool take(std::size_t size, std::string& bytes);
  bool take_chunks(std::string& body);

  std::string address_;
  int fd_ = -1;
  std::string buffer_;  // received and not yet taken
};

}  // namespace headgate::test
