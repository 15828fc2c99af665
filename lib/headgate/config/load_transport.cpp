#include "headgate/config/load_transport.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>

namespace headgate::config {

Result<std::string> parse_source(std::string_view text) {
  std::string host{text};
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  if (inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
      inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1) {
    return host;
  }
  return failed(Errc::kInvalidArgument, host,
                "'" + host + "' must be an address of this machine without port, as 127.0.0.2");
}

Result<ProxyProtocol> parse_proxy_protocol(std::string_view text) {
  if (text == "v1") return ProxyProtocol::kV1;
  if (text == "v2") return ProxyProtocol::kV2;
  return failed(Errc::kInvalidArgument, std::string{text}, "must be v1 or v2");
}

Result<Ipv4Range> parse_ipv4_range(std::string_view text) {
  const auto wrong = [text] {
    return failed(Errc::kInvalidArgument, std::string{text},
                  "'" + std::string{text} + "' must be a network such as 10.1.0.0/16, /8 to /32");
  };
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return wrong();
  in_addr host{};
  const std::string digits{text.substr(0, slash)};
  if (inet_pton(AF_INET, digits.c_str(), &host) != 1) return wrong();
  unsigned bits = 0;
  const std::string_view size = text.substr(slash + 1);
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), bits);
  if (error != std::errc{} || end != size.data() + size.size()) return wrong();
  if (bits < 8 || bits > 32) return wrong();
  const std::uint32_t count = std::uint32_t{1} << (32 - bits);
  return Ipv4Range{.first = ntohl(host.s_addr) & ~(count - 1), .count = count};
}

}  // namespace headgate::config
