// Where a socket is: an IPv4 or IPv6 address and a port, or the path of a Unix socket, as the
// kernel wants it and as people write it (`127.0.0.1:8080`, `[::1]:8080`, `unix:/run/app.sock`).
//
// Paths are long and few, addresses of peers many: a path is kept once for the life of the process,
// and an address stays small and trivially copyable.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "headgate/core/result.hpp"

namespace headgate::net {

class Address {
 public:
  Address() = default;

  /// A literal `HOST:PORT` or `unix:/PATH`; HOST is an IPv4 address, an IPv6 address in brackets or
  /// `localhost` (which is 127.0.0.1). Never asks a resolver. Fails with kInvalidArgument, `where`
  /// is the text.
  [[nodiscard]] static Result<Address> parse(std::string_view text);

  /// As parse, but any other HOST is looked up by the system's resolver; the first answer counts.
  /// Blocks: for start-up and control threads only. Fails with kUnavailable if nothing is known.
  [[nodiscard]] static Result<Address> resolve(std::string_view host, std::uint16_t port);

  /// The Unix socket at `path`. Its memory is never freed: for start-up only. Fails with
  /// kInvalidArgument if the path is empty, holds a zero byte or is too long (over 107 bytes).
  [[nodiscard]] static Result<Address> local(std::string_view path);

  /// The IPv4 address of that number: 0x7f000001 is 127.0.0.1.
  [[nodiscard]] static Address v4(std::uint32_t host, std::uint16_t port) noexcept;

  /// What the kernel wrote: `size` bytes at `from`. The path of a Unix socket's peer is dropped.
  [[nodiscard]] static Address of_kernel(const sockaddr* from, socklen_t size) noexcept;
  /// Where the socket `fd` is bound.
  [[nodiscard]] static Address of_socket(int fd) noexcept;

  [[nodiscard]] std::string to_text() const;       ///< `127.0.0.1:8080`, `[::1]:8080`, `unix:/PATH`
  [[nodiscard]] std::string host_to_text() const;  ///< `127.0.0.1`, `::1`, `unix:/PATH`
  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] int family() const noexcept { return storage_.any.sa_family; }

  [[nodiscard]] bool is_local() const noexcept { return family() == AF_UNIX; }
  /// Of a Unix socket; empty for any other, and for one without a name.
  [[nodiscard]] std::string_view path() const noexcept;

  [[nodiscard]] const sockaddr* data() const noexcept {
    return is_named_local() ? storage_.local.place : &storage_.any;
  }
  [[nodiscard]] socklen_t size() const noexcept {
    if (is_local()) return is_named_local() ? sizeof(sockaddr_un) : sizeof(sa_family_t);
    return family() == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  }

  friend bool operator==(const Address& a, const Address& b) noexcept;

 private:
  struct Local {
    sa_family_t family;     // AF_UNIX, where every sockaddr has it
    const sockaddr* place;  // a sockaddr_un that lives as long as the process; null: no name
  };
  union Storage {
    sockaddr_in6 v6{};
    sockaddr_in v4;
    sockaddr any;
    Local local;
  } storage_;

  [[nodiscard]] bool is_named_local() const noexcept {
    return is_local() && storage_.local.place != nullptr;
  }
  [[nodiscard]] bool fill_literal(const std::string& host, std::uint16_t port);
};

}  // namespace headgate::net
