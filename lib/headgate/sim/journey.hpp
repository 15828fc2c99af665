// What a replication keeps of what is under way: calls of clients, the requests that they send to a
// gateway, and its attempts at targets; their events, and the sums that must agree at the end.
//
// A client's call is one request or several (retries, a hedge); a request is one attempt or several
// (the gateway's retries), or legs that make attempts of their own (fan-out). What the client sees,
// and what is counted, is the call.
#pragma once

#include <cstdint>

#include "headgate/core/time.hpp"
#include "headgate/core/wide.hpp"
#include "headgate/resilience/guard.hpp"
#include "headgate/resilience/hedge.hpp"
#include "headgate/sim/engine.hpp"

namespace headgate::sim {

enum class Kind : std::uint8_t {
  kArrival,          // the open schedule sends its next call
  kClient,           // client `index` of a closed loop calls
  kSend,             // call `index` is tried again
  kHedge,            // call `index` is slow enough for a second try
  kDeadline,         // nobody waits for call `index` any more
  kClientTimeout,    // the client gives request `index` up
  kGateway,          // a gateway's core is done with request `index`
  kCached,           // the cache's answer to request `index` is ready
  kAttempt,          // request `index` has been held by a leaky_queue, or waited for its retry
  kArrive,           // attempt `index` reaches its target
  kFinish,           // the service of attempt `index` ends
  kSharedEnd,        // the same for the first of target `index`, which shares its processor
  kPatience,         // attempt `index` leaves the queue
  kAnswer,           // the answer, or refusal, of attempt `index` reaches its gateway
  kResponseTimeout,  // the gateway gives attempt `index` up
  kFaultBegin,       // of fault `index`
  kFaultEnd,
  kChange,      // to config `index`
  kUnhealthy,   // health checks see that a target is down; `index` says whose and which
  kHealthy,     // and that it is back
  kPauseBegin,  // of target `index`
  kPauseEnd,
  kWarm,     // the measured stretch begins
  kHorizon,  // arrivals end
  kBroker,   // a topic's; `index` says which and what (broker_timers.hpp)
  kBus,      // a queue's or a subscriber's; likewise (bus_timers.hpp)
};

struct Event {
  Kind kind;
  std::uint32_t index;
};
using Timer = Engine<Event>::Handle;

enum class Answer : std::uint8_t { kOk, kRefused, kFailed, kTimedOut };

/// No call, request, attempt or leg.
inline constexpr std::uint32_t kNobody = ~0U;

/// From the client's wish to its outcome.
struct Call {
  std::uint64_t id = 0;
  TimePoint sent{};
  Timer timer{};  // of its next try
  Timer hedge_timer{};
  Timer deadline_timer{};
  std::uint32_t client = 0;            // of a closed loop; else 0
  std::uint32_t kind = 0;              // of request
  std::uint32_t requests = 0;          // sent so far
  std::uint32_t first_live = kNobody;  // of those that may still be answered, newest first
  bool waits = false;                  // for its next try
  bool measured = false;
  resilience::RetryState retry{};
  resilience::Hedge::Call hedge{};
};

/// From its sending until the gateway is done with it. A leg of a fan-out is a request of its own
/// that is sent by another.
struct Request {
  std::uint64_t id = 0;  // what it draws by
  TimePoint sent{};
  Timer client_timer{};
  Timer attempt_timer{};  // while it waits for one
  std::uint32_t call = kNobody;
  std::uint32_t next_live = kNobody;      // of its call; of a leg: of its parent
  std::uint32_t previous_live = kNobody;  // of a leg
  std::uint32_t parent = kNobody;         // of a leg
  std::uint32_t first_leg = kNobody;      // of its own that are under way
  std::uint32_t leg = 0;                  // its number among the legs
  std::uint32_t legs = 0;                 // of its own, that are under way
  std::uint32_t kind = 0;
  std::uint32_t gateway = 0;
  std::uint32_t service = 0;
  std::uint32_t attempt = kNobody;  // that the gateway waits for
  std::uint32_t attempts = 0;       // so far
  std::uint32_t target = 0;         // of the latest attempt
  std::uint32_t waiter = kNobody;   // for the acknowledgement of its record
  resilience::RetryState retry{};
  Answer worst = Answer::kOk;  // of its legs so far
  resilience::Fault fault{};   // with it
  bool measured = false;
  bool held = false;  // a core of the gateway has it, or will
  bool gone = false;  // nobody waits for it any more: the core frees it
};

/// An attempt from its pick until both the gateway and the target are done with it.
struct Attempt {
  Timer response_timer{};
  Timer patience_timer{};
  Timer finish_timer{};
  Duration work{};  // its service time; of a paused target what is left of it
  TimePoint picked{};
  TimePoint arrived{};  // at its target
  TimePoint ends{};     // its service
  std::uint32_t request = 0;
  std::uint32_t service = 0;
  std::uint32_t target = 0;
  std::uint32_t gateway = 0;
  std::uint64_t draw = 0;  // what it draws by
  enum class Stage : std::uint8_t {
    kOnItsWay,   // to its target
    kWaits,      // there
    kServed,     // there
    kReturning,  // its answer is on the way back
    kAway,       // nothing will come of it any more; free once the gateway is done with it
  };
  Stage stage = Stage::kOnItsWay;
  std::uint8_t level = 0;       // of a `priority` discipline
  Answer answer = Answer::kOk;  // of kReturning
  resilience::Fault fault{};    // with it, unless kOk
  bool measured = false;
  bool over = false;   // for the gateway: `request` may be another one now
  bool noted = false;  // in the recording
  resilience::Guard::Pass pass{};
};

/// Sums over the whole run that Little's law must find equal.
struct Ledger {
  Int128 in_system_ns = 0;  // integral of the number of unsettled calls
  Int128 responses_ns = 0;  // sum of all response times
  TimePoint latest{};
  std::uint64_t in_system = 0;

  void advance(TimePoint now) noexcept {
    in_system_ns += static_cast<Int128>((now - latest).count()) * static_cast<Int128>(in_system);
    latest = now;
  }
};

}  // namespace headgate::sim
