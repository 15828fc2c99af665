// Where a socket is: an IPv4 or IPv6 address and a port, as the kernel wants it and as people write
// it (`127.0.0.1:8080`, `[::1]:8080`).
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "headgate/core/result.hpp"

namespace headgate::net {

class Address {
 public:
  Address() = default;

  /// A literal `HOST:PORT`; HOST is an IPv4 address, an IPv6 address in brackets or `localhost`
  /// (which is 127.0.0.1). Never asks a resolver. Fails with kInvalidArgument, `where` is the text.
  [[nodiscard]] static Result<Address> parse(std::string_view text);

  /// As parse, but any other HOST is looked up by the system's resolver; the first answer counts.
  /// Blocks: for start-up and control threads only. Fails with kUnavailable if nothing is known.
  [[nodiscard]] static Result<Address> resolve(std::string_view host, std::uint16_t port);

  /// Where the socket `fd` is bound.
  [[nodiscard]] static Address of_socket(int fd) noexcept;

  [[nodiscard]] std::string to_text() const;       ///< `127.0.0.1:8080`, `[::1]:8080`
  [[nodiscard]] std::string host_to_text() const;  ///< `127.0.0.1`, `::1`
  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] int family() const noexcept { return storage_.any.sa_family; }

  [[nodiscard]] const sockaddr* data() const noexcept { return &storage_.any; }
  [[nodiscard]] sockaddr* data() noexcept { return &storage_.any; }
  [[nodiscard]] socklen_t size() const noexcept {
    return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  }
  /// Room for the kernel to write any address of these families into `data()`.
  static constexpr socklen_t kCapacity = sizeof(sockaddr_in6);

  friend bool operator==(const Address& a, const Address& b) noexcept;

 private:
  union Storage {
    sockaddr_in6 v6{};
    sockaddr_in v4;
    sockaddr any;
  } storage_;
};

}  // namespace headgate::net
