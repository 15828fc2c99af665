#include "support/faulty_server.hpp"

#include <sys/socket.h>

#include <array>

namespace headgate::test {
namespace {

/// Closing will send RST instead of FIN.
void arm_reset(int fd) {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

std::string plain(const std::string& status, const std::string& fields = {}) {
  return "HTTP/1.1 " + status + " x\r\nContent-Length: 2\r\n" + fields + "\r\nhi";
}

/// The bytes for the paths that are answered whole and leave the connection open; empty for others.
std::string sound_answer(const std::string& path) {
  if (path == "/chunked") {
    return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
  }
  if (path == "/interim") {
    return "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
           plain("200");
  }
  if (path == "/shed") return plain("503", "Retry-After: 1\r\n");
  return path.size() == 4 && path[1] >= '2' && path[1] <= '5' ? plain(path.substr(1)) : "";
}

/// The last bytes of the paths that end the connection.
std::string last_words(const std::string& path) {
  if (path == "/until-close") return "HTTP/1.1 200 OK\r\n\r\nuntil the end";
  if (path == "/last") return plain("200", "Connection: close\r\n");
  if (path == "/half" || path == "/reset-half") {
    return "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this";
  }
  if (path == "/garbage") return "\x16\x03\x01 this is no HTTP\r\n\r\n";
  if (path == "/two-lengths") {
    return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi!";
  }
  return {};
}

/// Whether the connection goes on.
bool answer(int fd, const std::string& path) {
  if (path == "/silent") return true;
  const std::string sound = sound_answer(path);
  if (!sound.empty()) {
    send_all(fd, sound);
    return true;
  }
  if (path.starts_with("/reset")) arm_reset(fd);
  send_all(fd, last_words(path));
  return false;
}

}  // namespace

std::uint64_t FaultyServer::requests(const std::string& path) const {
  const std::lock_guard lock{mutex_};
  const auto found = requests_.find(path);
  return found == requests_.end() ? 0 : found->second;
}

std::uint64_t FaultyServer::requests() const {
  const std::lock_guard lock{mutex_};
  std::uint64_t sum = 0;
  for (const auto& [path, count] : requests_) sum += count;
  return sum;
}

std::string FaultyServer::last_head() const {
  const std::lock_guard lock{mutex_};
  return last_head_;
}

void FaultyServer::serve(int fd) {
  std::string buffer;
  std::array<char, 4096> piece{};
  bool going_on = true;
  while (going_on) {
    const std::size_t end = buffer.find("\r\n\r\n");
    if (end == std::string::npos) {
      const ssize_t size = recv(fd, piece.data(), piece.size(), 0);
      if (size <= 0) break;
      buffer.append(piece.data(), static_cast<std::size_t>(size));
      continue;
    }
    const std::size_t start = buffer.find(' ') + 1;
    const std::string path = buffer.substr(start, buffer.find(' ', start) - start);
    {
      const std::lock_guard lock{mutex_};
      ++requests_[path];
      last_head_ = buffer.substr(0, end + 2);
    }
    buffer.erase(0, end + 4);
    going_on = answer(fd, path);
  }
}

}  // namespace headgate::test
