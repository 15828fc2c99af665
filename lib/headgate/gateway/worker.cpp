#include "headgate/gateway/worker.hpp"

#include <utility>

#include "headgate/core/check.hpp"

namespace headgate::gateway {

Worker::Worker(const Snapshot& snapshot, const Stores& stores, Recorder& recorder,
               std::uint16_t index, ConnectionCount& connections)
    : context_(snapshot, stores, recorder, index),
      connections_(connections),
      drain_over_(net::callback<&Worker::on_drain_over>(this)) {}

Worker::~Worker() { HG_ASSERT(!thread_.joinable()); }

void Worker::start(std::vector<net::Fd> sockets, std::move_only_function<void()> ended) {
  net::AcceptHandler& handler = *this;
  for (net::Fd& socket : sockets) {
    listeners_.push_back(
        std::make_unique<net::Listener>(context_.loop, std::move(socket), handler));
  }
  thread_ = std::thread{[this, done = std::move(ended)]() mutable {
    context_.loop.run();
    context_.records.flush();
    done();
  }};
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::on_accept(net::Fd connection, const net::Address& peer) {
  context_.counters.client_connections.add();
  if (connections_.fetch_add(1, std::memory_order_relaxed) >=
      context_.snapshot.config().limits.connections) {
    connections_.fetch_sub(1, std::memory_order_relaxed);
    context_.counters.client_connections_refused.add();
    return;  // closed by its owner's end
  }
  if (free_.empty()) {
    ClientOwner& owner = *this;
    clients_.push_back(std::make_unique<ClientConnection>(context_, owner));
    free_.push_back(clients_.back().get());
  }
  ClientConnection& client = *free_.back();
  free_.pop_back();
  context_.counters.client_connections_open.add();
  client.open(std::move(connection), peer);
}

void Worker::on_client_closed(ClientConnection& client) {
  connections_.fetch_sub(1, std::memory_order_relaxed);
  context_.counters.client_connections_open.subtract();
  free_.push_back(&client);
  end_if_drained();
}

void Worker::drain() {
  context_.mailbox.post([this] { begin_drain(); });
}

void Worker::begin_drain() {
  if (context_.draining) return;
  context_.draining = true;
  // Connections that the kernel has already made would be reset with the socket.
  for (const auto& listener : listeners_) listener->accept_waiting();
  listeners_.clear();
  context_.upstreams.close_idle();
  for (const auto& client : clients_) client->drain();
  context_.loop.deadlines().arm(
      drain_over_, context_.loop.now() + context_.snapshot.config().limits.drain_timeout);
  end_if_drained();
}

void Worker::on_drain_over(TimePoint /*now*/) noexcept {
  for (const auto& client : clients_) {
    if (client->is_open()) client->close();
  }
}

void Worker::end_if_drained() {
  if (!context_.draining || free_.size() != clients_.size()) return;
  context_.shared.end();
  context_.loop.stop();
}

}  // namespace headgate::gateway
