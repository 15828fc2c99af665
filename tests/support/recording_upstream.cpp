#include "support/recording_upstream.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace headgate::test {
namespace {

/// Bytes of the request that starts `text`, or 0 if it is not whole. It came from a gateway that
/// frames with fields of its own, so looking for those is enough.
std::size_t request_size(std::string_view text) {
  const std::size_t blank_line = text.find("\r\n\r\n");
  if (blank_line == std::string_view::npos) return 0;
  const std::string_view head = text.substr(0, blank_line + 2);
  const std::size_t body = blank_line + 4;
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  if (const std::size_t at = head.find(kLength); at != std::string_view::npos) {
    const std::size_t size = body + std::strtoul(head.data() + at + kLength.size(), nullptr, 10);
    return size <= text.size() ? size : 0;
  }
  if (head.find("\r\nTransfer-Encoding: chunked\r\n") == std::string_view::npos) return body;
  const std::size_t last = text.find("0\r\n\r\n", body);
  return last == std::string_view::npos ? 0 : last + 5;
}

}  // namespace

RecordingUpstream::RecordingUpstream() {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, generic, size) != 0 || listen(listener_, 64) != 0 ||
      getsockname(listener_, generic, &size) != 0) {
    throw std::runtime_error("no port for the upstream");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

RecordingUpstream::~RecordingUpstream() {
  stopping_ = true;
  thread_.join();
  for (const Connection& connection : connections_) close(connection.fd);
  close(listener_);
}

void RecordingUpstream::answer_with(const std::string& bytes, bool close) {
  const std::lock_guard lock(mutex_);
  answer_ = bytes;
  close_ = close;
}

std::string RecordingUpstream::take_received() {
  const std::lock_guard lock(mutex_);
  return std::exchange(received_, {});
}

void RecordingUpstream::serve() {
  while (!stopping_) {
    std::vector<pollfd> entries = {{.fd = listener_, .events = POLLIN, .revents = 0}};
    for (const Connection& connection : connections_) {
      entries.push_back({.fd = connection.fd, .events = POLLIN, .revents = 0});
    }
    if (poll(entries.data(), entries.size(), 20) <= 0) continue;
    for (std::size_t i = connections_.size(); i-- > 0;) {
      if (entries[i + 1].revents == 0 || read_some(connections_[i])) continue;
      close(connections_[i].fd);
      connections_.erase(connections_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (entries[0].revents != 0) accept_one();
  }
}

void RecordingUpstream::accept_one() {
  const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd >= 0) connections_.push_back({.fd = fd, .unanswered = {}});
}

bool RecordingUpstream::read_some(Connection& connection) {
  std::array<char, 65'536> buffer{};
  const ssize_t size = recv(connection.fd, buffer.data(), buffer.size(), 0);
  if (size <= 0) return false;
  const std::string_view bytes{buffer.data(), static_cast<std::size_t>(size)};
  connection.unanswered += bytes;
  const std::lock_guard lock(mutex_);
  received_ += bytes;
  while (const std::size_t whole = request_size(connection.unanswered)) {
    connection.unanswered.erase(0, whole);
    const ssize_t sent = send(connection.fd, answer_.data(), answer_.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(answer_.size()) || close_) return false;
  }
  return true;
}

}  // namespace headgate::test
