// Writes heads: a client's request again for the upstream, an upstream's response again for the
// client, and our own answers. Nothing is passed through unread: the first line and the framing are
// our own words, fields that end at this hop stay here, and the rest follow as `name: value`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "headgate/http/framing.hpp"
#include "headgate/http/head_parser.hpp"
#include "headgate/http/request.hpp"

namespace headgate::http {

/// Enough for any head that the parsers accept and what render adds to it: a field line grows by
/// one blank at most, and what is added is bounded by these limits of the options.
inline constexpr std::size_t kRenderedHeadMax = 2 * kHeadMax;

struct ForwardOptions {
  std::string_view host = {};        ///< the Host to send; empty: what the client sent
  std::string_view client = {};      ///< address of the peer, for X-Forwarded-For; at most 64 bytes
  std::string_view scheme = "http";  ///< for X-Forwarded-Proto
  std::string_view via = {};  ///< our pseudonym for Via (RFC 9110 section 7.6.3); empty: none
  bool peer_trusted = false;  ///< keep and extend what it says in X-Forwarded-*; else overwrite
};

/// The request head for the upstream, HTTP/1.1, persistent. Dropped: hop-by-hop and nominated
/// fields, Expect; from a peer that is not trusted also Forwarded, X-Forwarded-*, X-Real-IP. Added:
/// X-Forwarded-For/Proto/Host, Via, and the body's framing.
/// Returns the bytes written, 0 if `out` is too small. No allocation; about 15 ns per field.
[[nodiscard]] std::size_t render_request(const RequestHead& head, const Request& request,
                                         const ForwardOptions& options,
                                         std::span<char> out) noexcept;

struct AnswerOptions {
  int client_minor = 1;   ///< of the HTTP version of the request
  bool keep_open = true;  ///< the connection stays after this response
  std::string_view extra =
      {};  ///< whole field lines to add, each ending in CRLF: `RateLimit: …\r\n`
  /// Names of fields of the upstream's that are left out, as `extra` has them.
  std::span<const std::string_view> replaced = {};
};

/// How the client will see the end of the body: chunked or by its length if it can, else by close.
/// An HTTP/1.0 client understands no chunks.
[[nodiscard]] Framing answer_framing(const Framing& upstream, int client_minor) noexcept;

/// The response head for the client. `body` is from answer_framing; kUntilClose needs
/// keep_open = false. Returns the bytes written, 0 if `out` is too small.
[[nodiscard]] std::size_t render_response(const ResponseHead& head, const Framing& body,
                                          const AnswerOptions& options,
                                          std::span<char> out) noexcept;

/// A whole response of our own: head and body. For HEAD requests the body is left out.
struct Answer {
  int status = 200;
  std::string_view content_type = {};  ///< empty: none
  std::string_view body = {};
  bool head_only = false;  ///< the request was HEAD: announce the body, do not send it
};
[[nodiscard]] std::size_t render_answer(const Answer& answer, const AnswerOptions& options,
                                        std::span<char> out) noexcept;

}  // namespace headgate::http
