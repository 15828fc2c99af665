// The hot path allocates nothing: a gateway in this process, whose operator new counts.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <string>
#include <string_view>

#include "headgate/config/gateway_config.hpp"
#include "headgate/gateway/gateway.hpp"
#include "support/allocations.hpp"
#include "support/gateway.hpp"
#include "support/loadgen.hpp"

namespace headgate::test {
namespace {

/// A client that allocates nothing itself.
class BareClient {
 public:
  explicit BareClient(const net::Address& address)
      : fd_(socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    REQUIRE(connect(fd_, address.data(), address.size()) == 0);
  }
  BareClient(const BareClient&) = delete;
  BareClient& operator=(const BareClient&) = delete;
  ~BareClient() { close(fd_); }

  /// Sends `request` and reads `size` bytes of answer; whether they begin with `status_line`.
  bool ask(std::string_view request, std::size_t size, std::string_view status_line) {
    if (::send(fd_, request.data(), request.size(), 0) != static_cast<ssize_t>(request.size())) {
      return false;
    }
    std::size_t got = 0;
    while (got < size) {
      const ssize_t n = recv(fd_, bytes_.data() + got, bytes_.size() - got, 0);
      if (n <= 0) return false;
      got += static_cast<std::size_t>(n);
    }
    return got == size && std::string_view{bytes_.data(), got}.starts_with(status_line);
  }
  /// The same once, to learn how long the answer is.
  std::size_t measure(std::string_view request) {
    if (::send(fd_, request.data(), request.size(), 0) < 0) return 0;
    std::size_t got = 0;
    while (true) {
      timeval patience{.tv_sec = 0, .tv_usec = 300'000};
      setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      const ssize_t n = recv(fd_, bytes_.data() + got, bytes_.size() - got, 0);
      if (n <= 0) break;
      got += static_cast<std::size_t>(n);
    }
    const timeval forever{.tv_sec = 20, .tv_usec = 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof forever);
    return got;
  }

 private:
  int fd_;
  std::array<char, 65'536> bytes_{};
};

TEST_CASE("allocation: once warm, a proxied request allocates nothing") {
  const std::uint64_t at_start = allocations();
  TestUpstream upstream{{"--size", "1KiB"}};
  CHECK(allocations() > at_start);  // the counter counts
  const std::string limits =
      "filters: [{rate_limits: ["
      "{algorithm: token_bucket, rate: 1M/s, burst: 1M, key: client_ip, ipv4_prefix: 24, "
      "fields: [standard, legacy, x]}, "
      "{algorithm: concurrency, limit: 10, key: route}]}]";
  auto loaded =
      config::load_gateway_text(simple_config({upstream.address()}, "", limits), "gateway.yaml");
  REQUIRE(loaded.ok());
  auto gateway = gateway::Gateway::start(std::move(loaded.value), [] {}).value();
  {
    BareClient client{gateway->listeners().front().second};
    const std::string_view get =
        "GET /orders/17?x=1 HTTP/1.1\r\nHost: api.example.com\r\nUser-Agent: test\r\n"
        "Accept: */*\r\nCookie: a=b\r\n\r\n";
    const std::string_view post =
        "POST /orders HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
    const std::size_t size = client.measure(get);
    REQUIRE(size > 1024);
    bool good = true;
    for (int i = 0; i < 200; ++i) {
      good =
          good && client.ask(get, size, "HTTP/1.1 200 ") && client.ask(post, size, "HTTP/1.1 200 ");
    }
    const std::uint64_t before = allocations();
    for (int i = 0; i < 2000; ++i) {
      good =
          good && client.ask(get, size, "HTTP/1.1 200 ") && client.ask(post, size, "HTTP/1.1 200 ");
    }
    const std::uint64_t made = allocations() - before;
    CHECK(good);
    CHECK(made == 0);
  }
  gateway->drain();
  CHECK(gateway->wait().has_value());
}

}  // namespace
}  // namespace headgate::test
