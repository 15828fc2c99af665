#include "headgate/net/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <utility>

#include "headgate/core/check.hpp"

namespace headgate::net {
namespace {

/// The first thing that OpenSSL complains of, in its words; the others are dropped.
std::string complaint() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = ERR_reason_error_string(code);
  return reason == nullptr ? "no reason given" : reason;
}

std::unexpected<Error> unusable(const std::string& file, const char* what) {
  return failed(Errc::kInvalidArgument, file, std::string{what} + ": " + complaint());
}

/// A server takes the first of its own that the client offers; without one TLS goes on.
int choose_protocol(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned int offered_size, void* context) {
  const std::string& ours = static_cast<const TlsContext*>(context)->alpn();
  unsigned char* out = nullptr;
  const int found =
      SSL_select_next_proto(&out, size, reinterpret_cast<const unsigned char*>(ours.data()),
                            static_cast<unsigned int>(ours.size()), offered, offered_size);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
  *chosen = out;
  return SSL_TLSEXT_ERR_OK;
}

/// Sessions come when the server likes, with TLS 1.3 after the handshake.
int keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* ticket = static_cast<TlsTicket*>(SSL_get_app_data(ssl));
  if (ticket == nullptr) return 0;
  ticket->keep(session);
  return 1;
}

void set_up(SSL_CTX* native) {
  SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
  SSL_CTX_set_mode(native, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                               SSL_MODE_RELEASE_BUFFERS);
  // HTTP says itself where a message ends; few peers send the alert that says it again.
  SSL_CTX_set_options(native, SSL_OP_IGNORE_UNEXPECTED_EOF);
}

}  // namespace

TlsTicket::~TlsTicket() { SSL_SESSION_free(session_); }

void TlsTicket::keep(ssl_session_st* session) noexcept {
  SSL_SESSION_free(std::exchange(session_, session));
}

TlsContext::~TlsContext() { SSL_CTX_free(native_); }

Result<void> TlsContext::identify(const std::string& cert, const std::string& key) {
  if (cert.empty()) {
    if (key.empty()) return {};
    return failed(Errc::kInvalidArgument, key, "a key is no use without its certificate");
  }
  if (SSL_CTX_use_certificate_chain_file(native_, cert.c_str()) != 1) {
    return unusable(cert, "no certificate can be read from it");
  }
  const std::string& file = key.empty() ? cert : key;
  if (SSL_CTX_use_PrivateKey_file(native_, file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return unusable(file, "no private key of the certificate can be read from it");
  }
  return {};
}

void TlsContext::offer(const std::vector<std::string>& protocols) {
  for (const std::string& protocol : protocols) {
    HG_ASSERT(!protocol.empty() && protocol.size() < 256);
    alpn_ += static_cast<char>(protocol.size());
    alpn_ += protocol;
  }
}

Result<std::shared_ptr<const TlsContext>> TlsContext::client(const TlsClientOptions& options) {
  std::shared_ptr<TlsContext> context{new TlsContext{SSL_CTX_new(TLS_client_method()), false}};
  SSL_CTX* native = context->native_;
  set_up(native);
  if (options.min_version == "1.3") SSL_CTX_set_min_proto_version(native, TLS1_3_VERSION);
  context->resumes_ = options.resume;
  SSL_CTX_set_verify(native, options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (options.ca.empty()) {
    // Reading the system's takes tens of milliseconds: not where nobody asks them.
    if (options.verify) SSL_CTX_set_default_verify_paths(native);
  } else if (SSL_CTX_load_verify_file(native, options.ca.c_str()) != 1) {
    return unusable(options.ca, "no certificate can be read from it");
  }
  if (auto identified = context->identify(options.cert, options.key); !identified) {
    return std::unexpected(identified.error());
  }
  context->offer(options.alpn);
  if (context->offers()) {
    SSL_CTX_set_alpn_protos(native, reinterpret_cast<const unsigned char*>(context->alpn_.data()),
                            static_cast<unsigned int>(context->alpn_.size()));
  }
  // Each connection keeps its own last session: see TlsSession.
  SSL_CTX_set_session_cache_mode(native, options.resume
                                             ? SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL
                                             : SSL_SESS_CACHE_OFF);
  SSL_CTX_sess_set_new_cb(native, keep_session);
  return context;
}

Result<std::shared_ptr<const TlsContext>> TlsContext::server(const TlsServerOptions& options) {
  std::shared_ptr<TlsContext> context{new TlsContext{SSL_CTX_new(TLS_server_method()), true}};
  SSL_CTX* native = context->native_;
  set_up(native);
  if (auto identified = context->identify(options.cert, options.key); !identified) {
    return std::unexpected(identified.error());
  }
  if (!options.client_ca.empty()) {
    if (SSL_CTX_load_verify_file(native, options.client_ca.c_str()) != 1) {
      return unusable(options.client_ca, "no certificate can be read from it");
    }
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    const std::array<unsigned char, 8> id{'h', 'e', 'a', 'd', 'g', 'a', 't', 'e'};
    SSL_CTX_set_session_id_context(native, id.data(), id.size());
  }
  context->offer(options.alpn);
  if (context->offers()) SSL_CTX_set_alpn_select_cb(native, choose_protocol, context.get());
  return context;
}

}  // namespace headgate::net
