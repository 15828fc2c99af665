#include "headgate/net/proxy_header.hpp"

#include <string_view>

namespace headgate::net {
namespace {

using namespace std::string_view_literals;

/// Section 2.1: words and numbers, on one line.
std::string proxy_line(const Address& source, const Address& destination, bool known) {
  if (!known) return "PROXY UNKNOWN\r\n";
  return std::string{source.family() == AF_INET6 ? "PROXY TCP6 " : "PROXY TCP4 "} +
         source.host_to_text() + " " + destination.host_to_text() + " " +
         std::to_string(source.port()) + " " + std::to_string(destination.port()) + "\r\n";
}

void append_host(std::string& out, const Address& address) {
  if (address.family() == AF_INET6) {
    const auto& host = reinterpret_cast<const sockaddr_in6*>(address.data())->sin6_addr;
    out.append(reinterpret_cast<const char*>(&host), sizeof host);
  } else {
    const auto& host = reinterpret_cast<const sockaddr_in*>(address.data())->sin_addr;
    out.append(reinterpret_cast<const char*>(&host), sizeof host);
  }
}

void append_big_endian(std::string& out, std::uint16_t number) {
  out += static_cast<char>(number >> 8);
  out += static_cast<char>(number & 0xff);
}

/// Section 2.2: a signature, version and command, family, length, addresses.
std::string proxy_block(const Address& source, const Address& destination, bool known) {
  std::string out{"\r\n\r\n\0\r\nQUIT\n\x21"sv};
  if (!known) return out.append("\0\0\0"sv);
  const bool v6 = source.family() == AF_INET6;
  out += v6 ? '\x21' : '\x11';
  append_big_endian(out, v6 ? 36 : 12);
  append_host(out, source);
  append_host(out, destination);
  append_big_endian(out, source.port());
  append_big_endian(out, destination.port());
  return out;
}

}  // namespace

std::string proxy_header(ProxyVersion version, const Address& source, const Address& destination) {
  const bool known = source.family() == destination.family() &&
                     (source.family() == AF_INET || source.family() == AF_INET6);
  switch (version) {
    case ProxyVersion::kNone:
      return {};
    case ProxyVersion::kV1:
      return proxy_line(source, destination, known);
    case ProxyVersion::kV2:
      return proxy_block(source, destination, known);
  }
  return {};
}

}  // namespace headgate::net
