// Appends several records as one: all are seen by readers of committed data, or none is.
//
// One Kafka transaction at a time, on a producer of its own (a transactional producer takes no
// records outside a transaction), on a thread of its own (its calls wait for the cluster). A failed
// transaction is aborted; after a fatal error the producer is made anew for the next batch.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "headgate/kafka/producer.hpp"

namespace headgate::kafka {

/// Thread-safety: every call, from any thread.
class Transactor {
 public:
  /// `id` names the transactional producer; two alive with one name fence each other off.
  Transactor(ClientOptions options, std::string id);
  Transactor(const Transactor&) = delete;
  Transactor& operator=(const Transactor&) = delete;
  /// Fails what waits with kUnavailable, after the transaction under way.
  ~Transactor();

  /// `done` runs on the transactor's thread. Requires: batch is not empty.
  void append_all(std::vector<messaging::TopicRecord> batch, messaging::BatchDone done);

  /// Waits until every batch before the call is answered; kTimeout after `deadline`.
  [[nodiscard]] Result<void> flush(Duration deadline);

 private:
  struct Waiting {
    std::vector<messaging::TopicRecord> batch;
    messaging::BatchDone done;
  };
  class Session;  // one transactional producer

  void run(const std::stop_token& stop);
  Result<std::vector<std::uint64_t>> commit(const std::vector<messaging::TopicRecord>& batch);

  const ClientOptions options_;
  const std::string id_;
  std::unique_ptr<Session> session_;  // of the thread; made by the first batch
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Waiting> waiting_;
  bool busy_ = false;    // a batch is out of waiting_ and not yet answered
  std::jthread thread_;  // last: it uses the others
};

}  // namespace headgate::kafka
