// One thread, one loop, one listening socket per listener: everything that happens to a connection
// happens here, from its first byte to its last.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "headgate/gateway/client.hpp"
#include "headgate/gateway/context.hpp"
#include "headgate/net/fd.hpp"
#include "headgate/net/listener.hpp"

namespace headgate::gateway {

/// Clients connected now, over all workers.
using ConnectionCount = std::atomic<std::uint32_t>;

class Worker final : private net::AcceptHandler, private ClientOwner {
 public:
  /// `connections` outlives the worker.
  Worker(const Snapshot& snapshot, const Stores& stores, Recorder& recorder, std::uint16_t index,
         ConnectionCount& connections);
  /// Requires: join() has returned, if start() was called.
  ~Worker();

  /// Serves `sockets` on a thread of its own. `ended` is called on that thread at its end.
  void start(std::vector<net::Fd> sockets, std::move_only_function<void()> ended);
  /// Accepts no more, lets the requests at work come to their end, for at most
  /// limits.drain_timeout, then ends. Thread-safe.
  void drain();
  void join();

  /// Thread-safe to read.
  [[nodiscard]] const WorkerCounters& counters() const noexcept { return context_.counters; }

 private:
  void on_accept(net::Fd connection, const net::Address& peer) override;
  void on_client_closed(ClientConnection& client) override;
  void begin_drain();
  void on_drain_over(TimePoint now) noexcept;
  void end_if_drained();

  Context context_;
  ConnectionCount& connections_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  std::vector<std::unique_ptr<ClientConnection>> clients_;
  std::vector<ClientConnection*> free_;  // the closed ones
  net::Deadline drain_over_;
  std::thread thread_;
};

}  // namespace headgate::gateway
