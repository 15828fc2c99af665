// What an upstream's response head says, if it is sound: the counterpart of request.hpp.
#pragma once

#include <expected>

#include "headgate/http/framing.hpp"
#include "headgate/http/head_parser.hpp"
#include "headgate/http/method.hpp"
#include "headgate/http/reason.hpp"

namespace headgate::http {

struct Response {
  Framing body = {};
  bool interim = false;    ///< 1xx: the final response is still to come
  bool persistent = true;  ///< the connection may serve another request once the body has ended
  bool nominates = false;  ///< Connection names fields that must not be forwarded
};

/// Judges a response to a request with method `asked`. Answer a refusal with 502 and drop the
/// connection. O(head size), no allocation.
[[nodiscard]] std::expected<Response, Reason> examine(const ResponseHead& head,
                                                      Method asked) noexcept;

}  // namespace headgate::http
