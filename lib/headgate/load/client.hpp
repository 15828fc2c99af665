// One client of a run: it takes one request at a time, has a connection to each target it was sent
// to, gives up at the timeout, and pauses after a broken connection so that a dead target is not
// hammered.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "headgate/load/backlog.hpp"
#include "headgate/load/exchange.hpp"
#include "headgate/load/job.hpp"
#include "headgate/load/recorder.hpp"

namespace headgate::load {

class Client;

/// Who gives clients their work.
class ClientOwner {
 public:
  /// A connection opened ahead of the run stands, or `failure` says why not.
  virtual void on_opened(std::optional<Failure> failure) = 0;
  /// The client is free since `now`. Not called for a request that was cut off.
  virtual void on_free(Client& client, TimePoint now) = 0;

 protected:
  ~ClientOwner() = default;
};

/// After the first broken connection in a row, and at most; doubled in between.
inline constexpr Duration kPauseMin = std::chrono::milliseconds{10};
inline constexpr Duration kPauseMax = std::chrono::milliseconds{160};

class Client final {
 public:
  /// All that is given outlives this. `index` is its place with the owner.
  Client(net::EventLoop& loop, const Job& job, Recorder& recorder, ClientOwner& owner,
         std::size_t index);
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Connects to every target; on_opened follows for each.
  void open();
  /// Sends the request, or as soon as the connection to its target stands. Requires: free.
  void take(const Due& due, TimePoint free_since);
  /// Records the request under way as in flight, or as not sent, and drops it.
  void cut(TimePoint now);
  [[nodiscard]] std::size_t index() const noexcept { return index_; }

 private:
  /// The exchange with one target, and which it is.
  class Line final : public ExchangeHandler {
   public:
    Line(Client& client, std::uint32_t target);
    std::unique_ptr<Exchange> exchange;

   private:
    void on_open(TimePoint now, const Opening& opening) override {
      client_.recorder_.connected(opening.connect, opening.tls);
      client_.opened(now, std::nullopt);
    }
    void on_open_failed(TimePoint now, Failure failure) override { client_.opened(now, failure); }
    void on_sent(Slot /*slot*/, TimePoint now) override { client_.sent(now); }
    void on_answer(Slot /*slot*/, TimePoint now, const Answer& answer) override {
      client_.answered(now, answer);
    }
    void on_failure(Slot /*slot*/, TimePoint now, const Fault& fault) override {
      client_.failed(now, fault);
    }
    void on_bytes(std::size_t received) override {
      client_.recorder_.received(received, client_.loop_.now());
    }

    Client& client_;
  };

  void opened(TimePoint now, std::optional<Failure> failure);
  void sent(TimePoint now);
  void answered(TimePoint now, const Answer& answer);
  void failed(TimePoint now, const Fault& fault);
  void settle() noexcept;
  void on_timeout(TimePoint now) noexcept;
  void on_pause_over(TimePoint now) noexcept;

  net::EventLoop& loop_;
  const Job& job_;
  Recorder& recorder_;
  ClientOwner& owner_;
  std::size_t index_;
  std::vector<std::unique_ptr<Line>> lines_;  // by target
  net::Deadline timeout_;
  net::Deadline pause_;
  Flight flight_;              // the request under way, while busy_
  TimePoint able_{};           // since when it could be sent
  std::uint32_t broken_ = 0;   // connections that broke in a row
  std::uint32_t opening_ = 0;  // connections that `open` has not heard of
  bool busy_ = false;
};

}  // namespace headgate::load
