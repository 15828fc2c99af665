// A running gateway: the parts in the order in which they start, and in the reverse order in which
// they end, so that nothing that was answered is lost on the way out.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "headgate/config/gateway_config.hpp"
#include "headgate/core/result.hpp"
#include "headgate/gateway/recorder.hpp"
#include "headgate/gateway/snapshot.hpp"
#include "headgate/gateway/stores.hpp"
#include "headgate/gateway/worker.hpp"
#include "headgate/net/address.hpp"

namespace headgate::gateway {

/// `start drain* wait`. One thread at a time, unless said otherwise.
class Gateway {
 public:
  /// Opens stores and listeners and starts the workers. `worker_ended` is called on the thread of
  /// each worker when that has ended.
  /// Fails with the first error: kUnavailable for a port in use, else of a store, a name, the log.
  [[nodiscard]] static Result<std::unique_ptr<Gateway>> start(
      config::GatewayConfig config, const std::function<void()>& worker_ended);
  /// Ends everything. Requires: drained, or never started.
  ~Gateway();
  Gateway(const Gateway&) = delete;
  Gateway& operator=(const Gateway&) = delete;

  /// Accepts no more and lets what is at work end; see Worker::drain.
  void drain();
  [[nodiscard]] bool draining() const noexcept { return draining_; }
  /// Waits for the workers, writes the log and flushes the stores. Requires: drain() was called.
  /// Fails if a store could not be flushed.
  [[nodiscard]] Result<void> wait();

  /// The listeners' names and actual addresses, in the order of the config.
  [[nodiscard]] const std::vector<std::pair<std::string, net::Address>>& listeners()
      const noexcept {
    return listeners_;
  }
  [[nodiscard]] const Snapshot& snapshot() const noexcept { return *snapshot_; }
  [[nodiscard]] const Recorder& recorder() const noexcept { return *recorder_; }
  [[nodiscard]] Stores& stores() noexcept { return *stores_; }
  [[nodiscard]] const std::vector<std::unique_ptr<Worker>>& workers() const noexcept {
    return workers_;
  }

 private:
  Gateway() = default;
  Result<void> listen_and_start(const std::function<void()>& worker_ended);

  std::unique_ptr<Snapshot> snapshot_;
  ConnectionCount connections_{0};
  // Stores answer appends on threads of their own, into the workers' mailboxes: the workers'
  // objects die after the stores. So they are declared first, and made last.
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Stores> stores_;
  std::unique_ptr<Recorder> recorder_;
  std::vector<std::pair<std::string, net::Address>> listeners_;
  bool draining_ = false;
};

}  // namespace headgate::gateway
