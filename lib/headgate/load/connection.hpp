// What a plan counts as one connection: a line to each target, shared by as many clients as a line
// carries requests at once. With plain HTTP/1.1 that is one client.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "headgate/load/exchange.hpp"
#include "headgate/load/job.hpp"
#include "headgate/load/recorder.hpp"

namespace headgate::load {

/// Who has a slot of a connection, and hears of the requests in it.
class SlotUser {
 public:
  /// A line of the connection stands, `now`: what was started is written next.
  virtual void on_line(TimePoint now) = 0;
  virtual void on_sent(TimePoint now) = 0;
  virtual void on_answer(TimePoint now, const Answer& answer) = 0;
  virtual void on_failure(TimePoint now, const Fault& fault) = 0;
  /// Of an answer whose request keeps it: each field, then the body, piece by piece.
  virtual void on_field(std::string_view name, std::string_view value) = 0;
  virtual void on_body(std::string_view piece) = 0;

 protected:
  ~SlotUser() = default;
};

/// Who hears how the lines come up that `open` asked for.
class OpeningWatcher {
 public:
  /// A connection opened ahead of the run stands, or `failure` says why not.
  virtual void on_opened(std::optional<Failure> failure) = 0;

 protected:
  ~OpeningWatcher() = default;
};

class Connection final {
 public:
  /// All that is given outlives this.
  Connection(net::EventLoop& loop, const Job& job, Recorder& recorder, OpeningWatcher& watcher);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Gives the next slot to `user`. Requires: fewer than job.clients_per_connection() have one.
  Slot add(SlotUser& user);
  /// Connects to every target; on_opened follows for each.
  void open();
  [[nodiscard]] Exchange& line(std::uint32_t target) noexcept;

 private:
  class Line;
  void line_opened(TimePoint now, const Opening& opening);
  void line_failed(Failure failure);

  net::EventLoop& loop_;
  Recorder& recorder_;
  OpeningWatcher& watcher_;
  std::vector<SlotUser*> users_;              // by slot
  std::vector<std::unique_ptr<Line>> lines_;  // by target
  std::uint32_t opening_ = 0;                 // lines that `open` has not heard of
};

}  // namespace headgate::load
