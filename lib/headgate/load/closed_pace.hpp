// Closed loop: every client thinks, sends, waits for the answer, and again. A client that thinks
// not at all sends its next request the moment the answer is there. The load is what the answers
// make of it: a slow target is asked less, so this measures capacity, not what users would see.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "headgate/core/random.hpp"
#include "headgate/load/pace.hpp"
#include "headgate/net/event_loop.hpp"

namespace headgate::load {

class ClosedPace final : public Pace {
 public:
  using Clients = std::vector<std::unique_ptr<Client>>;

  /// All that is given outlives this.
  ClosedPace(net::EventLoop& loop, const Job& job, std::uint32_t thread, Recorder& recorder,
             const Clients& clients);

  void begin(TimePoint start, TimePoint end) override;
  void free(Client& client, TimePoint now) override;
  void stop() override;
  void give_up(TimePoint /*now*/) override {}
  [[nodiscard]] bool finished() const noexcept override { return stopped_ || taken_ == quota_; }

 private:
  /// A client and the end of its thinking.
  class Thinker {
   public:
    Thinker(ClosedPace& pace, net::EventLoop& loop, Client& client, Random random);
    void think(const arrival::Distribution* time, TimePoint since);
    void stop() noexcept { timer_.cancel(); }

   private:
    void on_due(TimePoint now) noexcept;

    ClosedPace& pace_;
    Client& client_;
    Random random_;
    net::Timer timer_;
    TimePoint due_{};
  };

  void send(Client& client, TimePoint due, TimePoint free_since);

  const Job& job_;
  std::uint32_t thread_;
  Recorder& recorder_;
  std::vector<std::unique_ptr<Thinker>> thinkers_;  // by client
  std::uint64_t taken_ = 0;                         // requests of this thread so far
  std::uint64_t quota_;                             // at most
  TimePoint end_{};
  bool stopped_ = false;
};

}  // namespace headgate::load
