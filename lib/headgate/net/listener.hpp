// A listening socket of one worker. Every worker binds its own socket to the same address with
// SO_REUSEPORT: the kernel spreads connections among them, and no accept lock is shared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/net/address.hpp"
#include "headgate/net/event_loop.hpp"
#include "headgate/net/fd.hpp"

namespace headgate::net {

/// Who is given the new connections of a listener.
class AcceptHandler {
 public:
  /// `connection` is non-blocking, with TCP_NODELAY, from `peer`.
  virtual void on_accept(Fd connection, const Address& peer) = 0;

 protected:
  ~AcceptHandler() = default;
};

/// `count` bound and listening sockets on one address, non-blocking, with TCP_NODELAY (which
/// accepted connections inherit), and SO_REUSEPORT if there are several. Port 0 takes any free one,
/// the same for all: ask Address::of_socket. A Unix socket that a process left behind is replaced.
/// Requires: count >= 1, and 1 for a Unix socket. Fails with kUnavailable if the
/// port is in use, also by another process that shares ports, and with kIo for any other refusal of
/// the system; `where` is the address.
[[nodiscard]] Result<std::vector<Fd>> listen(const Address& address, std::size_t count = 1);

class Listener final : public Source {
 public:
  /// Accepts on `socket`, made by `listen`. `handler` outlives this.
  Listener(EventLoop& loop, Fd socket, AcceptHandler& handler);
  /// Stops accepting. The kernel resets connections that were never accepted.
  ~Listener() override = default;

  /// Accepts what waits in the kernel, now: before the end, which would reset those connections.
  void accept_waiting() noexcept { accept(); }
  [[nodiscard]] const Address& address() const noexcept { return address_; }
  /// How often the system had no descriptor or memory for a new connection.
  [[nodiscard]] std::uint64_t failures() const noexcept { return failures_; }

 private:
  void collect(std::uint32_t events) noexcept override;
  void accept() noexcept override;
  void on_retry(TimePoint now) noexcept;

  Fd socket_;
  Address address_;
  AcceptHandler& handler_;
  std::uint64_t failures_ = 0;
  Deadline retry_;  // after a lack of descriptors: no edge tells when there are some again
};

}  // namespace headgate::net
