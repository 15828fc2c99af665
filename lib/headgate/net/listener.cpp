#include "headgate/net/listener.hpp"

#include <netinet/tcp.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "headgate/core/check.hpp"

namespace headgate::net {
namespace {

/// Connections taken in one turn: a flood of new ones must not starve those at work.
constexpr int kAcceptMax = 64;
constexpr int kBacklog = 4096;  // the kernel caps it at net.core.somaxconn
constexpr Duration kRetryAfter = std::chrono::milliseconds{100};

std::unexpected<Error> refused(const Address& address, int error) {
  const Errc code = error == EADDRINUSE ? Errc::kUnavailable : Errc::kIo;
  return failed(code, address.to_text(),
                error == EADDRINUSE ? "the port is in use by another process"
                                    : std::string{"cannot listen: "} + strerrordesc_np(error));
}

bool set_option(int fd, int level, int name) noexcept {
  const int on = 1;
  return setsockopt(fd, level, name, &on, sizeof on) == 0;
}

/// Binds; a Unix socket that nobody listens on any more makes way.
bool take_place(int fd, const Address& address) noexcept {
  if (bind(fd, address.data(), address.size()) == 0) return true;
  if (errno != EADDRINUSE || !address.is_local()) return false;
  const Fd probe{socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const bool alone = connect(probe.get(), address.data(), address.size()) != 0 &&
                     errno == ECONNREFUSED && unlink(std::string{address.path()}.c_str()) == 0;
  errno = EADDRINUSE;
  return alone && bind(fd, address.data(), address.size()) == 0;
}

/// A socket bound to `address`; with `shared`, others may be bound to it as well.
Result<Fd> bound_socket(const Address& address, bool shared) {
  Fd fd{socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  // SO_REUSEADDR lets a restarted server bind while old connections are in TIME_WAIT.
  if (!fd.open() || !set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR) ||
      (shared && !set_option(fd.get(), SOL_SOCKET, SO_REUSEPORT)) ||
      (!address.is_local() && !set_option(fd.get(), IPPROTO_TCP, TCP_NODELAY)) ||
      !take_place(fd.get(), address)) {
    return refused(address, errno);
  }
  return fd;
}

}  // namespace

Result<std::vector<Fd>> listen(const Address& address, std::size_t count) {
  HG_ASSERT(count >= 1);
  HG_ASSERT(count == 1 || !address.is_local());
  Address actual = address;
  if (count > 1) {
    // Shared sockets would join those of another gateway on the port without a word: an unshared
    // one, bound first and dropped again, finds out.
    const Result<Fd> probe = bound_socket(address, false);
    if (!probe) return std::unexpected(probe.error());
    actual = Address::of_socket(probe->get());
  }
  std::vector<Fd> sockets;
  for (std::size_t i = 0; i < count; ++i) {
    Result<Fd> fd = bound_socket(actual, count > 1);
    if (!fd) return std::unexpected(fd.error());
    if (::listen(fd->get(), kBacklog) != 0) return refused(actual, errno);
    sockets.push_back(*std::move(fd));
  }
  return sockets;
}

Listener::Listener(EventLoop& loop, Fd socket, AcceptHandler& handler)
    : Source(loop),
      socket_(std::move(socket)),
      address_(Address::of_socket(socket_.get())),
      handler_(handler),
      retry_(callback<&Listener::on_retry>(this)) {
  HG_ASSERT(loop.watch(socket_.get(), *this));
}

void Listener::collect(std::uint32_t /*events*/) noexcept { loop_.accept_later(*this); }

void Listener::on_retry(TimePoint /*now*/) noexcept { loop_.look_again(*this); }

void Listener::accept() noexcept {
  for (int taken = 0; taken < kAcceptMax; ++taken) {
    sockaddr_storage from;
    socklen_t size = sizeof from;
    auto* place = reinterpret_cast<sockaddr*>(&from);
    Fd connection{accept4(socket_.get(), place, &size, SOCK_NONBLOCK | SOCK_CLOEXEC)};
    if (connection.open()) {
      handler_.on_accept(std::move(connection), Address::of_kernel(place, size));
      continue;
    }
    if (errno == EAGAIN) return;
    if (errno == ECONNABORTED || errno == EINTR) continue;
    ++failures_;
    loop_.deadlines().arm(retry_, loop_.now() + kRetryAfter);
    return;
  }
  loop_.look_again(*this);
}

}  // namespace headgate::net
