// What all TLS connections of one kind share: whom they trust, who they are, what they offer. By
// OpenSSL 3. A client verifies its server, chain and name, unless it is told not to.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "headgate/core/result.hpp"

extern "C" {
struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;
}

namespace headgate::net {

struct TlsClientOptions {
  bool verify = true;
  std::string ca = {};            ///< PEM file of roots; empty: the system's
  std::string cert = {};          ///< PEM file of a chain to show; empty: none
  std::string key = {};           ///< of `cert`; empty: in the same file
  std::string min_version = {};   ///< "1.2" or "1.3"; empty: 1.2
  std::vector<std::string> alpn;  ///< protocols to offer, the preferred first
  bool resume = true;             ///< a reconnect takes up the session of before
};

struct TlsServerOptions {
  std::string cert;               ///< PEM file of the chain
  std::string key;                ///< empty: in the same file
  std::string client_ca = {};     ///< PEM file; clients must show a certificate of these
  std::vector<std::string> alpn;  ///< to choose from, the preferred first
};

/// The session that a later connection may take up; empty at first.
class TlsTicket {
 public:
  TlsTicket() = default;
  TlsTicket(const TlsTicket&) = delete;
  TlsTicket& operator=(const TlsTicket&) = delete;
  ~TlsTicket();
  void keep(ssl_session_st* session) noexcept;  ///< takes over one reference
  [[nodiscard]] ssl_session_st* get() const noexcept { return session_; }

 private:
  ssl_session_st* session_ = nullptr;
};

class TlsContext {
 public:
  /// Fail with kInvalidArgument for a file that cannot be read or does not fit; `where` is the
  /// file.
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> client(
      const TlsClientOptions& options);
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> server(
      const TlsServerOptions& options);
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  ~TlsContext();

  [[nodiscard]] bool is_server() const noexcept { return is_server_; }
  [[nodiscard]] bool resumes() const noexcept { return resumes_; }
  /// There are protocols to agree on.
  [[nodiscard]] bool offers() const noexcept { return !alpn_.empty(); }
  [[nodiscard]] ssl_ctx_st* native() const noexcept { return native_; }
  /// The protocols as they stand on the wire (RFC 7301 section 3.1).
  [[nodiscard]] const std::string& alpn() const noexcept { return alpn_; }

 private:
  TlsContext(ssl_ctx_st* native, bool is_server) : native_{native}, is_server_{is_server} {}
  [[nodiscard]] Result<void> identify(const std::string& cert, const std::string& key);
  void offer(const std::vector<std::string>& protocols);

  ssl_ctx_st* native_;  // owned
  std::string alpn_;
  bool is_server_;
  bool resumes_ = false;
};

}  // namespace headgate::net
