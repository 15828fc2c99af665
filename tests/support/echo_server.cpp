#include "support/echo_server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <list>
#include <mutex>
#include <thread>

namespace headgate::test {

namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using boost::asio::ip::tcp;

class EchoServer::Server {
 public:
  Server() {
    acceptor_thread_ = std::thread{[this] { accept_all(); }};
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    stopping_ = true;
    {
      // Wakes the acceptor.
      boost::system::error_code ignored;
      tcp::socket socket{io_};
      socket.connect(acceptor_.local_endpoint(), ignored);
    }
    acceptor_thread_.join();
    {
      const std::lock_guard lock{mutex_};
      for (const int fd : open_) shutdown(fd, SHUT_RDWR);
    }
    for (std::thread& thread : connections_) thread.join();
  }

  [[nodiscard]] std::string address() const {
    return "127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port());
  }
  [[nodiscard]] std::string authorization() const {
    const std::lock_guard lock{mutex_};
    return authorization_;
  }
  std::atomic<std::uint64_t> messages = 0;
  std::atomic<std::uint64_t> connections = 0;
  std::atomic<std::uint64_t> farewells = 0;

 private:
  void accept_all() {
    while (true) {
      tcp::socket socket{io_};
      boost::system::error_code error;
      acceptor_.accept(socket, error);
      if (stopping_ || error) return;
      {
        const std::lock_guard lock{mutex_};
        open_.push_back(socket.native_handle());
      }
      connections_.emplace_back([this, taken = std::move(socket)]() mutable {
        const int fd = taken.native_handle();
        try {
          serve(taken);
        } catch (const boost::system::system_error&) {
          // The client has gone.
        }
        const std::lock_guard lock{mutex_};
        std::erase(open_, fd);
      });
    }
  }

  void serve(tcp::socket& socket) {
    beast::flat_buffer buffer;
    http::request<http::string_body> request;
    http::read(socket, buffer, request);
    const std::string path{request.target()};
    {
      const std::lock_guard lock{mutex_};
      authorization_ = std::string{request[http::field::authorization]};
    }
    if (path == "/refuse") {
      http::response<http::empty_body> no{http::status::forbidden, 11};
      no.prepare_payload();
      http::write(socket, no);
      return;
    }
    websocket::stream<tcp::socket&> stream{socket};
    stream.accept(request);
    ++connections;
    while (true) {
      beast::flat_buffer message;
      boost::system::error_code error;
      stream.read(message, error);
      if (error == websocket::error::closed) {
        if (stream.reason().code == websocket::close_code::normal) ++farewells;
        return;
      }
      if (error) return;
      ++messages;
      if (path == "/close") return stream.close(websocket::close_code::normal);
      if (path == "/ping") stream.ping("are you there");
      stream.text(stream.got_text());
      if (path == "/pieces") {
        while (message.size() > 7) {
          stream.write_some(false, beast::buffers_prefix(7, message.data()));
          message.consume(7);
        }
        stream.write_some(true, message.data());
      } else if (path == "/half") {
        stream.write_some(false, beast::buffers_prefix(3, message.data()));
        return;
      } else if (path == "/wrong") {
        stream.write(boost::asio::buffer("something else", 14));
      } else {
        stream.write(message.data());
      }
    }
  }

  boost::asio::io_context io_;
  tcp::acceptor acceptor_{io_, tcp::endpoint{boost::asio::ip::make_address("127.0.0.1"), 0}};
  std::atomic<bool> stopping_ = false;
  mutable std::mutex mutex_;
  std::vector<int> open_;      // guarded by mutex_
  std::string authorization_;  // guarded by mutex_
  std::list<std::thread> connections_;
  std::thread acceptor_thread_;
};

EchoServer::EchoServer() : server_{std::make_unique<Server>()} {}
EchoServer::~EchoServer() = default;
std::string EchoServer::address() const { return server_->address(); }
std::uint64_t EchoServer::connections() const noexcept { return server_->connections; }
std::uint64_t EchoServer::farewells() const noexcept { return server_->farewells; }
std::uint64_t EchoServer::messages() const noexcept { return server_->messages; }
std::string EchoServer::authorization() const { return server_->authorization(); }

}  // namespace headgate::test
