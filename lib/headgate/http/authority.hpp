// Host and port of a request (RFC 9110 section 7.2, RFC 3986 section 3.2) in the strict form that
// everybody reads alike: no user, no percent-encoding, no list, no blanks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace headgate::http {

inline constexpr std::size_t kHostMax = 255;

struct Authority {
  std::string_view host = {};  ///< a name, an IPv4 address, or an IPv6 address with its brackets
  std::uint16_t port = 0;      ///< 0: none given
};

/// Nothing if `text` is not `host` or `host:port` with port 1 to 65535.
[[nodiscard]] std::optional<Authority> parse_authority(std::string_view text) noexcept;

/// Lower case, without the dot that may end a full name. Returns `host` itself if it is so already.
/// Requires: out.size() >= host.size(); `out` may be the bytes of `host` themselves.
[[nodiscard]] std::string_view canonical_host(std::string_view host, std::span<char> out) noexcept;

}  // namespace headgate::http
