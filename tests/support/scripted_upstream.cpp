#include "support/scripted_upstream.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>

namespace headgate::test {
namespace {

bool send_all(int fd, const std::string& bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const ssize_t sent = ::send(fd, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    at += static_cast<std::size_t>(sent);
  }
  return true;
}

bool fill(int fd, std::string& buffer) {
  std::array<char, 65'536> bytes{};
  const ssize_t size = recv(fd, bytes.data(), bytes.size(), 0);
  if (size <= 0) return false;
  buffer.append(bytes.data(), static_cast<std::size_t>(size));
  return true;
}

/// How many bytes of `buffer` are the body of a request with `head`; npos: not all there yet. A
/// chunked body ends with the first empty chunk: tests send no data that looks like one.
std::size_t body_size(const ReceivedRequest& request, const std::string& buffer) {
  if (const std::string length = request.field("content-length"); !length.empty()) {
    const std::size_t size = std::stoul(length);
    return buffer.size() >= size ? size : std::string::npos;
  }
  if (request.field("transfer-encoding") != "chunked") return 0;
  if (buffer.starts_with("0\r\n\r\n")) return 5;
  const std::size_t end = buffer.find("\r\n0\r\n\r\n");
  return end == std::string::npos ? end : end + 7;
}

}  // namespace

bool ReceivedRequest::has(const std::string& name) const {
  std::string lower = head;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return lower.find("\r\n" + name + ":") != std::string::npos;
}

std::string ReceivedRequest::field(const std::string& name) const {
  std::string lower = head;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  const std::size_t at = lower.find("\r\n" + name + ":");
  if (at == std::string::npos) return {};
  const std::size_t begin = head.find_first_not_of(' ', at + name.size() + 3);
  return head.substr(begin, head.find("\r\n", begin) - begin);
}

ScriptedAnswer ok(const std::string& body) {
  return {.bytes = "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                   "\r\n\r\n" + body};
}

ScriptedUpstream::Script hello() {
  return [](const ReceivedRequest&) { return ok("hello"); };
}

ScriptedUpstream::ScriptedUpstream(Script script, bool early)
    : script_(std::move(script)), early_(early) {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener_, 128) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("the scripted upstream cannot listen");
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread{[this] { accept_all(); }};
}

ScriptedUpstream::~ScriptedUpstream() {
  stopping_ = true;
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close_connections();
  for (std::thread& thread : threads_) thread.join();
  close(listener_);
}

void ScriptedUpstream::accept_all() {
  while (!stopping_) {
    const int fd = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::scoped_lock lock{mutex_};
    open_.push_back(fd);
    threads_.emplace_back([this, fd, number = accepted_++] { serve(fd, number); });
  }
}

void ScriptedUpstream::serve(int fd, int number) {
  std::string buffer;
  while (true) {
    ReceivedRequest request{.head = {}, .body = {}, .connection = number};
    std::size_t end = 0;
    while ((end = buffer.find("\r\n\r\n")) == std::string::npos && fill(fd, buffer)) {
    }
    if (end == std::string::npos) break;
    request.head = buffer.substr(0, end + 4);
    buffer.erase(0, end + 4);
    if (!early_) {
      std::size_t size = 0;
      while ((size = body_size(request, buffer)) == std::string::npos && fill(fd, buffer)) {
      }
      request.body = buffer.substr(0, size);
      buffer.erase(0, request.body.size());
    }
    {
      const std::scoped_lock lock{mutex_};
      received_.push_back(request);
    }
    const ScriptedAnswer answer = script_(request);
    std::this_thread::sleep_for(answer.delay);
    if (!send_all(fd, answer.bytes)) break;
    std::this_thread::sleep_for(answer.pause);
    if (!send_all(fd, answer.later) || answer.close) break;
  }
  const std::scoped_lock lock{mutex_};
  std::erase(open_, fd);
  close(fd);
}

std::vector<ReceivedRequest> ScriptedUpstream::received() const {
  const std::scoped_lock lock{mutex_};
  return received_;
}

int ScriptedUpstream::connections() const {
  const std::scoped_lock lock{mutex_};
  return accepted_;
}

void ScriptedUpstream::close_connections() {
  const std::scoped_lock lock{mutex_};
  for (const int fd : open_) shutdown(fd, SHUT_RDWR);
}

}  // namespace headgate::test
