#include "headgate/gateway/upstream.hpp"

#include <algorithm>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/gateway/exchange.hpp"

namespace headgate::gateway {

UpstreamConnection::UpstreamConnection(net::EventLoop& loop, UpstreamPool& pool)
    : stream(loop, *this),
      pool_(pool),
      idle_(net::callback<&UpstreamConnection::on_idle_over>(this)) {}

void UpstreamConnection::on_connected(net::Stream& /*of*/) {
  if (user_ != nullptr) user_->on_upstream_connected();
}

void UpstreamConnection::on_input(net::Stream& /*from*/) {
  if (user_ != nullptr) return user_->on_upstream_input();
  pool_.remove_idle(*this);
  stream.close();
}

void UpstreamConnection::on_drained(net::Stream& /*to*/) {
  if (user_ != nullptr) user_->on_upstream_drained();
}

void UpstreamConnection::on_closed(net::Stream& /*which*/, net::CloseReason reason) {
  if (user_ == nullptr) pool_.remove_idle(*this);
  pool_.closed(*this);
  if (Exchange* user = std::exchange(user_, nullptr)) user->on_upstream_closed(reason);
}

void UpstreamConnection::on_idle_over(TimePoint /*now*/) noexcept {
  if (user_ != nullptr) return;
  pool_.remove_idle(*this);
  stream.close();
}

UpstreamPool::UpstreamPool(net::EventLoop& loop, const Snapshot& snapshot, WorkerCounters& counters)
    : loop_(loop), counters_(counters), idle_(snapshot.target_count()) {}

UpstreamConnection& UpstreamPool::take(const Service& service, const ServiceTarget& target,
                                       Exchange& user, Take take) {
  std::vector<UpstreamConnection*>& idle = idle_[target.number];
  while (take == Take::kIdleFirst && !idle.empty()) {
    UpstreamConnection& connection = *idle.back();
    idle.pop_back();
    connection.idle_.cancel();
    // The peer's end may have been seen in this very batch, its input not yet.
    if (!connection.stream.usable() || connection.stream.input_ended()) {
      connection.stream.close();
      continue;
    }
    connection.user_ = &user;
    connection.parser.reset();
    return connection;
  }
  if (free_.empty()) {
    all_.push_back(std::make_unique<UpstreamConnection>(loop_, *this));
    free_.push_back(all_.back().get());
  }
  UpstreamConnection& connection = *free_.back();
  free_.pop_back();
  connection.user_ = &user;
  connection.service_ = &service;
  connection.target_ = target.number;
  connection.served_ = 0;
  connection.parser.reset();
  counters_.targets[target.number].connects.add();
  counters_.upstream_connections_open.add();
  connection.stream.connect(target.address);
  return connection;
}

void UpstreamPool::give_back(UpstreamConnection& connection) {
  const config::PoolConfig& limits = connection.service_->config().pool;
  std::vector<UpstreamConnection*>& idle = idle_[connection.target_];
  connection.user_ = nullptr;
  ++connection.served_;
  if (idle.size() >= limits.idle_max) return connection.stream.close();
  idle.push_back(&connection);
  loop_.deadlines().arm(connection.idle_, loop_.now() + limits.idle_timeout);
}

void UpstreamPool::discard(UpstreamConnection& connection) {
  connection.user_ = nullptr;
  connection.stream.close();
}

void UpstreamPool::close_idle() {
  for (std::vector<UpstreamConnection*>& idle : idle_) {
    for (UpstreamConnection* connection : idle) connection->stream.close();
    idle.clear();
  }
}

void UpstreamPool::remove_idle(UpstreamConnection& connection) {
  std::erase(idle_[connection.target_], &connection);
}

void UpstreamPool::closed(UpstreamConnection& connection) {
  connection.idle_.cancel();
  counters_.upstream_connections_open.subtract();
  free_.push_back(&connection);
}

}  // namespace headgate::gateway
