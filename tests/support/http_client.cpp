#include "support/http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

namespace headgate::test {

std::string HttpResponse::field(std::string_view name) const {
  for (const auto& [key, value] : fields) {
    if (key.size() == name.size() && strncasecmp(key.data(), name.data(), name.size()) == 0) {
      return value;
    }
  }
  return {};
}

HttpClient::HttpClient(const std::string& address, Milliseconds limit) : address_(address) {
  const auto colon = address.rfind(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &to.sin_addr);
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval wait{.tv_sec = limit.count() / 1000, .tv_usec = limit.count() % 1000 * 1000};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) {
    close(fd_);
    throw std::runtime_error("nobody listens on " + address);
  }
}

HttpClient::~HttpClient() {
  if (fd_ >= 0) close(fd_);
}

bool HttpClient::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void HttpClient::finish_sending() const { shutdown(fd_, SHUT_WR); }

bool HttpClient::fill() {
  std::array<char, 65'536> piece{};
  const ssize_t size = recv(fd_, piece.data(), piece.size(), 0);
  if (size <= 0) return false;
  buffer_.append(piece.data(), static_cast<std::size_t>(size));
  return true;
}

bool HttpClient::take_line(std::string& line) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n")) == std::string::npos) {
    if (!fill()) return false;
  }
  line = buffer_.substr(0, end);
  buffer_.erase(0, end + 2);
  return true;
}

bool HttpClient::take(std::size_t size, std::string& bytes) {
  while (buffer_.size() < size) {
    if (!fill()) return false;
  }
  bytes.append(buffer_, 0, size);
  buffer_.erase(0, size);
  return true;
}

bool HttpClient::take_chunks(std::string& body) {
  std::string line;
  while (take_line(line)) {
    const std::size_t size = std::stoul(line, nullptr, 16);
    if (size > 0 && !take(size, body)) return false;
    if (!take_line(line)) return false;
    if (size == 0) return line.empty();
  }
  return false;
}

HttpResponse HttpClient::receive(bool to_head) {
  HttpResponse response;
  std::string line;
  if (!take_line(line) || line.size() < 12) return {};
  const int status = std::stoi(line.substr(9, 3));
  while (take_line(line) && !line.empty()) {
    const auto colon = line.find(':');
    const auto value = line.find_first_not_of(' ', colon + 1);
    response.fields.emplace_back(line.substr(0, colon),
                                 value == std::string::npos ? "" : line.substr(value));
  }
  if (status / 100 == 1) return receive(to_head);
  bool whole = true;
  const std::string length = response.field("content-length");
  if (to_head || status == 204 || status == 304) {
    whole = true;
  } else if (response.field("transfer-encoding") == "chunked") {
    whole = take_chunks(response.body);
  } else if (!length.empty()) {
    whole = take(std::stoul(length), response.body);
  } else {
    response.body = drain();
  }
  response.status = whole ? status : 0;
  return response;
}

HttpResponse HttpClient::request(std::string_view method, std::string_view path,
                                 std::string_view body, std::string_view fields) {
  std::string text = std::string{method} + " " + std::string{path} +
                     " HTTP/1.1\r\nHost: " + address_ + "\r\n" + std::string{fields};
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  text += "\r\n";
  text += body;
  if (!send(text)) return {};
  return receive(method == "HEAD");
}

void HttpClient::reset() {
  const linger now{.l_onoff = 1, .l_linger = 0};
  setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close(std::exchange(fd_, -1));
}

std::string HttpClient::receive_until(std::string_view end) {
  std::size_t at = 0;
  while ((at = buffer_.find(end)) == std::string::npos && fill()) {
  }
  if (at == std::string::npos) return std::exchange(buffer_, {});
  std::string bytes = buffer_.substr(0, at + end.size());
  buffer_.erase(0, bytes.size());
  return bytes;
}

std::string HttpClient::drain() {
  while (fill()) {
  }
  return std::exchange(buffer_, {});
}

}  // namespace headgate::test
