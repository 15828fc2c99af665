#include "headgate/gateway/gateway.hpp"

#include <algorithm>
#include <cstdio>
#include <random>
#include <thread>
#include <utility>

#include "headgate/net/listener.hpp"

namespace headgate::gateway {
namespace {

constexpr Duration kFlushTimeout = std::chrono::seconds{10};

/// Unpredictable, so that nobody can choose addresses that share a slot of a limiter's table.
std::uint64_t random_seed() {
  std::random_device entropy;
  return (std::uint64_t{entropy()} << 32) | entropy();
}

std::size_t worker_count(const config::GatewayConfig& config) {
  if (config.workers > 0) return config.workers;
  return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

Result<std::unique_ptr<Gateway>> Gateway::start(config::GatewayConfig config,
                                                const std::function<void()>& worker_ended) {
  std::unique_ptr<Gateway> gateway{new Gateway};
  auto snapshot = Snapshot::make(std::move(config), random_seed());
  if (!snapshot) return std::unexpected(snapshot.error());
  gateway->snapshot_ = *std::move(snapshot);
  auto stores = Stores::open(gateway->snapshot_->config());
  if (!stores) return std::unexpected(stores.error());
  gateway->stores_ = *std::move(stores);
  if (const std::string& remarks = gateway->stores_->remarks(); !remarks.empty()) {
    std::fputs(remarks.c_str(), stderr);
  }
  auto recorder = Recorder::start(*gateway->snapshot_, *gateway->stores_);
  if (!recorder) return std::unexpected(recorder.error());
  gateway->recorder_ = *std::move(recorder);
  if (auto started = gateway->listen_and_start(worker_ended); !started) {
    return std::unexpected(started.error());
  }
  return gateway;
}

Result<void> Gateway::listen_and_start(const std::function<void()>& worker_ended) {
  const config::GatewayConfig& config = snapshot_->config();
  const std::size_t count = worker_count(config);
  std::vector<std::vector<net::Fd>> sockets(count);  // of each worker
  for (const config::ListenerConfig& listener : config.listeners) {
    const Result<net::Address> address =
        net::Address::resolve(listener.bind.host, listener.bind.port);
    if (!address) return std::unexpected(address.error());
    Result<std::vector<net::Fd>> group = net::listen(*address, count);
    if (!group) return std::unexpected(group.error());
    listeners_.emplace_back(listener.name, net::Address::of_socket(group->front().get()));
    for (std::size_t i = 0; i < count; ++i) sockets[i].push_back(std::move((*group)[i]));
  }
  // Threads start when nothing can fail any more.
  for (std::size_t i = 0; i < count; ++i) {
    workers_.push_back(std::make_unique<Worker>(*snapshot_, *stores_, *recorder_,
                                                static_cast<std::uint16_t>(i), connections_));
  }
  for (std::size_t i = 0; i < count; ++i) workers_[i]->start(std::move(sockets[i]), worker_ended);
  return {};
}

Gateway::~Gateway() {
  for (const auto& worker : workers_) worker->join();
}

void Gateway::drain() {
  draining_ = true;
  for (const auto& worker : workers_) worker->drain();
}

Result<void> Gateway::wait() {
  for (const auto& worker : workers_) worker->join();
  recorder_->flush();
  return stores_->flush(kFlushTimeout);
}

}  // namespace headgate::gateway
