// One replication under way: everything that happens to it, by subject in files of their own:
// clients.cpp (calls and their tries), passage.cpp (a request through its gateway), attempts.cpp
// (an attempt at a target), ailments.cpp (faults and pauses), changes.cpp (the gateways and their
// configs), replication.cpp (the loop and what is measured).
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "headgate/arrival/schedule.hpp"
#include "headgate/core/random.hpp"
#include "headgate/resilience/hedge.hpp"
#include "headgate/resilience/retry.hpp"
#include "headgate/sim/broker_model.hpp"
#include "headgate/sim/bus_model.hpp"
#include "headgate/sim/draws.hpp"
#include "headgate/sim/gateway_model.hpp"
#include "headgate/sim/journey.hpp"
#include "headgate/sim/replication.hpp"
#include "headgate/sim/service_model.hpp"
#include "headgate/sim/service_view.hpp"
#include "headgate/sim/slab.hpp"

namespace headgate::sim {

class Run {
 public:
  /// `recording` may be null.
  Run(const Plan& plan, std::uint64_t seed, const std::atomic<bool>& stop, std::uint32_t sections,
      Recording* recording);
  /// Once. One for each section.
  std::vector<Outcome> outcomes();

 private:
  /// A gateway: its config, its limits, its view of every service.
  struct Gateway {
    const Plan* plan;  // plan_, or one of its changes
    GatewayModel filters;
    std::vector<ServiceView> services;
    std::vector<std::optional<Engine<Event>::Lane>> response_timeouts;  // by service
  };

  /// Nothing for a wait that never ends.
  [[nodiscard]] std::optional<Engine<Event>::Lane> lane_of(Duration timeout);
  [[nodiscard]] TimePoint now() const noexcept { return engine_.now(); }
  Timer after(Duration wait, Kind kind, std::uint32_t index) {
    return engine_.schedule(now() + wait, {kind, index});
  }
  /// The same for a wait that many have: see Engine::lane.
  Timer after(Engine<Event>::Lane lane, Kind kind, std::uint32_t index) {
    return engine_.schedule(lane, {kind, index});
  }
  void handle(const Event& event);

  // Clients.
  void start_arrivals();
  void on_arrival();
  void on_client(std::uint32_t client);
  void think(std::uint32_t client);
  void start_call(std::uint64_t id, std::uint32_t client);
  void send(std::uint32_t call);
  void on_send(std::uint32_t call);
  void on_hedge(std::uint32_t call);
  void on_client_timeout(std::uint32_t request);
  void returned(std::uint32_t request, Answer answer, const resilience::Fault& fault);
  void settle(std::uint32_t call, Answer answer);
  [[nodiscard]] std::uint32_t kind_of(std::uint64_t id) const noexcept;
  [[nodiscard]] bool admit_arrival();

  // The way of a request through its gateway.
  void enter(std::uint32_t request);
  void work_on(std::uint32_t request);
  void on_gateway(std::uint32_t request);
  void pass_filters(std::uint32_t request);
  void reach_service(std::uint32_t request);
  void fan_out(std::uint32_t request);
  void leave(std::uint32_t request, Answer answer, const resilience::Fault& fault);
  void refuse(std::uint32_t request, Answer answer, int status);
  void answered(const Request& request);
  void leg_done(std::uint32_t leg, Answer answer, const resilience::Fault& fault);
  void abandon(std::uint32_t request);
  void break_off_attempts(std::uint32_t request);
  void free_request(std::uint32_t request);

  // Topics and queues.
  void publish(std::uint32_t request);
  void publish_events(const Request& request);
  void on_broker(std::uint32_t event);
  void on_bus(std::uint32_t event);
  void publish_on_bus(const std::string& topic, const Request& request);
  void record_depths();

  // An attempt at a target.
  void attempt(std::uint32_t request);
  void on_arrive(std::uint32_t attempt);
  void serve(std::uint32_t attempt);
  void serve_next(std::uint32_t service, std::uint32_t target);
  [[nodiscard]] bool drops(std::uint32_t attempt, bool last);
  void on_finish(std::uint32_t attempt);
  void on_shared_end(std::uint32_t target_number);
  void schedule_shared(std::uint32_t service, std::uint32_t target);
  void on_patience(std::uint32_t attempt);
  void answer(std::uint32_t attempt, Answer answer, const resilience::Fault& fault = {});
  void on_answer(std::uint32_t attempt);
  void lose(std::uint32_t attempt);
  void note_finished(std::uint32_t attempt);
  void free_attempt(std::uint32_t attempt);
  void give_up(std::uint32_t attempt);
  void conclude(std::uint32_t attempt, bool failed);
  void fail(std::uint32_t attempt, const resilience::Fault& fault, Answer answer);
  [[nodiscard]] Duration way_to(const Attempt& attempt);
  [[nodiscard]] Duration way_back(const Attempt& attempt);

