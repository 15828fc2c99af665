#include "headgate/load/fleet/tcp_link.hpp"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <thread>
#include <utility>

#include "headgate/net/listener.hpp"

namespace headgate::load::fleet {
namespace {

int wait_ms(Duration wait) noexcept {
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(wait).count());
}

/// Small messages go at once, and whoever does not read is given up after a while.
void tune(int fd) noexcept {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  const timeval limit{.tv_sec = 5, .tv_usec = 0};
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
}

bool send_all(int fd, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Takes what has come and the news among it; false if the connection is over.
bool take_lines(Wire& wire, std::vector<News>& into) {
  std::array<char, 65'536> buffer{};
  const ssize_t got = recv(wire.fd.get(), buffer.data(), buffer.size(), 0);
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got == 0) return false;
  wire.partial.append(buffer.data(), static_cast<std::size_t>(got));
  std::size_t begin = 0;
  for (std::size_t end = wire.partial.find('\n'); end != std::string::npos;
       end = wire.partial.find('\n', begin)) {
    if (auto news = from_line(std::string_view{wire.partial}.substr(begin, end - begin))) {
      into.push_back(*std::move(news));
    }
    begin = end + 1;
  }
  wire.partial.erase(0, begin);
  return wire.partial.size() <= kLineMax;
}

}  // namespace

Result<std::unique_ptr<Link>> TcpHub::listen(const net::Address& address) {
  auto sockets = net::listen(address);
  if (!sockets) return std::unexpected(sockets.error());
  return std::make_unique<TcpHub>(std::move(sockets->front()));
}

std::string TcpHub::address() const {
  return "tcp:" + net::Address::of_socket(listener_.get()).to_text();
}

Result<void> TcpHub::publish(const News& news) {
  const std::string line = to_line(news);
  std::erase_if(wires_, [&line](const Wire& wire) { return !send_all(wire.fd.get(), line); });
  return {};
}

Result<std::vector<News>> TcpHub::next(Duration wait) {
  std::vector<pollfd> polled{{.fd = listener_.get(), .events = POLLIN, .revents = 0}};
  for (const Wire& wire : wires_) {
    polled.push_back({.fd = wire.fd.get(), .events = POLLIN, .revents = 0});
  }
  std::vector<News> news;
  if (poll(polled.data(), polled.size(), wait_ms(wait)) <= 0) return news;
  std::vector<Wire> kept;
  for (std::size_t i = 0; i < wires_.size(); ++i) {
    const bool ready = polled[i + 1].revents != 0;
    if (!ready || take_lines(wires_[i], news)) kept.push_back(std::move(wires_[i]));
  }
  wires_ = std::move(kept);
  if (polled.front().revents != 0) {
    net::Fd fd{accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)};
    if (fd.get() >= 0) {
      tune(fd.get());
      wires_.push_back({.fd = std::move(fd)});
    }
  }
  return news;
}

bool TcpMember::connected() {
  if (wire_ != nullptr) return true;
  net::Fd fd{socket(address_.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)};
  if (fd.get() < 0 || connect(fd.get(), address_.data(), address_.size()) != 0) return false;
  tune(fd.get());
  wire_ = std::make_unique<Wire>(Wire{.fd = std::move(fd)});
  return true;
}

Result<void> TcpMember::publish(const News& news) {
  if (connected() && send_all(wire_->fd.get(), to_line(news))) return {};
  wire_.reset();
  return failed(Errc::kUnavailable, address(), "no coordinator is there");
}

Result<std::vector<News>> TcpMember::next(Duration wait) {
  std::vector<News> news;
  if (!connected()) {
    std::this_thread::sleep_for(wait);
    return news;
  }
  pollfd polled{.fd = wire_->fd.get(), .events = POLLIN, .revents = 0};
  if (poll(&polled, 1, wait_ms(wait)) > 0 && !take_lines(*wire_, news)) wire_.reset();
  return news;
}

}  // namespace headgate::load::fleet
