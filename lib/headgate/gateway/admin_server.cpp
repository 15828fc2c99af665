#include "headgate/gateway/admin_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <optional>
#include <utility>

#include "headgate/net/listener.hpp"

namespace headgate::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto kTimeout = std::chrono::seconds{10};
constexpr std::uint32_t kHeadMax = 8192;
constexpr std::uint64_t kBodyMax = 4096;

}  // namespace

struct AdminServer::State : std::enable_shared_from_this<State> {
  State(asio::io_context& on, Handler answer)
      : context(on), acceptor(on), handler(std::move(answer)) {}

  void accept();

  asio::io_context& context;
  tcp::acceptor acceptor;
  Handler handler;
  net::Address address;
  int connections = 0;
  bool accepting = false;
  bool ended = false;
};

namespace {

/// One connection: (read a request, write a page)*.
template <class State>
class Session : public std::enable_shared_from_this<Session<State>> {
 public:
  Session(tcp::socket socket, std::shared_ptr<State> server)
      : stream_(std::move(socket)), server_(std::move(server)) {
    ++server_->connections;
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() {
    --server_->connections;
    server_->accept();
  }

  void read() {
    parser_.emplace();
    parser_->header_limit(kHeadMax);
    parser_->body_limit(kBodyMax);
    stream_.expires_after(kTimeout);
    beast::http::async_read(stream_, buffer_, *parser_,
                            beast::bind_front_handler(&Session::on_read, this->shared_from_this()));
  }

 private:
  void on_read(const error_code& error, std::size_t /*size*/) {
    if (error || server_->ended || !parser_) return;
    const auto& request = parser_->get();
    const bool head = request.method() == beast::http::verb::head;
    const std::string_view target{request.target().data(), request.target().size()};
    Page page;
    if (head || request.method() == beast::http::verb::get) {
      page = server_->handler(target.substr(0, target.find('?')));
    } else {
      page = {.status = 405, .body = "only GET and HEAD are answered here\n"};
    }
    response_ = {};
    response_.version(request.version());
    response_.result(static_cast<unsigned>(page.status));
    response_.keep_alive(request.keep_alive());
    response_.set(beast::http::field::content_type,
                  boost::string_view{page.content_type.data(), page.content_type.size()});
    response_.set(beast::http::field::cache_control, "no-store");
    if (page.status == 405) response_.set(beast::http::field::allow, "GET, HEAD");
    response_.content_length(page.body.size());
    if (!head) response_.body() = std::move(page.body);
    write();
  }

  void write() {
    beast::http::async_write(
        stream_, response_,
        beast::bind_front_handler(&Session::on_written, this->shared_from_this()));
  }

  void on_written(const error_code& error, std::size_t /*size*/) {
    if (!error && response_.keep_alive()) return read();
    error_code ignored;
    static_cast<void>(stream_.socket().shutdown(tcp::socket::shutdown_send, ignored));
  }

  beast::tcp_stream stream_;
  std::shared_ptr<State> server_;
  beast::flat_buffer buffer_;
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
  beast::http::response<beast::http::string_body> response_;
};

}  // namespace

void AdminServer::State::accept() {
  if (accepting || ended || connections >= kConnectionsMax) return;
  accepting = true;
  acceptor.async_accept([self = shared_from_this()](const error_code& error, tcp::socket socket) {
    self->accepting = false;
    if (self->ended) return;
    if (!error) std::make_shared<Session<State>>(std::move(socket), self)->read();
    self->accept();
  });
}

AdminServer::AdminServer(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

Result<std::unique_ptr<AdminServer>> AdminServer::start(asio::io_context& context,
                                                        const net::Address& address,
                                                        Handler handler) {
  Result<std::vector<net::Fd>> sockets = net::listen(address);
  if (!sockets) return std::unexpected(sockets.error());
  auto state = std::make_shared<State>(context, std::move(handler));
  state->address = net::Address::of_socket(sockets->front().get());
  error_code error;
  static_cast<void>(state->acceptor.assign(address.family() == AF_INET6 ? tcp::v6() : tcp::v4(),
                                           sockets->front().release(), error));
  if (error) return failed(Errc::kIo, address.to_text(), error.message());
  state->accept();
  return std::unique_ptr<AdminServer>{new AdminServer(std::move(state))};
}

AdminServer::~AdminServer() {
  state_->ended = true;
  error_code ignored;
  static_cast<void>(state_->acceptor.close(ignored));
}

const net::Address& AdminServer::address() const noexcept { return state_->address; }

}  // namespace headgate::gateway