  // The gateways and their configs.
  void start_gateways(const Plan& config);
  void on_change(const Plan& config);
  /// Of the latest config: those that new requests come to.
  [[nodiscard]] bool is_current(std::uint32_t gateway) const noexcept {
    return gateway >= first_gateway_;
  }
  /// What the gateway runs that the request has come to.
  [[nodiscard]] const Plan& config_of(const Request& request) const noexcept {
    return *gateways_[request.gateway].plan;
  }

  // Faults and pauses.
  void start_ailments();
  void begin_fault(const FaultPlan& fault);
  void end_fault(const FaultPlan& fault);
  void take_down(std::uint32_t service, std::uint32_t target);
  void break_off(std::uint32_t attempt);
  void start_checks(std::uint32_t target_number, bool healthy);
  void start_check(std::uint32_t first_gateway, std::uint32_t target_number, bool healthy);
  void on_health(std::uint32_t check, bool healthy);
  void pause(std::uint32_t service, std::uint32_t target);
  void resume(std::uint32_t service, std::uint32_t target);
  void on_pause(std::uint32_t target_number, bool begins);
  [[nodiscard]] std::uint32_t number_of(std::uint32_t service,
                                        std::uint32_t target) const noexcept {
    return first_target_[service] + target;
  }
  [[nodiscard]] std::uint32_t target_count() const noexcept {
    return first_target_.back() + services_.back().size();
  }
  struct Where {
    std::uint32_t service;
    std::uint32_t target;
  };
  [[nodiscard]] Where where_is(std::uint32_t target_number) const noexcept;

  // What is measured.
  void count(const Call& call, Answer answer, Duration response);
  void open_window();
  void close_window();
  [[nodiscard]] bool section_ends() const noexcept;
  void next_section();
  void close_section();
  void start_outcome();
  void end_outcome();
  void snapshot(int sign);
  void check_books();

  [[nodiscard]] ServiceView& view_of(const Attempt& attempt) noexcept {
    return gateways_[attempt.gateway].services[attempt.service];
  }
  [[nodiscard]] TargetModel& target_of(const Attempt& attempt) noexcept {
    return services_[attempt.service].target(attempt.target);
  }

  const Plan& plan_;
  const std::atomic<bool>& stop_;
  Recording* const recording_;  // or null
  const std::uint64_t seed_;
  Engine<Event> engine_;
  // Of the timeouts that are always as long.
  std::optional<Engine<Event>::Lane> client_timeout_;
  std::optional<Engine<Event>::Lane> deadline_;
  Links links_;       // of attempts that wait at targets
  Links core_links_;  // of requests that wait at gateways
  BrokerModel broker_;
  std::optional<BusModel> bus_;      // if the plan has queues or subscribers
  std::vector<Gateway> gateways_;    // as many of every config as there are, the latest last
  std::uint32_t first_gateway_ = 0;  // of the latest config
  std::vector<Station> cores_;  // of every gateway, whatever its config; none: they cost nothing
  std::vector<ServiceModel> services_;
  std::vector<std::uint32_t> first_target_;       // by service: the number of its first target
  std::optional<arrival::AnySchedule> schedule_;  // of an open loop
  std::optional<resilience::RetryPolicy> retry_;  // of the clients
  std::optional<resilience::Hedge> hedge_;
  Draws kind_draws_;
  Draws think_draws_;
  Draws cpu_draws_;
  Draws way_draws_;
  Random client_random_;                        // jitter of the clients' retries
  std::vector<std::uint64_t> client_requests_;  // of a closed loop: sent by each client

  Slab<Call> calls_;
  Slab<Request> requests_;
  Slab<Attempt> attempts_;
  Slab<std::uint32_t> waiters_;  // the requests that wait for acknowledgements, or kNobody
  Ledger ledger_;
  std::uint64_t sent_ = 0;
  bool arriving_ = true;    // until the horizon
  bool measuring_ = false;  // between the warm-up and the horizon
  TimePoint window_start_{};
  std::uint64_t measured_ = 0;  // sent, of all sections
  const std::uint32_t sections_;
  std::vector<Outcome> past_;  // sections that are over
  Outcome outcome_;            // of the current one
};

}  // namespace headgate::sim
