#include "headgate/net/transport.hpp"

namespace headgate::net {

std::string Transport::next_proxy_header(const Address& source) const {
  const AddressRange& clients = options_.clients;
  if (clients.count == 0) return proxy_header(options_.proxy, source, options_.address);
  // A made-up client has a made-up port, and reached an IPv4 address even if we did not.
  constexpr std::uint32_t kPorts = 64'000;
  const std::uint32_t turn = client_turn_.fetch_add(1, std::memory_order_relaxed);
  const auto port = static_cast<std::uint16_t>(1024 + turn / clients.count % kPorts);
  const Address client = Address::v4(clients.first + turn % clients.count, port);
  const bool v4 = options_.address.family() == AF_INET;
  return proxy_header(options_.proxy, client, v4 ? options_.address : Address::v4(0, 0));
}

void Transport::set_fault(std::string why) const {
  const std::lock_guard lock{mutex_};
  fault_ = std::move(why);
}

void Transport::set_tls_fault(std::string why) const {
  const std::lock_guard lock{mutex_};
  tls_fault_ = why;
  fault_ = std::move(why);
}

std::string Transport::tls_fault() const {
  const std::lock_guard lock{mutex_};
  return tls_fault_;
}

std::string Transport::fault() const {
  const std::lock_guard lock{mutex_};
  return fault_;
}

}  // namespace headgate::net
