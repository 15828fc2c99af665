// One run of several generators, from the side that asks for it: calls the agents together, gives
// each its slice of the plan, compares clocks, names the moment of the start, and collects results.
//
//   agents        hello … hello            ready        pong       seconds … beat   result | failed
//   coordinator               plan                ping       start
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/load/fleet/link.hpp"
#include "headgate/load/recorder.hpp"

namespace headgate::load::fleet {

/// What the agents are to run.
struct Orders {
  std::uint32_t agents = 1;
  std::vector<std::string> args;  ///< of `loadgen run`, without files
  std::string plan_name;          ///< empty: there is none
  std::string plan_text;
  Duration join_limit = std::chrono::seconds{30};  ///< for all to join, and again to be ready
};

/// What one agent did.
struct Part {
  std::string agent;
  Duration clock_offset{};  ///< of its wall clock ahead of the coordinator's
  Duration clock_error{};   ///< at most: half of the shortest round trip
  std::string result;       ///< headgate.load/1; empty: it is missing
  std::string why;          ///< it is missing
};

/// Who hears what goes on, from within coordinate().
struct Audience {
  std::function<void(const std::string&)> note;  ///< a line for people
  /// A second of the run is over, all agents in one. It waits for each that has not ended.
  std::function<void(const Second&)> second;
};

/// How long an agent may be silent until it counts as dead; it beats twice a second.
inline constexpr Duration kSilenceMax = std::chrono::seconds{3};

/// Runs `orders`; `interrupted` is asked often, and ends the run early. Fails with kTimeout if not
/// all joined or got ready within the limit, naming who did, or kUnavailable with what kept an
/// agent from getting ready. A part that went missing later is no error: it says so.
[[nodiscard]] Result<std::vector<Part>> coordinate(Link& link, const Orders& orders,
                                                   const std::function<bool()>& interrupted,
                                                   const Audience& audience);

}  // namespace headgate::load::fleet
