#include "headgate/net/address.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <array>
#include <charconv>
#include <cstring>

namespace headgate::net {
namespace {

/// Both halves of `HOST:PORT`; the brackets of an IPv6 host are taken off.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
};

std::unexpected<Error> wrong_form(std::string_view text) {
  return failed(Errc::kInvalidArgument, std::string{text},
                "an address is written 127.0.0.1:8080 or [::1]:8080");
}

Result<HostPort> split(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return wrong_form(text);
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  HostPort parts;
  const auto [end, error] = std::from_chars(digits.begin(), digits.end(), parts.port);
  if (error != std::errc{} || end != digits.end()) return wrong_form(text);
  const bool bracketed = host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (bracketed != (host.find(':') != std::string_view::npos)) return wrong_form(text);
  parts.host = host;
  return parts;
}

bool fill_literal(Address& address, const HostPort& parts) {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  const char* host = parts.host == "localhost" ? "127.0.0.1" : parts.host.c_str();
  if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(parts.port);
    std::memcpy(address.data(), &v4, sizeof v4);
    return true;
  }
  if (inet_pton(AF_INET6, host, &v6.sin6_addr) != 1) return false;
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(parts.port);
  std::memcpy(address.data(), &v6, sizeof v6);
  return true;
}

}  // namespace

Result<Address> Address::parse(std::string_view text) {
  const Result<HostPort> parts = split(text);
  if (!parts) return std::unexpected(parts.error());
  Address address;
  if (!fill_literal(address, *parts)) return wrong_form(text);
  return address;
}

Result<Address> Address::resolve(std::string_view host, std::uint16_t port) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const HostPort parts{.host = std::string{host}, .port = port};
  Address address;
  if (fill_literal(address, parts)) return address;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(parts.host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) return failed(Errc::kUnavailable, parts.host, gai_strerror(error));
  std::memcpy(address.data(), found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  return address;
}

Address Address::of_socket(int fd) noexcept {
  Address address;
  socklen_t size = kCapacity;
  if (getsockname(fd, address.data(), &size) != 0) return {};
  return address;
}

std::string Address::host_to_text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = family() == AF_INET6 ? static_cast<const void*>(&storage_.v6.sin6_addr)
                                           : static_cast<const void*>(&storage_.v4.sin_addr);
  if (inet_ntop(family(), bytes, text.data(), text.size()) == nullptr) return "?";
  return text.data();
}

std::string Address::to_text() const {
  const std::string host = host_to_text();
  const std::string port_text = std::to_string(port());
  return family() == AF_INET6 ? "[" + host + "]:" + port_text : host + ":" + port_text;
}

std::uint16_t Address::port() const noexcept {
  return ntohs(family() == AF_INET6 ? storage_.v6.sin6_port : storage_.v4.sin_port);
}

bool operator==(const Address& a, const Address& b) noexcept {
  if (a.family() != b.family() || a.port() != b.port()) return false;
  if (a.family() == AF_INET6) {
    return std::memcmp(&a.storage_.v6.sin6_addr, &b.storage_.v6.sin6_addr, sizeof(in6_addr)) == 0;
  }
  return a.storage_.v4.sin_addr.s_addr == b.storage_.v4.sin_addr.s_addr;
}

}  // namespace headgate::net
