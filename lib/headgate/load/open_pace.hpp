// Open loop: requests fall due by the agenda, whatever became of those before. Any free client
// takes the next one, the one that has been free longest first, so that all connections are used
// alike; a request that finds none free waits in the backlog.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "headgate/load/agenda.hpp"
#include "headgate/load/backlog.hpp"
#include "headgate/load/pace.hpp"
#include "headgate/net/event_loop.hpp"

namespace headgate::load {

class OpenPace final : public Pace {
 public:
  using Clients = std::vector<std::unique_ptr<Client>>;

  /// All that is given outlives this.
  OpenPace(net::EventLoop& loop, const Job& job, std::uint32_t thread, Recorder& recorder,
           Clients& clients);

  void begin(TimePoint start, TimePoint end) override;
  void free(Client& client, TimePoint now) override;
  void stop() override;
  void give_up(TimePoint now) override;
  [[nodiscard]] bool finished() const noexcept override { return !agenda_ || agenda_->finished(); }
  [[nodiscard]] std::uint64_t overdue() const noexcept override { return overdue_; }

 private:
  struct Free {
    Client* client;
    TimePoint since;
  };

  void on_due(TimePoint now) noexcept;
  void on_expiry(TimePoint now) noexcept;
  void dispatch(const Due& due, TimePoint now);
  void watch_backlog();

  net::EventLoop& loop_;
  const Job& job_;
  std::uint32_t thread_;
  Recorder& recorder_;
  Clients& clients_;
  std::unique_ptr<Agenda> agenda_;  // null before the run and after its end
  Backlog backlog_;
  std::deque<Free> free_;
  TimePoint end_{};
  std::uint64_t overdue_ = 0;
  net::Timer due_;        // at the next intended time
  net::Deadline expiry_;  // at the timeout of the oldest in the backlog
};

/// How long before a request is due a thread stops sleeping and polls: at most 50 us, at most a
/// tenth of its mean gap, so that it costs at most a tenth of a core; not at all if the threads
/// would leave no core to the target. The job may ask for always, up to a second, or never.
[[nodiscard]] Duration spin_of(const Job& job, std::uint32_t cores) noexcept;

}  // namespace headgate::load
