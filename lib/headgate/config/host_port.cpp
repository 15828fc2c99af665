#include "headgate/config/host_port.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace headgate::config {
namespace {

constexpr std::size_t kHostLengthMax = 255;

std::unexpected<Error> not_a(std::string_view text, std::string why) {
  return failed(Errc::kInvalidArgument, std::string{text}, std::move(why));
}

bool is_literal(const std::string& host) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

/// The host between brackets must be an IPv6 address; outside, a name or an IPv4 address.
bool is_host(const std::string& host, bool in_brackets) {
  if (host.empty() || host.size() > kHostLengthMax) return false;
  if (in_brackets) return host.contains(':') && is_literal(host);
  return std::ranges::all_of(host, is_host_char);
}

std::string lower_case(std::string_view text) {
  std::string lower{text};
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  });
  return lower;
}

}  // namespace

Result<HostPort> parse_host_port(std::string_view text) {
  constexpr std::string_view kForm = "must be HOST:PORT such as 127.0.0.1:8080 or [::1]:8080";
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return not_a(text, std::string{kForm});
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const bool in_brackets = host.starts_with('[') && host.ends_with(']');
  if (in_brackets) host = host.substr(1, host.size() - 2);
  HostPort address{.host = lower_case(host)};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (!is_host(address.host, in_brackets) || error != std::errc{} ||
      end != port.data() + port.size()) {
    return not_a(text, std::string{kForm});
  }
  return address;
}

Result<HostPort> parse_bind(std::string_view text) {
  Result<HostPort> address = parse_host_port(text);
  if (!address || address->host == "localhost" || is_literal(address->host)) return address;
  return not_a(text, "must name a literal address such as 127.0.0.1:8080, or localhost");
}

Result<Url> parse_url(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  if (text.starts_with("https://")) {
    return not_a(text, "is https, which is not available in this version; write http://");
  }
  if (!text.starts_with(kScheme)) {
    return not_a(text, "must be a URL such as http://127.0.0.1:9001");
  }
  return parse_url(text, kScheme, 80);
}

Result<Url> parse_url(std::string_view text, std::string_view scheme, std::uint16_t port) {
  const std::string_view rest = text.substr(scheme.size());
  const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
  std::string authority{rest.substr(0, slash)};
  const std::string_view path = rest.substr(slash);
  const auto is_path_char = [](char c) { return c > ' ' && c < '\x7f' && c != '#'; };
  if (!std::ranges::all_of(path, is_path_char)) {
    return not_a(text, "has a character that must be percent-encoded, or a fragment");
  }
  // A colon behind the last bracket starts a port; without one it is the scheme's own.
  if (authority.find(':', authority.rfind(']') + 1) == std::string::npos) {
    authority += fmt::format(":{}", port);
  }
  Result<HostPort> address = parse_host_port(authority);
  if (!address || address->port == 0) {
    return not_a(text, fmt::format("must have a host and a port such as {}127.0.0.1:9001", scheme));
  }
  return Url{.text = std::string{text},
             .address = std::move(*address),
             .path = path.starts_with('/') ? std::string{path} : fmt::format("/{}", path)};
}

std::string to_text(const HostPort& address) {
  const bool is_v6 = address.host.contains(':');
  return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", address.host, is_v6 ? "]" : "", address.port);
}

}  // namespace headgate::config
