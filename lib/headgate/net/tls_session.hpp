// TLS on one stream: OpenSSL reads and writes the stream's own buffers, by a BIO of ours, so
// records are copied no more often than they are encrypted, and nothing blocks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "headgate/net/buffer_pool.hpp"
#include "headgate/net/stream.hpp"
#include "headgate/net/tls_context.hpp"

namespace headgate::net {

/// handshake* (read | write)* end.
class TlsSession {
 public:
  enum class Step {
    kDone,    ///< all of it
    kLater,   ///< again when the stream has input, or room
    kFailed,  ///< why() says why; use no further
  };

  /// Over `stream`, which is connected. All that is given outlives this. `server_name`: what a
  /// client asks for and verifies, a name or an address; empty: nothing.
  TlsSession(const TlsContext& context, Stream& stream, TlsTicket& ticket,
             const std::string& server_name);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  ~TlsSession();

  [[nodiscard]] Step handshake();
  /// Appends what was decrypted to `buffer`, as far as there is room. kDone: the peer has ended
  /// its side. kLater: there is no more now, or no room.
  [[nodiscard]] Step read(Buffer& buffer);
  /// Encrypts from the front of `bytes`, and takes off what was taken. kLater: the stream has
  /// enough to write.
  [[nodiscard]] Step write(std::string_view& bytes);
  /// Tells the peer that nothing follows.
  void end() noexcept;
  /// Decrypted bytes, or whole records, may be waiting inside.
  [[nodiscard]] bool holds() const noexcept;

  /// The protocol agreed on, or empty.
  [[nodiscard]] std::string_view protocol() const noexcept;
  [[nodiscard]] bool resumed() const noexcept;
  [[nodiscard]] const std::string& why() const noexcept { return why_; }

 private:
  [[nodiscard]] Step outcome(int result);
  void explain();
  void expect(const std::string& server_name);

  Stream& stream_;
  ssl_st* ssl_;  // owned
  std::string why_;
};

}  // namespace headgate::net
