// Turns finished requests into lines of the access log and into events, on a thread of its own: no
// worker waits for a disk or formats a line.
//
// Workers gather records in batches and hand them over some 50 ms after the first. What waits here
// is bounded; beyond the bound a batch is dropped, counted and shown. A log file that cannot be
// written (a full disk) costs its lines, which are counted and shown, and nothing else: traffic
// goes on, and so does the log once there is room.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/gateway/counters.hpp"
#include "headgate/gateway/record.hpp"
#include "headgate/gateway/snapshot.hpp"
#include "headgate/gateway/stores.hpp"
#include "headgate/net/fd.hpp"

namespace headgate::gateway {

class Recorder {
 public:
  static constexpr std::size_t kWaitingBytesMax = 64U << 20;

  /// Opens the access log if the config has one, and starts. `snapshot` and `stores` outlive this.
  /// Fails with kIo if the file cannot be opened; `where` names it.
  [[nodiscard]] static Result<std::unique_ptr<Recorder>> start(const Snapshot& snapshot,
                                                               Stores& stores);
  /// Writes what it was given, then ends its thread.
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  /// Takes the batch's records and leaves it empty. Thread-safe; never waits for the disk.
  void take(Batch& batch);

  /// Returns when all records taken before the call are written and their events handed to the
  /// stores.
  void flush();

  /// Whether anybody wants the records of a route (or of requests without one, Record::kNone).
  [[nodiscard]] bool wants(std::uint32_t route) const noexcept {
    return log_.open() || (route != Record::kNone && publishes_[route]);
  }

  /// The wall clock's time, since 1970, of a point on the timeline. Thread-safe.
  [[nodiscard]] Duration wall_time(TimePoint at) const noexcept {
    return at.time_since_epoch() + Duration{wall_offset_ns_.load(std::memory_order_relaxed)};
  }
  /// An id that no other request of any gateway has had. Thread-safe.
  [[nodiscard]] std::string event_id(std::uint16_t worker, std::uint64_t request) const;

  struct Figures {
    std::uint64_t lines = 0;             ///< written to the access log
    std::uint64_t lines_lost = 0;        ///< the file did not take them
    std::uint64_t records_lost = 0;      ///< came when too much was waiting
    std::uint64_t events_published = 0;  ///< answered for by their store
    std::uint64_t events_lost = 0;       ///< refused by it
  };
  /// Thread-safe.
  [[nodiscard]] Figures figures() const;

 private:
  /// Counted on the threads of the stores, which may answer after the recorder is gone.
  struct EventCounters {
    std::atomic<std::uint64_t> published{0};
    std::atomic<std::uint64_t> lost{0};
  };

  Recorder(const Snapshot& snapshot, Stores& stores, net::Fd log);

  void run();
  void write(const Batch& batch);
  void write_lines(std::string_view lines, std::uint64_t count);
  void publish(const Record& record, std::string_view path);

  const Snapshot& snapshot_;
  Stores& stores_;
  net::Fd log_;
  std::vector<bool> publishes_;                  // by route
  std::string run_id_;                           // makes event ids unique over restarts
  std::atomic<std::int64_t> wall_offset_ns_{0};  // the wall clock's time minus the timeline's
  std::string lines_buffer_;
  bool log_failing_ = false;
  Counter lines_;
  Counter lines_lost_;
  std::shared_ptr<EventCounters> events_ = std::make_shared<EventCounters>();

  mutable std::mutex mutex_;
  std::condition_variable work_;  // there is a batch, or the end
  std::condition_variable idle_;  // all taken batches are written
  std::vector<Batch> waiting_;    // from here on: guarded by mutex_
  std::vector<Batch> spare_;      // written ones, for their memory
  std::size_t waiting_bytes_ = 0;
  std::uint64_t records_lost_ = 0;
  bool writing_ = false;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace headgate::gateway
