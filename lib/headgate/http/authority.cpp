#include "headgate/http/authority.hpp"

#include <algorithm>

#include "headgate/core/check.hpp"
#include "headgate/http/char_class.hpp"

namespace headgate::http {
namespace {

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5) return std::nullopt;
  unsigned port = 0;
  for (const char c : text) {
    if (!detail::is_digit(c)) return std::nullopt;
    port = port * 10 + static_cast<unsigned>(c - '0');
  }
  if (port == 0 || port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

/// `[` hexadecimal digits, colons and the dots of a trailing IPv4 part `]`. Whether it is an
/// address is for those who connect to it; here it must only mean the same to everyone.
bool is_bracketed(std::string_view host) noexcept {
  if (host.size() < 4 || host.front() != '[' || host.back() != ']') return false;
  const std::string_view inside = host.substr(1, host.size() - 2);
  return inside.find(':') != std::string_view::npos &&
         std::all_of(inside.begin(), inside.end(),
                     [](char c) { return detail::hex_value(c) >= 0 || c == ':' || c == '.'; });
}

/// Labels of letters, digits, hyphens and underscores with single dots between them; one may end
/// it.
bool is_name(std::string_view host) noexcept {
  if (host.empty() || host.front() == '.' || host.find("..") != std::string_view::npos)
    return false;
  return std::all_of(host.begin(), host.end(), [](char c) { return detail::is(c, detail::kHost); });
}

}  // namespace

std::optional<Authority> parse_authority(std::string_view text) noexcept {
  Authority authority{.host = text};
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return std::nullopt;
  const std::size_t colon = text.find(':', bracket);
  if (colon != std::string_view::npos) {
    const std::optional<std::uint16_t> port = parse_port(text.substr(colon + 1));
    if (!port) return std::nullopt;
    authority = {.host = text.substr(0, colon), .port = *port};
  }
  if (authority.host.size() > kHostMax) return std::nullopt;
  if (!is_name(authority.host) && !is_bracketed(authority.host)) return std::nullopt;
  return authority;
}

std::string_view canonical_host(std::string_view host, std::span<char> out) noexcept {
  HG_ASSERT(out.size() >= host.size());
  if (host.size() > 1 && host.back() == '.') host.remove_suffix(1);
  const bool lower =
      std::none_of(host.begin(), host.end(), [](char c) { return detail::is(c, detail::kUpper); });
  if (lower) return host;
  std::transform(host.begin(), host.end(), out.begin(), detail::lower);
  return {out.data(), host.size()};
}

}  // namespace headgate::http
