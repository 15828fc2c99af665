// The line or block that a proxy sends ahead of a connection's own bytes, to say whose they are.
//
// Source: W. Tarreau, "The PROXY protocol, versions 1 & 2", 2020 (haproxy.org).
#pragma once

#include <cstdint>
#include <string>

#include "headgate/net/address.hpp"

namespace headgate::net {

enum class ProxyVersion : std::uint8_t { kNone, kV1, kV2 };

/// The header of a connection from `source` to `destination`; empty for kNone. Addresses of two
/// families, or of Unix sockets, are sent as unknown: the receiver then takes the real ones.
[[nodiscard]] std::string proxy_header(ProxyVersion version, const Address& source,
                                       const Address& destination);

}  // namespace headgate::net
