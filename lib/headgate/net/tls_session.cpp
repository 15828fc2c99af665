#include "headgate/net/tls_session.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "headgate/core/check.hpp"

namespace headgate::net {
namespace {

// --- OpenSSL's end of a stream -----------------------------------------------------------------

int take_input(BIO* bio, char* out, std::size_t room, std::size_t* taken) {
  Stream& stream = *static_cast<Stream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const std::string_view input = stream.input();
  if (input.empty()) {
    if (!stream.input_ended()) BIO_set_retry_read(bio);
    return 0;
  }
  *taken = std::min(room, input.size());
  std::memcpy(out, input.data(), *taken);
  stream.consume(*taken);
  return 1;
}

int put_output(BIO* bio, const char* bytes, std::size_t size, std::size_t* put) {
  Stream& stream = *static_cast<Stream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (stream.pending() + size > Stream::kPendingMax) {
    BIO_set_retry_write(bio);
    return 0;
  }
  stream.send({bytes, size});
  *put = size;
  return 1;
}

long control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command != BIO_CTRL_EOF) return 0;
  const Stream& stream = *static_cast<Stream*>(BIO_get_data(bio));
  return stream.input().empty() && stream.input_ended() ? 1 : 0;
}

BIO* make_bio(Stream& stream) {
  static const BIO_METHOD* const stream_method = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
    BIO_meth_set_read_ex(method, take_input);
    BIO_meth_set_write_ex(method, put_output);
    BIO_meth_set_ctrl(method, control);
    return method;
  }();
  BIO* bio = BIO_new(stream_method);
  BIO_set_data(bio, &stream);
  BIO_set_init(bio, 1);
  return bio;
}

bool is_ip(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

}  // namespace

TlsSession::TlsSession(const TlsContext& context, Stream& stream, TlsTicket& ticket,
                       const std::string& server_name)
    : stream_{stream}, ssl_{SSL_new(context.native())} {
  HG_ASSERT(ssl_ != nullptr);
  BIO* bio = make_bio(stream);
  SSL_set_bio(ssl_, bio, bio);
  if (context.is_server()) {
    SSL_set_accept_state(ssl_);
    return;
  }
  SSL_set_connect_state(ssl_);
  if (context.resumes()) {
    SSL_set_app_data(ssl_, &ticket);
    if (ticket.get() != nullptr) SSL_set_session(ssl_, ticket.get());
  }
  if (!server_name.empty()) expect(server_name);
}

TlsSession::~TlsSession() {
  // Without this OpenSSL takes the end for an attack and spoils the ticket.
  SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl_);
}

/// RFC 6066 section 3: an address is no name to ask for. It can be verified all the same.
void TlsSession::expect(const std::string& server_name) {
  if (is_ip(server_name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), server_name.c_str());
    return;
  }
  SSL_set_tlsext_host_name(ssl_, server_name.c_str());
  SSL_set_hostflags(ssl_, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  SSL_set1_host(ssl_, server_name.c_str());
}

TlsSession::Step TlsSession::handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_);
  if (result == 1) return Step::kDone;
  const Step step = outcome(result);
  if (step != Step::kDone) return step;
  why_ = "the peer ended the connection within the handshake";
  return Step::kFailed;
}

TlsSession::Step TlsSession::read(Buffer& buffer) {
  while (buffer.room() > 0) {
    ERR_clear_error();
    std::size_t size = 0;
    const int result = SSL_read_ex(ssl_, buffer.bytes.data() + buffer.end, buffer.room(), &size);
    if (result != 1) return outcome(result);
    buffer.end += size;
  }
  return Step::kLater;
}

TlsSession::Step TlsSession::write(std::string_view& bytes) {
  while (!bytes.empty()) {
    ERR_clear_error();
    std::size_t size = 0;
    const int result = SSL_write_ex(ssl_, bytes.data(), bytes.size(), &size);
    if (result != 1) return outcome(result);
    bytes.remove_prefix(size);
  }
  return Step::kDone;
}

void TlsSession::end() noexcept {
  ERR_clear_error();
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

bool TlsSession::holds() const noexcept {
  return SSL_has_pending(ssl_) == 1 || !stream_.input().empty();
}

TlsSession::Step TlsSession::outcome(int result) {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return Step::kLater;
    case SSL_ERROR_ZERO_RETURN:
      return Step::kDone;
    default:
      explain();
      return Step::kFailed;
  }
}

void TlsSession::explain() {
  const unsigned long code = ERR_peek_error();
  const long verified = SSL_get_verify_result(ssl_);
  const char* reason = ERR_reason_error_string(code);
  if (verified != X509_V_OK && ERR_GET_REASON(code) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    why_ =
        std::string{"the certificate is not trusted: "} + X509_verify_cert_error_string(verified);
  } else if (ERR_GET_REASON(code) == SSL_R_WRONG_VERSION_NUMBER) {
    why_ = "the peer does not speak TLS";
  } else if (reason != nullptr) {
    why_ = reason;
  } else {
    why_ = "the connection broke";
  }
  ERR_clear_error();
}

std::string_view TlsSession::protocol() const noexcept {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(ssl_, &name, &size);
  return {reinterpret_cast<const char*>(name), size};
}

bool TlsSession::resumed() const noexcept { return SSL_session_reused(ssl_) == 1; }

}  // namespace headgate::net
