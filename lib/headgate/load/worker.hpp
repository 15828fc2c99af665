// One thread of a run: an event loop, its clients, and the pace by which they get requests. The run
// has an end, after which nothing falls due, and what is due or under way has `kDrain` to finish.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "headgate/load/client.hpp"
#include "headgate/load/job.hpp"
#include "headgate/load/pace.hpp"
#include "headgate/load/recorder.hpp"
#include "headgate/net/event_loop.hpp"
#include "headgate/net/mailbox.hpp"

namespace headgate::load {

/// What is due or under way at the end of the schedule may take this long, or the timeout if that
/// is shorter; then it is in flight, or not sent.
inline constexpr Duration kDrain = std::chrono::seconds{1};

/// How the connections of a thread came up.
struct Opened {
  std::size_t standing = 0;
  std::optional<Failure> failure;  ///< of the last that did not; nothing: none failed, or not yet
  std::optional<std::string> unprepared;  ///< what went wrong before the run with the last client
                                          ///< with which it did
};

/// What one thread has to say at its end.
struct WorkerReport {
  Tally tally;
  std::uint64_t overdue = 0;  ///< see Evidence
  double cpu_share = 0;       ///< of a core, over the run
};

/// connect run. One thread calls both; the other members are for any thread.
class Worker final : public ClientOwner, public OpeningWatcher {
 public:
  /// `job` outlives this. `thread` is 0 to job.threads - 1.
  Worker(const Job& job, std::uint32_t thread, Duration spin);
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;
  ~Worker() = default;

  /// Opens all connections, for at most `limit`, then makes each client's requests that come before
  /// the run.
  Opened connect(Duration limit);
  /// Sends and receives until all is settled; the schedule counts from `start`.
  WorkerReport run(TimePoint start);

  /// Ends the run at once: what is under way is in flight, what waits is not sent.
  void interrupt();
  /// `take` gets what there is from second `first` on, on the worker's thread between two turns:
  /// what happens there costs nothing while nobody asks. It is not called if the run ends before.
  void observe(std::size_t first, std::function<void(const Progress&)> take);
  /// Responses, and requests given up, so far.
  [[nodiscard]] std::uint64_t settled() const noexcept {
    return settled_.load(std::memory_order_relaxed);
  }

 private:
  void on_opened(std::optional<Failure> failure) override;
  void on_prepared(std::optional<std::string> failure) override;
  void prepare();
  void on_free(Client& client, TimePoint now) override;
  void on_end(TimePoint now) noexcept;
  void on_drained(TimePoint now) noexcept;
  void stop_if_settled() noexcept;

  const Job& job_;
  net::EventLoop loop_;
  net::Mailbox mailbox_;
  Recorder recorder_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::unique_ptr<Pace> pace_;
  net::Timer end_;
  net::Timer drained_;
  std::size_t opening_ = 0;    // connections not heard of yet
  std::size_t preparing_ = 0;  // clients not heard of yet
  Opened opened_;
  bool interrupted_ = false;
  std::atomic<std::uint64_t> settled_ = 0;  // written by this thread alone
};

}  // namespace headgate::load
