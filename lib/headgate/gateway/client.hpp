// One client connection: reads request heads, decides what becomes of each, and sends the answers
// one after the other, in the order of the requests.
//
// Requests of a pipeline are served serially: the next head is looked at when the answer before it
// has been written. Until then its bytes wait, first in the input buffer, then in the kernel.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/gateway/body_relay.hpp"
#include "headgate/gateway/charges.hpp"
#include "headgate/gateway/client_name.hpp"
#include "headgate/gateway/context.hpp"
#include "headgate/gateway/exchange.hpp"
#include "headgate/gateway/outcome.hpp"
#include "headgate/gateway/record.hpp"
#include "headgate/http/head_parser.hpp"
#include "headgate/http/problem.hpp"
#include "headgate/http/request.hpp"
#include "headgate/net/stream.hpp"
#include "headgate/ratelimit/fields.hpp"

namespace headgate::gateway {

class ClientConnection;

/// Who lends out client connections.
class ClientOwner {
 public:
  /// The connection is closed and may be used for another client.
  virtual void on_client_closed(ClientConnection& client) = 0;

 protected:
  ~ClientOwner() = default;
};

class ClientConnection final : public net::StreamHandler, private SharedDecisionOwner {
 public:
  /// Of a body that is thrown away to keep the connection; a larger one costs the connection.
  static constexpr std::uint64_t kDiscardMax = std::uint64_t{64} * 1024;
  /// Of the body of a request that becomes an event, unless limits.body is less.
  static constexpr std::uint64_t kEventMax = std::uint64_t{1024} * 1024;
  static constexpr Duration kStoreTimeout = std::chrono::seconds{10};

  ClientConnection(Context& context, ClientOwner& owner);

  /// Serves a new client. Requires: closed.
  void open(net::Fd socket, const net::Address& peer);
  /// Closes the connection if it is between two requests, else after the current one.
  void drain();
  void close() { stream_.close(); }
  [[nodiscard]] bool is_open() const noexcept { return phase_ != Phase::kClosed; }

  // For the exchange.

  [[nodiscard]] net::Stream& stream() noexcept { return stream_; }
  [[nodiscard]] Record& record() noexcept { return record_; }
  [[nodiscard]] BodyRelay& body() noexcept { return body_; }  ///< of the request
  [[nodiscard]] const ClientName& name() const noexcept { return name_; }
  [[nodiscard]] int minor() const noexcept { return minor_; }  ///< HTTP version of the request
  [[nodiscard]] bool persistent() const noexcept { return persistent_; }  ///< as the client wishes
  void arm(Duration after);
  /// Copies the head as it goes upstream (`METHOD PATH?QUERY …`), and takes the client's own off
  /// the input: from now on the path is read from the copy. Returns whether the copy is whole.
  bool keep_head(std::string_view rendered);
  [[nodiscard]] std::string_view kept_head() const noexcept;
  /// Sends an answer of our own and ends the request; the connection stays if it can.
  void answer(Outcome outcome, http::Reason reason = http::Reason::kNone,
              std::string_view fields = {});
  /// The request is over: records it, and goes on with the next one or ends the connection.
  void end_request(Outcome outcome, bool answered, bool keep);
  /// The answer cannot be completed: records that, and cuts the connection.
  void break_off(Outcome outcome, net::CloseReason reason = net::CloseReason::kLocal);
  /// Does what can be done now. Every entry from the loop ends with it.
  void pump();
  /// `first` (whole field lines, at most kFirstFieldsMax bytes) and the fields that tell of the
  /// limits of the route, for an answer that is no refusal by them. Until the next call.
  [[nodiscard]] std::string_view fields_with_limits(std::string_view first,
                                                    bool refused = false) noexcept;
  /// Names of fields of an upstream's answer to which those of the limits are preferred.
  [[nodiscard]] std::span<const std::string_view> replaced_fields() const noexcept {
    return route_->replaced;
  }
  /// 100 Continue, if the client waits for it.
  void send_continue();

 private:
  enum class Phase : std::uint8_t {
    kClosed,
    kHead,     // between requests, or within a head
    kLimit,    // a limit that is shared with other gateways has been asked
    kHeld,     // admitted, for later: a leaky_queue spaces its requests
    kForward,  // the exchange has it
    kCollect,  // the body is on its way into memory, to become an event
    kStore,    // the event is on its way into its store
    kDiscard,  // answered; the rest of the body is thrown away
    kEnding,   // answered; the connection is being finished
  };

  void on_input(net::Stream& from) override;
  void on_drained(net::Stream& to) override;
  void on_closed(net::Stream& which, net::CloseReason reason) override;
  void on_deadline(TimePoint now) noexcept;

  // Each returns whether there may be more to do now.
  bool read_head();
  bool collect_body();
  bool discard_body();

  void begin_request();
  void route_request(const http::Request& request);
  // The walk through the limits of the route; see admission.cpp.
  void begin_admission();
  void continue_admission();
  [[nodiscard]] bool admitted_by(RateLimit& limit);
  [[nodiscard]] bool admitted_by_others(RateLimit& limit);
  void hold(Duration delay);
  void on_hold_over();
  [[nodiscard]] bool admitted_by_share(RateLimit& limit, const SharedVerdict& verdict);
  [[nodiscard]] std::span<ratelimit::Standing> standings_of(const RateLimit& limit) noexcept;
  void take_back_charges() noexcept;
  void refuse(const RateLimit& limit, const RateLimit::Answer& refusal);
  void on_verdict(const SharedVerdict& verdict) override;
  [[nodiscard]] Caller caller() const noexcept;
  void serve();
  void begin_collecting();
  void store_event();
  void on_stored(std::uint64_t request_number, const Result<std::vector<bus::Placement>>& stored);
  void answer_stored(const bus::Placement& placement);
  void answer_problem(const http::Problem& problem, Outcome outcome, std::string_view fields);
  void send_answer(const http::Answer& answer, Outcome outcome, std::string_view fields);
  void record_request(Outcome outcome, bool answered);
  [[nodiscard]] bool can_discard() const noexcept;
  [[nodiscard]] std::uint64_t event_max() const noexcept;

  Context& context_;
  ClientOwner& owner_;
  net::Stream stream_;
  net::Deadline deadline_;
  Phase phase_ = Phase::kClosed;
  bool head_begun_ = false;
  bool persistent_ = true;
  bool continue_due_ = false;  // the client waits for 100 Continue
  int minor_ = 1;
  std::size_t head_size_ = 0;  // of the client's head, while it is in the input; else 0
  const RouteEntry* route_ = nullptr;
  std::size_t limits_passed_ = 0;               // of the route's
  std::vector<ratelimit::Standing> standings_;  // of all limits of the route
  http::Request request_;  // its views are into the input, like path_ and query_
  SharedDecision shared_;
  Charges charges_;  // of the request
  // Of the request, in the input until keep_head, then both in path_, in the copy.
  std::string_view path_;
  std::string_view query_;
  net::BorrowedBuffer head_;  // see keep_head
  Record record_;
  BodyRelay body_;
  std::uint64_t discarded_ = 0;
  std::string collected_;     // body of an event
  std::string content_type_;  // of the event
  std::string event_id_;
  http::RequestParser parser_;
  Exchange exchange_;
  ClientName name_;
};

}  // namespace headgate::gateway
