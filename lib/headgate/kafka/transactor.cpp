#include "headgate/kafka/transactor.hpp"

#include <librdkafka/rdkafka.h>

#include <bit>
#include <utility>

namespace headgate::kafka {

using messaging::BatchDone;
using messaging::TopicRecord;
using Offsets = std::vector<std::uint64_t>;

/// A transactional producer: its calls block, so it belongs to one thread; only the delivery
/// reports come on another.
class Transactor::Session {
 public:
  static Result<std::unique_ptr<Session>> make(const ClientOptions& options,
                                               const std::string& id) {
    Settings settings = common_settings(options);
    settings.emplace_back("transactional.id", id);
    settings.emplace_back("transaction.timeout.ms",
                          std::to_string(to_milliseconds(options.message_timeout)));
    settings.emplace_back("message.timeout.ms",
                          std::to_string(to_milliseconds(options.message_timeout)));
    auto handle = make_handle(Role::kProducer, settings);
    if (!handle) return std::unexpected(std::move(handle.error()));
    std::unique_ptr<Session> session{new Session(std::move(*handle), options)};
    if (auto* error = rd_kafka_init_transactions(session->handle_.get(), session->limit_ms_)) {
      return std::unexpected(to_error(error, options.bootstrap));
    }
    return session;
  }

  Result<Offsets> commit(const std::vector<TopicRecord>& batch) {
    if (auto* error = rd_kafka_begin_transaction(handle_.get())) return broken(error);
    {
      const std::scoped_lock lock{mutex_};
      offsets_.assign(batch.size(), 0);
    }
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const int code = produce(handle_.get(), batch[i].topic, batch[i].record, i);
      if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return aborted(to_error(code, batch[i].topic));
    }
    // Waits for every delivery report first, then for the commit itself.
    if (auto* error = rd_kafka_commit_transaction(handle_.get(), limit_ms_)) {
      if (rd_kafka_error_txn_requires_abort(error) == 0) return broken(error);
      return aborted(to_error(error, "kafka"));
    }
    const std::scoped_lock lock{mutex_};
    return offsets_;
  }

  /// False when this producer cannot be used again.
  [[nodiscard]] bool usable() const noexcept { return usable_; }

 private:
  Session(Handle handle, const ClientOptions& options)
      : handle_(std::move(handle)), limit_ms_(to_milliseconds(options.message_timeout)) {
    events_ = std::make_unique<EventThread>(handle_.get(),
                                            [this](rd_kafka_op_s* event) { on_event(event); });
  }

  std::unexpected<Error> broken(rd_kafka_error_t* error) {
    usable_ = false;
    return std::unexpected(to_error(error, "kafka"));
  }

  std::unexpected<Error> aborted(Error why) {
    if (auto* error = rd_kafka_abort_transaction(handle_.get(), limit_ms_)) {
      usable_ = false;
      rd_kafka_error_destroy(error);
    }
    return std::unexpected(std::move(why));
  }

  void on_event(rd_kafka_op_s* event) {
    if (rd_kafka_event_type(event) != RD_KAFKA_EVENT_DR) return;
    const std::scoped_lock lock{mutex_};
    while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
      // A failed delivery makes the commit fail, so only the offsets are of interest here.
      offsets_.at(std::bit_cast<std::uintptr_t>(message->_private)) =
          static_cast<std::uint64_t>(message->offset);
    }
  }

  Handle handle_;
  const int limit_ms_;
  bool usable_ = true;
  std::mutex mutex_;
  Offsets offsets_;  // of the batch under way, guarded by mutex_
  std::unique_ptr<EventThread> events_;
};

Transactor::Transactor(ClientOptions options, std::string id)
    : options_(std::move(options)),
      id_(std::move(id)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Transactor::~Transactor() {
  thread_.request_stop();
  thread_.join();
  for (Waiting& waiting : waiting_) {
    waiting.done(failed(Errc::kUnavailable, "kafka", "the log was closed before the answer came"));
  }
}

void Transactor::append_all(std::vector<TopicRecord> batch, BatchDone done) {
  bool full = false;
  {
    const std::scoped_lock lock{mutex_};
    full = waiting_.size() >= static_cast<std::size_t>(options_.waiting_max);
    if (!full) waiting_.push_back({.batch = std::move(batch), .done = std::exchange(done, {})});
  }
  if (full) return done(failed(Errc::kOverloaded, "kafka", "too many batches wait already"));
  changed_.notify_all();
}

Result<void> Transactor::flush(Duration deadline) {
  std::unique_lock lock{mutex_};
  if (changed_.wait_for(lock, deadline, [this] { return waiting_.empty() && !busy_; })) return {};
  return failed(Errc::kTimeout, "kafka", "batches are still unanswered");
}

void Transactor::run(const std::stop_token& stop) {
  std::unique_lock lock{mutex_};
  while (changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
    Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    busy_ = true;
    lock.unlock();
    next.done(commit(next.batch));
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

Result<Offsets> Transactor::commit(const std::vector<TopicRecord>& batch) {
  if (!session_ || !session_->usable()) {
    session_.reset();  // before its successor, which would be fenced off by it
    auto made = Session::make(options_, id_);
    if (!made) return std::unexpected(std::move(made.error()));
    session_ = std::move(*made);
  }
  return session_->commit(batch);
}

}  // namespace headgate::kafka
