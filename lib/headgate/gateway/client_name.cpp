#include "headgate/gateway/client_name.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace headgate::gateway {

void ClientName::set(const net::Address& peer) noexcept {
  if (peer.family() == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, peer.data(), sizeof v4);
    inet_ntop(AF_INET, &v4.sin_addr, address_.data(), static_cast<socklen_t>(address_.size()));
    key_ = address_;
    return;
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, peer.data(), sizeof v6);
  inet_ntop(AF_INET6, &v6.sin6_addr, address_.data(), static_cast<socklen_t>(address_.size()));
  std::fill(std::begin(v6.sin6_addr.s6_addr) + 8, std::end(v6.sin6_addr.s6_addr), std::uint8_t{0});
  inet_ntop(AF_INET6, &v6.sin6_addr, key_.data(), static_cast<socklen_t>(key_.size()));
}

}  // namespace headgate::gateway
