// What a replication keeps of a request on its way: its events, its attempts at targets, and the
// sums that must agree at the end.
#pragma once

#include <cstdint>

#include "headgate/core/time.hpp"
#include "headgate/core/wide.hpp"
#include "headgate/resilience/guard.hpp"
#include "headgate/sim/engine.hpp"

namespace headgate::sim {

enum class Kind : std::uint8_t {
  kArrival,          // the open schedule sends its next request
  kClient,           // client `index` of a closed loop sends
  kAttempt,          // request `index` has been held by a leaky_queue, or waited for its retry
  kFinish,           // the service of attempt `index` ends
  kClientTimeout,    // the client of request `index` gives up
  kResponseTimeout,  // the gateway gives attempt `index` up
  kWarm,             // the measured stretch begins
  kHorizon,          // arrivals end
};

struct Event {
  Kind kind;
  std::uint32_t index;
};
using Timer = Engine<Event>::Handle;

enum class Answer : std::uint8_t { kOk, kRefused, kFailed, kTimedOut };

inline constexpr std::uint32_t kNoAttempt = ~0U;

/// A request from its sending until its client has an outcome.
struct Request {
  std::uint64_t id = 0;
  TimePoint sent{};
  Timer client_timer{};
  Timer attempt_timer{};     // while it waits for one
  std::uint32_t client = 0;  // of a closed loop; else 0
  std::uint32_t kind = 0;
  std::uint32_t service = 0;
  std::uint32_t attempt = kNoAttempt;  // that the gateway waits for
  std::uint32_t attempts = 0;          // so far
  std::uint32_t target = 0;            // of the latest attempt
  resilience::RetryState retry{};
  bool measured = false;
};

/// An attempt from its pick until both the gateway and the server are done with it.
struct Attempt {
  Timer response_timer{};
  Duration work{};  // its service time
  TimePoint picked{};
  std::uint32_t request = 0;
  std::uint32_t service = 0;
  std::uint32_t target = 0;
  bool measured = false;
  bool over = false;  // for the gateway: `request` may be another one now
  resilience::Guard::Pass pass{};
};

/// Sums over the whole run that Little's law must find equal.
struct Ledger {
  Int128 in_system_ns = 0;  // integral of the number of unsettled requests
  Int128 responses_ns = 0;  // sum of all response times
  TimePoint latest{};
  std::uint64_t in_system = 0;

  void advance(TimePoint now) noexcept {
    in_system_ns += static_cast<Int128>((now - latest).count()) * static_cast<Int128>(in_system);
    latest = now;
  }
};

}  // namespace headgate::sim
