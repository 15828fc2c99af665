// One client of a run: it takes one request at a time, has a slot on a connection to each target,
// gives up at the timeout, and pauses after a broken connection so that a dead target is not
// hammered. It remembers what was captured from its answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "headgate/load/answer_check.hpp"
#include "headgate/load/backlog.hpp"
#include "headgate/load/connection.hpp"
#include "headgate/load/job.hpp"
#include "headgate/load/recorder.hpp"

namespace headgate::load {

class Client;

/// Who gives clients their work.
class ClientOwner {
 public:
  /// The client has made the requests that come before the run, or `failure` says which of them
  /// went wrong and how.
  virtual void on_prepared(std::optional<std::string> failure) = 0;
  /// The client is free since `now`. Not called for a request that was cut off.
  virtual void on_free(Client& client, TimePoint now) = 0;

 protected:
  ~ClientOwner() = default;
};

/// After the first broken connection in a row, and at most; doubled in between.
inline constexpr Duration kPauseMin = std::chrono::milliseconds{10};
inline constexpr Duration kPauseMax = std::chrono::milliseconds{160};

/// [prepare] (take | cut)*.
class Client final : public SlotUser {
 public:
  /// All that is given outlives this. `index` is its place with the owner, `place` among all
  /// clients of the run.
  Client(net::EventLoop& loop, const Job& job, Recorder& recorder, ClientOwner& owner,
         Connection& connection, std::size_t index, std::uint64_t place);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Makes the plan's `before` requests, one after the other, unrecorded; on_prepared follows.
  void prepare();
  /// Sends the request, or as soon as the connection to its target stands. Requires: free.
  void take(const Due& due, TimePoint free_since);
  /// Records the request under way as in flight, or as not sent, and drops it.
  void cut(TimePoint now);
  [[nodiscard]] std::size_t index() const noexcept { return index_; }

 private:
  enum class State : std::uint8_t { kFree, kPreparing, kBusy };

  void on_line(TimePoint now) override { able_ = now; }
  void on_sent(TimePoint now) override;
  void on_answer(TimePoint now, const Answer& answer) override;
  void on_failure(TimePoint now, const Fault& fault) override;
  void on_field(std::string_view name, std::string_view value) override {
    kept_.add_field(name, value);
  }
  void on_body(std::string_view piece) override { kept_.add_body(piece); }

  void start(const Choice& choice, std::uint64_t sequence, TimePoint deadline);
  void prepare_next(TimePoint now);
  void prepared(std::string_view what);
  void record(TimePoint now, const Answer& answer);
  void settle() noexcept;
  void on_timeout(TimePoint now) noexcept;
  void on_pause_over(TimePoint now) noexcept;

  net::EventLoop& loop_;
  const Job& job_;
  Recorder& recorder_;
  ClientOwner& owner_;
  Connection& connection_;
  Slot slot_;
  std::size_t index_;
  std::uint64_t place_;
  net::Deadline timeout_;
  net::Deadline pause_;
  Flight flight_;                       // the request under way, unless free
  const AnswerCheck* check_ = nullptr;  // of that request; null: nothing is asked of its answer
  KeptAnswer kept_;
  std::vector<std::string> captured_;  // by index of the job's names
  TimePoint able_{};                   // since when it could be sent
  std::uint32_t broken_ = 0;           // connections that broke in a row
  std::size_t step_ = 0;               // of the `before` requests
  State state_ = State::kFree;
};

}  // namespace headgate::load
