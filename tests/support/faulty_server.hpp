// A server that misbehaves on request: the path says how. Blocking sockets and one thread per
// connection, independent of the library, so that a client's counts can be held against its own.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "support/socket_server.hpp"

namespace headgate::test {

/// What a path asks for; any other is answered as it says: `/200`, `/429`, `/503`.
///   /chunked      200 in chunks                 /until-close  200 that ends with the connection
///   /last         200 with Connection: close    /interim      100 and 103 before the 200
///   /shed         503 with Retry-After          /silent       no answer, the connection stays
///   /closed       FIN before the first byte     /reset        RST before the first byte
///   /half         FIN within the body           /reset-half   RST within the body
///   /garbage      bytes that are no response    /two-lengths  two different Content-Length
class FaultyServer {
 public:
  /// `127.0.0.1:PORT`.
  [[nodiscard]] std::string address() const { return server_.address(); }
  /// Requests seen with that path.
  [[nodiscard]] std::uint64_t requests(const std::string& path) const;
  [[nodiscard]] std::uint64_t requests() const;
  /// The last request up to its empty line, as it came.
  [[nodiscard]] std::string last_head() const;

 private:
  void serve(int fd);

  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> requests_;  // guarded by mutex_
  std::string last_head_;                          // guarded by mutex_
  SocketServer server_{[this](int fd) { serve(fd); }};
};

}  // namespace headgate::test
