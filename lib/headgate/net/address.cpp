#include "headgate/net/address.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <memory>
#include <mutex>
#include <vector>

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

std::string_view path_of(const sockaddr* place) noexcept {
  return reinterpret_cast<const sockaddr_un*>(place)->sun_path;
}

/// The one place of that path; it stays where it is until the process ends.
const sockaddr* place_of(std::string_view path) {
  static std::mutex mutex;
  static std::vector<std::unique_ptr<sockaddr_un>> places;
  const std::lock_guard lock{mutex};
  const auto known = std::ranges::find_if(
      places, [path](const auto& place) { return std::string_view{place->sun_path} == path; });
  if (known != places.end()) return reinterpret_cast<const sockaddr*>(known->get());
  auto place = std::make_unique<sockaddr_un>();
  place->sun_family = AF_UNIX;
  std::ranges::copy(path, place->sun_path);
  places.push_back(std::move(place));
  return reinterpret_cast<const sockaddr*>(places.back().get());
}

}  // namespace

Address Address::v4(std::uint32_t host, std::uint16_t port) noexcept {
  Address address;
  address.storage_.v4 = {};
  address.storage_.v4.sin_family = AF_INET;
  address.storage_.v4.sin_addr.s_addr = htonl(host);
  address.storage_.v4.sin_port = htons(port);
  return address;
}

bool Address::fill_literal(const std::string& written, std::uint16_t port) {
  const char* host = written == "localhost" ? "127.0.0.1" : written.c_str();
  sockaddr_in v4{};
  if (inet_pton(AF_INET, host, &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    storage_.v4 = v4;
    return true;
  }
  sockaddr_in6 v6{};
  if (inet_pton(AF_INET6, host, &v6.sin6_addr) != 1) return false;
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  storage_.v6 = v6;
  return true;
}

Result<Address> Address::parse(std::string_view text) {
  if (text.starts_with("unix:")) return local(text.substr(5));
  const Result<HostPort> parts = split(text);
  if (!parts) return std::unexpected(parts.error());
  Address address;
  if (!address.fill_literal(parts->host, parts->port)) return wrong_form(text);
  return address;
}

Result<Address> Address::resolve(std::string_view host, std::uint16_t port) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const HostPort parts{.host = std::string{host}, .port = port};
  Address address;
  if (address.fill_literal(parts.host, port)) return address;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(parts.host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) return failed(Errc::kUnavailable, parts.host, gai_strerror(error));
  address = of_kernel(found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  return address;
}

Result<Address> Address::local(std::string_view path) {
  constexpr std::size_t kPathMax = sizeof(sockaddr_un::sun_path) - 1;
  if (path.empty() || path.size() > kPathMax || path.contains('\0')) {
    return failed(Errc::kInvalidArgument, "unix:" + std::string{path},
                  "the path of a Unix socket has 1 to 107 bytes, as in unix:/run/app.sock");
  }
  Address address;
  address.storage_.local = {.family = AF_UNIX, .place = place_of(path)};
  return address;
}

Address Address::of_kernel(const sockaddr* from, socklen_t size) noexcept {
  Address address;
  if (size < sizeof(sa_family_t)) return address;
  if (from->sa_family == AF_UNIX) {
    address.storage_.local = {.family = AF_UNIX, .place = nullptr};
  } else {
    std::memcpy(&address.storage_.v6, from, std::min<std::size_t>(size, sizeof(sockaddr_in6)));
  }
  return address;
}

Address Address::of_socket(int fd) noexcept {
  sockaddr_storage from{};
  socklen_t size = sizeof from;
  auto* place = reinterpret_cast<sockaddr*>(&from);
  if (getsockname(fd, place, &size) != 0) return {};
  if (place->sa_family == AF_UNIX) {
    if (const auto named = local(path_of(place))) return *named;
  }
  return of_kernel(place, size);
}

std::string_view Address::path() const noexcept {
  return is_named_local() ? path_of(storage_.local.place) : std::string_view{};
}

std::string Address::host_to_text() const {
  if (is_local()) return "unix:" + std::string{path()};
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = family() == AF_INET6 ? static_cast<const void*>(&storage_.v6.sin6_addr)
                                           : static_cast<const void*>(&storage_.v4.sin_addr);
  if (inet_ntop(family(), bytes, text.data(), text.size()) == nullptr) return "?";
  return text.data();
}

std::string Address::to_text() const {
  std::string host = host_to_text();
  if (is_local()) return host;
  const std::string port_text = std::to_string(port());
  return family() == AF_INET6 ? "[" + host + "]:" + port_text : host + ":" + port_text;
}

std::uint16_t Address::port() const noexcept {
  if (is_local()) return 0;
  return ntohs(family() == AF_INET6 ? storage_.v6.sin6_port : storage_.v4.sin_port);
}

bool operator==(const Address& a, const Address& b) noexcept {
  if (a.family() != b.family() || a.port() != b.port()) return false;
  if (a.is_local()) return a.storage_.local.place == b.storage_.local.place;
  if (a.family() == AF_INET6) {
    return std::memcmp(&a.storage_.v6.sin6_addr, &b.storage_.v6.sin6_addr, sizeof(in6_addr)) == 0;
  }
  return a.storage_.v4.sin_addr.s_addr == b.storage_.v4.sin_addr.s_addr;
}

}  // namespace headgate::net
