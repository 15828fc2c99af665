// One request on its way through the gateway: to a target, and the answer back.
//
// Both directions stream. Nothing is read from one side while the other has unwritten output, so an
// exchange holds at most one input buffer and one pending piece in each direction, whatever the
// size of the bodies; the peers feel it as TCP backpressure.
//
// An attempt that went out on a reused connection and died before the first byte of an answer is
// made once more on a new connection, if the request is one that may be repeated (idempotent,
// without a body): the target has most likely closed the idle connection while the request was
// under way.
//
// Any other failure of an attempt is a question to the service's retry policy. If it says yes, the
// place at the target is given back, the client's deadline is the wait, and then another target is
// asked for; nothing of the answer has gone to the client. A request's body is sent only once the
// connection is there, if a retry is possible at all: what has not been sent can go to another.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "headgate/gateway/body_relay.hpp"
#include "headgate/gateway/context.hpp"
#include "headgate/gateway/outcome.hpp"
#include "headgate/gateway/service.hpp"
#include "headgate/gateway/upstream.hpp"
#include "headgate/http/head_parser.hpp"
#include "headgate/http/request.hpp"
#include "headgate/http/response.hpp"

namespace headgate::gateway {

class ClientConnection;

/// (start … (over by itself | abort))*. Belongs to a client connection and is used for one request
/// after another.
class Exchange {
 public:
  static constexpr int kInterimMax = 8;  ///< 1xx heads before an answer

  Exchange(Context& context, ClientConnection& client) noexcept
      : context_(context), client_(client) {}

  /// Sends the request whose head is at the start of the client's input to a target of `service`,
  /// `call` being what binds it to one. On failure the client has been answered when this returns.
  void start(Service& service, const http::RequestHead& head, const http::Request& request,
             const balance::Call& call);

  /// Passes on what the client has sent, as far as the target takes it.
  void relay_request();
  /// The client's output has drained: passes on what the target has sent.
  void relay_response();
  /// The deadline that the exchange armed at its client has passed.
  void on_deadline();
  /// The client is gone.
  void abort();

  // From the upstream connection.
  void on_upstream_connected();
  void on_upstream_input();
  void on_upstream_drained();
  void on_upstream_closed(net::CloseReason reason);

 private:
  void take_place(Ticket ticket);
  void attempt(UpstreamPool::Take take, std::string_view head);
  void after_request_sent();
  bool read_head();
  void pass_head(const http::Response& response);
  void complete();
  void upstream_lost(Outcome outcome);
  void attempt_failed(Outcome outcome);
  [[nodiscard]] bool retry_later(const resilience::Fault& fault, Outcome outcome, int status);
  void retry_now();
  void refuse(const NoPlace& refusal);
  void fail(Outcome outcome, http::Reason reason = http::Reason::kNone);
  void break_off(Outcome outcome);
  void release_upstream();
  void report(Outcome outcome, int status);
  void count_attempt(int status);
  void arm(Duration after);

  Context& context_;
  ClientConnection& client_;
  Service* service_ = nullptr;
  const ServiceTarget* target_ = nullptr;
  std::optional<Ticket> ticket_;  // none while it waits for a retry
  resilience::RetryState retry_;
  UpstreamConnection* upstream_ = nullptr;  // null: no exchange, or between attempts
  balance::Call call_;                      // what binds the request to a target; now: the pick
  TimePoint sent_{};                        // the request was complete
  BodyRelay response_;
  int interims_ = 0;
  bool idempotent_ = false;     // the method
  bool head_kept_ = false;      // whole
  bool host_known_ = false;     // so that the head fits any target
  bool body_begun_ = false;     // some of it has been sent
  bool redone_ = false;         // at this target, on a new connection after a dead one
  bool waiting_ = false;        // for a retry
  bool request_sent_ = false;   // head and body
  bool heard_ = false;          // any byte of an answer
  bool head_passed_ = false;    // of the answer, to the client
  bool keep_client_ = false;    // the client's connection stays after the answer
  bool keep_upstream_ = false;  // the target's words
};

}  // namespace headgate::gateway
