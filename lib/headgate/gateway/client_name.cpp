#include "headgate/gateway/client_name.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <span>

namespace headgate::gateway {
namespace {

constexpr std::size_t kV4Size = 4;
constexpr std::size_t kV6Size = 16;
constexpr ratelimit::AddressPrefixes kDefault;
constexpr ratelimit::AddressPrefixes kWhole{.ipv4 = 32, .ipv6 = 128};

}  // namespace

void ClientName::set(const net::Address& peer) noexcept {
  is_v4_ = peer.family() == AF_INET;
  if (is_v4_) {
    sockaddr_in v4{};
    std::memcpy(&v4, peer.data(), sizeof v4);
    std::memcpy(bytes_.data(), &v4.sin_addr, kV4Size);
  } else {
    sockaddr_in6 v6{};
    std::memcpy(&v6, peer.data(), sizeof v6);
    is_v4_ = IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr);
    const std::span bytes{v6.sin6_addr.s6_addr};
    std::ranges::copy(is_v4_ ? bytes.last(kV4Size) : bytes, bytes_.begin());
  }
  write(prefix_in(kWhole), address_);
  write(prefix_in(kDefault), network_);
}

std::string_view ClientName::network(const ratelimit::AddressPrefixes& prefixes,
                                     Text& space) const noexcept {
  if (prefix_in(prefixes) == prefix_in(kDefault)) return network();
  write(prefix_in(prefixes), space);
  return space.data();
}

void ClientName::write(std::int64_t prefix, Text& text) const noexcept {
  std::array<std::uint8_t, kV6Size> kept = bytes_;
  ratelimit::keep_prefix(std::span{kept}.first(is_v4_ ? kV4Size : kV6Size), prefix);
  inet_ntop(is_v4_ ? AF_INET : AF_INET6, kept.data(), text.data(),
            static_cast<socklen_t>(text.size()));
}

}  // namespace headgate::gateway
