#include "support/socket_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

namespace headgate::test {

void send_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

SocketServer::SocketServer(std::function<void(int fd)> serve) : serve_{std::move(serve)} {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, 512) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("the test server cannot listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread{[this] { accept_all(); }};
}

SocketServer::~SocketServer() {
  stopping_ = true;
  shutdown(listener_, SHUT_RDWR);  // accept returns
  acceptor_.join();
  {
    const std::lock_guard lock{mutex_};
    for (const int fd : open_) shutdown(fd, SHUT_RDWR);
  }
  for (std::thread& connection : connections_) connection.join();
  close(listener_);
}

void SocketServer::accept_all() {
  while (!stopping_) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    ++accepted_;
    {
      const std::lock_guard lock{mutex_};
      open_.push_back(fd);
    }
    connections_.emplace_back([this, fd] {
      serve_(fd);
      const std::lock_guard lock{mutex_};  // no number is shut down once it is another's
      std::erase(open_, fd);
      close(fd);
    });
  }
}

}  // namespace headgate::test
