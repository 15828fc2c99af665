// One balancer at work: requests with names and keys go in, the names of their targets come out.
// The policy is the production code in its pool; the replay only keeps which request is where.
//
// A trace is CSV with the header `t_ns,event,id,key`, in the order of its lines:
//   arrival     a request `id` arrives and needs a target; `key` is what hash policies hash
//   completion  the request `id` has been answered: its latency is the time since its arrival
//   failure     the same, and the target is to blame
//   abandoned   its client left: it is no longer in flight and teaches nothing
//   down, up    the target called `id` fails its health checks, or passes them again
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/balance/pool.hpp"
#include "headgate/config/policy_document.hpp"
#include "headgate/core/random.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"

namespace headgate::sim {

class PickReplay {
 public:
  static constexpr std::string_view kHeader = "t_ns,event,id,key";
  /// What stands for a target where none was available; no target can be called so.
  static constexpr std::string_view kNone = "-";

  /// Fails with what balance::Pool::make says. `seed` is of every draw.
  [[nodiscard]] static Result<PickReplay> make(const config::BalancePolicy& policy,
                                               std::uint64_t seed);

  /// The target of one more request with this key, at time 0; it stays in flight.
  [[nodiscard]] std::string_view pick(std::string_view key);

  /// Takes one line of a trace. Returns the target's name for an arrival, nothing for the other
  /// events. Fails with kInvalidArgument; `why` says what is right.
  [[nodiscard]] Result<std::optional<std::string_view>> take(std::string_view line);

 private:
  struct InFlight {
    std::size_t target = 0;
    TimePoint since;
  };

  PickReplay(balance::Pool pool, std::vector<std::string> names, std::uint64_t seed);
  [[nodiscard]] Result<std::optional<std::string_view>> arrive(TimePoint now, std::string_view id,
                                                               std::string_view key);
  [[nodiscard]] Result<void> leave(TimePoint now, std::string_view event, std::string_view id);
  [[nodiscard]] Result<void> turn(TimePoint now, bool up, std::string_view name);

  balance::Pool pool_;
  std::vector<std::string> names_;  // of the targets, by index
  Random random_;
  // A request without a target is in flight nowhere, but it may still be named by a completion.
  std::map<std::string, std::optional<InFlight>, std::less<>> requests_;
  std::string scratch_;
};

}  // namespace headgate::sim
