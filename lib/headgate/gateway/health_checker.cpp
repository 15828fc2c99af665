#include "headgate/gateway/health_checker.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <cstring>
#include <optional>
#include <utility>

namespace headgate::gateway {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;
using boost::system::error_code;

constexpr std::uint32_t kAnswerHeadMax = 8192;

tcp::endpoint endpoint_of(const net::Address& address) {
  tcp::endpoint endpoint;
  std::memcpy(endpoint.data(), address.data(), address.size());
  endpoint.resize(address.size());
  return endpoint;
}

}  // namespace

bool HealthState::record(bool passed) noexcept {
  if (passed == healthy_) {
    against_ = 0;
    return false;
  }
  if (++against_ < (healthy_ ? unhealthy_after_ : healthy_after_)) return false;
  against_ = 0;
  healthy_ = passed;
  return true;
}

/// (wait, connect, write, read the head)*. Every step before the wait is under one deadline.
class HealthChecker::Probe : public std::enable_shared_from_this<Probe> {
 public:
  Probe(asio::io_context& context, Options options, Report report)
      : options_(std::move(options)),
        report_(std::move(report)),
        state_(options_.config),
        endpoint_(endpoint_of(options_.address)),
        timer_(context),
        context_(context) {
    request_.version(11);
    request_.method(beast::http::verb::get);
    request_.target(options_.config.path);
    request_.set(beast::http::field::host, options_.authority);
    request_.set(beast::http::field::user_agent, "headgate-health");
    request_.set(beast::http::field::connection, "close");
  }

  void wait(Duration time) {
    timer_.expires_after(time);
    timer_.async_wait(beast::bind_front_handler(&Probe::check, shared_from_this()));
  }

  [[nodiscard]] Duration first_after() const noexcept { return options_.first_after; }

  void end() {
    ended_ = true;
    timer_.cancel();
    if (stream_) stream_->close();
  }

 private:
  void check(const error_code& error) {
    if (error || ended_) return;
    stream_.emplace(context_);
    stream_->expires_after(options_.config.timeout);
    stream_->async_connect(endpoint_,
                           beast::bind_front_handler(&Probe::on_connected, shared_from_this()));
  }

  void on_connected(const error_code& error) {
    if (error || ended_ || !stream_) return finish(false);
    beast::http::async_write(*stream_, request_,
                             beast::bind_front_handler(&Probe::on_written, shared_from_this()));
  }

  void on_written(const error_code& error, std::size_t /*size*/) {
    if (error || ended_ || !stream_) return finish(false);
    buffer_.clear();
    parser_.emplace();
    parser_->header_limit(kAnswerHeadMax);
    beast::http::async_read_header(*stream_, buffer_, *parser_,
                                   beast::bind_front_handler(&Probe::on_read, shared_from_this()));
  }

  void on_read(const error_code& error, std::size_t /*size*/) {
    if (error || ended_ || !parser_) return finish(false);
    const unsigned status = parser_->get().result_int();
    finish(status >= 200 && status < 300);
  }

  void finish(bool passed) {
    if (ended_) return;
    stream_.reset();
    if (state_.record(passed)) report_(state_.is_healthy());
    wait(options_.config.every);
  }

  Options options_;
  Report report_;
  HealthState state_;
  tcp::endpoint endpoint_;
  asio::steady_timer timer_;
  asio::io_context& context_;
  beast::http::request<beast::http::empty_body> request_;
  std::optional<beast::tcp_stream> stream_;  // of the check under way
  beast::flat_buffer buffer_;
  std::optional<beast::http::response_parser<beast::http::empty_body>> parser_;
  bool ended_ = false;
};

HealthChecker::HealthChecker(asio::io_context& context, Options options, Report report)
    : probe_(std::make_shared<Probe>(context, std::move(options), std::move(report))) {
  probe_->wait(probe_->first_after());
}

HealthChecker::~HealthChecker() { probe_->end(); }

}  // namespace headgate::gateway
