// How a client's address is written to upstreams and logs, and how limiters know it.
//
// On a socket that takes both, an IPv4 client comes as ::ffff:192.0.2.7. It is an IPv4 client all
// the same: by its prefix of 64 bits it would be one caller with all other IPv4 clients.
#pragma once

#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <string_view>

#include "headgate/net/address.hpp"
#include "headgate/ratelimit/key.hpp"

namespace headgate::gateway {

/// Texts made once per connection.
class ClientName {
 public:
  using Text = std::array<char, INET6_ADDRSTRLEN>;

  void set(const net::Address& peer) noexcept;

  /// `192.0.2.7`, `2001:db8::7`.
  [[nodiscard]] std::string_view address() const noexcept { return address_.data(); }
  /// The network that is one caller by default: `192.0.2.7`, `2001:db8::` of 64 bits.
  [[nodiscard]] std::string_view network() const noexcept { return network_.data(); }
  /// The same with other prefixes: network() itself, or a text in `space`.
  [[nodiscard]] std::string_view network(const ratelimit::AddressPrefixes& prefixes,
                                         Text& space) const noexcept;

 private:
  [[nodiscard]] std::int64_t prefix_in(const ratelimit::AddressPrefixes& prefixes) const noexcept {
    return is_v4_ ? prefixes.ipv4 : prefixes.ipv6;
  }
  void write(std::int64_t prefix, Text& text) const noexcept;

  std::array<std::uint8_t, 16> bytes_{};  // of IPv4 the first four
  bool is_v4_ = true;
  Text address_{};
  Text network_{};
};

}  // namespace headgate::gateway
