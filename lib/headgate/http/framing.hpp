// Where a body ends, decided by our own rules from a parsed head. Whatever RFC 9112 section 6 lets
// two recipients read differently is refused: a Content-Length beside a Transfer-Encoding, either
// of them twice (even if equal), a coding other than chunked. Request smuggling needs two readings.
#pragma once

#include <cstdint>
#include <expected>

#include "headgate/http/head_parser.hpp"
#include "headgate/http/method.hpp"
#include "headgate/http/reason.hpp"

namespace headgate::http {

struct Framing {
  enum class Kind : std::uint8_t {
    kNone,        ///< no body follows
    kLength,      ///< exactly `length` bytes; 0 is possible
    kChunked,     ///< see chunked.hpp
    kUntilClose,  ///< responses only: until the peer ends the stream
  };
  Kind kind = Kind::kNone;
  std::uint64_t length = 0;  ///< of kLength; at most 2^63 - 1. After HEAD or with 304 (kNone): what
                             ///< the body would have had, if `length_given`
  bool length_given = false;  ///< there was a Content-Length
  friend bool operator==(const Framing&, const Framing&) = default;
};

/// Never kUntilClose. Answer a refusal with status_of(reason) and close.
[[nodiscard]] std::expected<Framing, Reason> request_framing(const RequestHead& head) noexcept;

/// `asked` is the method of the request that this answers. Interim responses (1xx) have no body;
/// 101 is refused, since no Upgrade is ever forwarded. Answer a refusal with 502 and drop the
/// connection.
[[nodiscard]] std::expected<Framing, Reason> response_framing(const ResponseHead& head,
                                                              Method asked) noexcept;

}  // namespace headgate::http
