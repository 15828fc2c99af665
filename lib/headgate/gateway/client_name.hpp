// How a client's address is written to upstreams and logs, and how limiters know it.
#pragma once

#include <netinet/in.h>

#include <array>
#include <string_view>

#include "headgate/net/address.hpp"

namespace headgate::gateway {

/// Texts made once per connection.
class ClientName {
 public:
  void set(const net::Address& peer) noexcept;

  /// `192.0.2.7`, `2001:db8::7`.
  [[nodiscard]] std::string_view address() const noexcept { return address_.data(); }
  /// The same for IPv4; the /64 network for IPv6, since one subscriber has all of it and could
  /// otherwise be 2^64 callers.
  [[nodiscard]] std::string_view key() const noexcept { return key_.data(); }

 private:
  using Text = std::array<char, INET6_ADDRSTRLEN>;
  Text address_{};
  Text key_{};
};

}  // namespace headgate::gateway
