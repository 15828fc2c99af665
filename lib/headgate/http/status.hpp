// Status codes by name (RFC 9110 section 15).
#pragma once

#include <string_view>

namespace headgate::http {

/// `Not Found`; empty for a code we do not know. Static text.
[[nodiscard]] std::string_view reason_phrase(int status) noexcept;

}  // namespace headgate::http
