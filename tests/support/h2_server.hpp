// An HTTP/2 server that misbehaves on request, by nghttp2's server side, so that a client's counts
// can be held against its own. The path says how.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "support/socket_server.hpp"

namespace headgate::test {

/// What a path asks for; any other is answered with 200, the field `x-kind: echo` and the body of
/// the request.
///   /hints       103 with a field of its own, then 200, then trailers
///   /reset       RST_STREAM (INTERNAL_ERROR)    /silent  no answer, the connection stays
///   /too-long    a body longer than its Content-Length
///   /half        FIN within the body            /broken  a frame that is none
///   /goaway      the first connection waits for four requests, then GOAWAY (INTERNAL_ERROR) with
///                the second as the last: these two are answered; other connections answer
///   /goaway-cut  the same, but the two are not answered
///   /away        GOAWAY (INTERNAL_ERROR) that has begun none, always
class H2Server {
 public:
  /// `127.0.0.1:PORT`.
  [[nodiscard]] std::string address() const { return server_.address(); }
  [[nodiscard]] std::uint64_t connections() const noexcept { return server_.connections(); }
  /// Requests seen with that path.
  [[nodiscard]] std::uint64_t requests(const std::string& path) const;
  /// Streams that clients have reset as cancelled.
  [[nodiscard]] std::uint64_t cancelled() const;
  /// Connections that the client has ended with GOAWAY (NO_ERROR).
  [[nodiscard]] std::uint64_t farewells() const;

 private:
  class Session;

  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> requests_;  // guarded by mutex_
  std::uint64_t cancelled_ = 0;                    // guarded by mutex_
  std::uint64_t farewells_ = 0;                    // guarded by mutex_
  SocketServer server_{[this](int fd) { serve(fd); }};

  void serve(int fd);
};

}  // namespace headgate::test
