#include "headgate/gateway/control.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <memory>
#include <utility>
#include <vector>

#include "headgate/gateway/admin_server.hpp"
#include "headgate/gateway/gateway.hpp"
#include "headgate/gateway/health_checker.hpp"
#include "headgate/net/event_loop.hpp"

namespace headgate::gateway {
namespace {

namespace asio = boost::asio;

class Control {
 public:
  Result<void> start(config::GatewayConfig config);
  [[nodiscard]] std::string ready_line() const;
  Result<void> run();

 private:
  void start_checks();
  void await_signal();
  void on_signal(int number);

  asio::io_context context_{1};
  asio::signal_set signals_{context_, SIGTERM, SIGINT};
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<AdminServer> admin_;
  std::vector<std::unique_ptr<HealthChecker>> checkers_;
  std::size_t workers_left_ = 0;
};

Result<void> Control::start(config::GatewayConfig config) {
  // The admin port is taken first: when a gateway has started its workers, nothing can fail it.
  if (config.admin) {
    const auto address = net::Address::resolve(config.admin->host, config.admin->port);
    if (!address) return std::unexpected(address.error());
    auto admin = AdminServer::start(
        context_, *address, [this](std::string_view path) { return admin_page(*gateway_, path); });
    if (!admin) return std::unexpected(admin.error());
    admin_ = *std::move(admin);
  }
  auto gateway = Gateway::start(std::move(config), [this] {
    asio::post(context_, [this] {
      if (--workers_left_ == 0) context_.stop();
    });
  });
  if (!gateway) return std::unexpected(gateway.error());
  gateway_ = *std::move(gateway);
  workers_left_ = gateway_->workers().size();
  start_checks();
  return {};
}

void Control::start_checks() {
  for (const auto& service : gateway_->snapshot().services()) {
    const std::optional<config::HealthConfig>& health = service->config().health;
    if (!health) continue;
    const auto& targets = service->targets();
    for (std::size_t i = 0; i < targets.size(); ++i) {
      HealthChecker::Options options{.config = *health,
                                     .address = targets[i].address,
                                     .authority = targets[i].authority,
                                     .first_after = health->every * static_cast<Duration::rep>(i) /
                                                    static_cast<Duration::rep>(targets.size())};
      checkers_.push_back(std::make_unique<HealthChecker>(
          context_, std::move(options), [&service = *service, i](bool healthy) {
            service.set_healthy(i, healthy, net::EventLoop::fresh_now());
          }));
    }
  }
}

std::string Control::ready_line() const {
  std::string line = "ready";
  for (const auto& [name, address] : gateway_->listeners()) {
    line += " " + name + "=" + address.to_text();
  }
  if (admin_) line += " admin=" + admin_->address().to_text();
  return line;
}

void Control::await_signal() {
  signals_.async_wait([this](const boost::system::error_code& error, int number) {
    if (!error) on_signal(number);
  });
}

void Control::on_signal(int number) {
  if (gateway_->draining()) {
    std::signal(number, SIG_DFL);
    std::raise(number);
    return;
  }
  gateway_->drain();
  await_signal();
}

Result<void> Control::run() {
  await_signal();
  context_.run();  // until the last worker has ended
  return gateway_->wait();
}

}  // namespace

Result<void> run(config::GatewayConfig config,
                 const std::function<void(const std::string&)>& ready) {
  Control control;
  if (auto started = control.start(std::move(config)); !started) return started;
  ready(control.ready_line());
  return control.run();
}

}  // namespace headgate::gateway
