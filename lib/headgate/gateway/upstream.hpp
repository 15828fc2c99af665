// Connections to targets, kept open between requests.
//
// Every worker has its own pool: a request never waits for a lock to get a connection. The one
// returned last is taken first, so that under falling load the others grow old and are closed. An
// idle connection that becomes readable is dead or has said something unasked, which could be taken
// for the answer to a request not yet sent; both ways it is closed at once.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "headgate/gateway/counters.hpp"
#include "headgate/gateway/snapshot.hpp"
#include "headgate/http/head_parser.hpp"
#include "headgate/net/event_loop.hpp"
#include "headgate/net/stream.hpp"

namespace headgate::gateway {

class Exchange;
class UpstreamPool;

class UpstreamConnection final : public net::StreamHandler {
 public:
  UpstreamConnection(net::EventLoop& loop, UpstreamPool& pool);

  net::Stream stream;
  http::ResponseParser parser;

  /// It has served a request before the current one.
  [[nodiscard]] bool reused() const noexcept { return served_ > 0; }

 private:
  friend class UpstreamPool;

  void on_connected(net::Stream& of) override;
  void on_input(net::Stream& from) override;
  void on_drained(net::Stream& to) override;
  void on_closed(net::Stream& which, net::CloseReason reason) override;
  void on_idle_over(TimePoint now) noexcept;

  UpstreamPool& pool_;
  const Service* service_ = nullptr;
  std::size_t target_ = 0;    // number over all services
  Exchange* user_ = nullptr;  // null: idle, or on its way out
  std::uint64_t served_ = 0;  // whole exchanges
  net::Deadline idle_;
};

class UpstreamPool {
 public:
  UpstreamPool(net::EventLoop& loop, const Snapshot& snapshot, WorkerCounters& counters);

  enum class Take { kIdleFirst, kNew };
  /// A connection to the target for the use of `user`: an idle one if there is and `take` allows
  /// it, else a new one that is connecting. `user` hears of all that happens to it until it is
  /// given back or discarded.
  [[nodiscard]] UpstreamConnection& take(const Service& service, const ServiceTarget& target,
                                         Exchange& user, Take take);
  /// The exchange is over and the connection as good as new. It becomes idle, or is closed if there
  /// are idle ones enough.
  void give_back(UpstreamConnection& connection);
  /// Closes a connection that can serve no more; its user hears nothing of it.
  void discard(UpstreamConnection& connection);
  /// Closes all that are idle.
  void close_idle();

 private:
  friend class UpstreamConnection;
  void remove_idle(UpstreamConnection& connection);
  void closed(UpstreamConnection& connection);

  net::EventLoop& loop_;
  WorkerCounters& counters_;
  std::vector<std::vector<UpstreamConnection*>> idle_;  // by target; the last one first
  std::vector<std::unique_ptr<UpstreamConnection>> all_;
  std::vector<UpstreamConnection*> free_;  // closed ones, to be used anew
};

}  // namespace headgate::gateway
