// The one question a gateway asks of a parsed request head: what does it say, if it is sound? All
// rules that concern more than one line meet here: framing, Host, target, Connection, Expect.
#pragma once

#include <expected>
#include <string_view>

#include "headgate/http/authority.hpp"
#include "headgate/http/framing.hpp"
#include "headgate/http/head_parser.hpp"
#include "headgate/http/reason.hpp"

namespace headgate::http {

struct Request {
  Method method = Method::kGet;
  std::string_view authority = {};  ///< as the client wrote it, with port; empty only from HTTP/1.0
  std::string_view host = {};       ///< canonical, without port: what routes match
  std::string_view path = {};       ///< canonical; "*" for OPTIONS *
  std::string_view query = {};      ///< with its '?', or empty; as received
  Framing body = {};
  bool persistent = true;         ///< the client wants the connection to stay
  bool expects_continue = false;  ///< `Expect: 100-continue`: answer 100 before reading the body
  bool nominates = false;         ///< Connection names fields that must not be forwarded
};

/// Judges the head whose bytes start at `buffer`: the buffer last given to the parser, not moved
/// since. A path or host that is not canonical is made so in place there (head.target is then no
/// longer what was received); all views point into it. Answer a refusal with status_of(reason) and
/// close. O(head size), no allocation.
[[nodiscard]] std::expected<Request, Reason> examine(const RequestHead& head,
                                                     char* buffer) noexcept;

}  // namespace headgate::http
