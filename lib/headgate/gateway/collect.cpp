// The part of a client connection that turns request bodies into events (`topic:` and `queue:`).
//
// The answer waits for the store: 202 means that the event is as safe as the store's durability
// promises. Stores answer on threads of their own; their word comes back through the mailbox and is
// matched by the request's number, since the client may be gone by then.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "headgate/bus/event.hpp"
#include "headgate/config/form.hpp"
#include "headgate/gateway/client.hpp"

namespace headgate::gateway {
namespace {

constexpr std::string_view kStructured = "application/cloudevents+json";

}  // namespace

std::uint64_t ClientConnection::event_max() const noexcept {
  const std::optional<Bytes>& limit = context_.snapshot.config().limits.body;
  return limit ? std::min(kEventMax, limit->count) : kEventMax;
}

void ClientConnection::begin_collecting() {
  if (!body_.left_at_most(event_max())) return answer(Outcome::kBodyTooLarge);
  content_type_ = parser_.head().fields.value(http::FieldId::kContentType);
  collected_.clear();
  phase_ = Phase::kCollect;
  keep_head(fmt::format("{} {}{}", to_text(record_.method), path_, query_));
  send_continue();
  arm(context_.snapshot.config().limits.head_timeout);
}

bool ClientConnection::collect_body() {
  while (!body_.done()) {
    const std::string_view input = stream_.input();
    if (input.empty()) {
      if (stream_.input_ended()) break_off(Outcome::kClientClosed);
      return false;
    }
    const BodyRelay::Step step = body_.step(input, context_.scratch->body);
    collected_ += step.output;
    stream_.consume(step.consumed);
    record_.bytes_in = collected_.size();
    if (body_.refused() != http::Reason::kNone) {
      answer(Outcome::kBadRequest, body_.refused());
      return true;
    }
    if (collected_.size() > event_max()) {
      answer(Outcome::kBodyTooLarge);
      return true;
    }
  }
  store_event();
  return true;
}

void ClientConnection::store_event() {
  bus::Event event;
  const std::string_view type = std::string_view{content_type_}.substr(0, content_type_.find(';'));
  if (http::equal_ignoring_case(http::trim(type), kStructured)) {
    Result<bus::Event> decoded = bus::decode(collected_);
    if (!decoded) return answer(Outcome::kBadEvent);
    event = *std::move(decoded);
  } else {
    event.id = context_.recorder.event_id(context_.index, record_.number);
    event.source = "/gateway/routes/" + route_->name;
    event.type = "headgate.request.received";
    event.subject = std::string{path_};
    event.time = context_.recorder.wall_time(context_.loop.now());
    // Without a type it is bytes, not the JSON that CloudEvents would assume.
    event.datacontenttype = content_type_.empty() ? "application/octet-stream" : content_type_;
    event.data = std::move(collected_);
  }
  collected_.clear();
  event_id_ = event.id;
  phase_ = Phase::kStore;
  arm(kStoreTimeout);
  auto done = [this, number = record_.number](Result<std::vector<bus::Placement>> stored) {
    context_.mailbox.post(
        [this, number, result = std::move(stored)] { on_stored(number, result); });
  };
  context_.stores.bus().publish(std::get<Store>(route_->action).topic, std::move(event),
                                std::move(done));
}

void ClientConnection::on_stored(std::uint64_t request_number,
                                 const Result<std::vector<bus::Placement>>& stored) {
  // Numbers are never used twice in a worker: another one means that this client has gone on.
  if (phase_ != Phase::kStore || record_.number != request_number) return;
  if (stored && !stored->empty()) {
    answer_stored(stored->front());
  } else if (!stored && stored.error().code == Errc::kInvalidArgument) {
    answer(Outcome::kBadEvent);
  } else {
    answer(Outcome::kStoreFailed);
  }
  pump();
}

void ClientConnection::answer_stored(const bus::Placement& placement) {
  const std::string body = "{\"id\":" + config::json_quoted(event_id_) +
                           ",\"topic\":" + config::json_quoted(placement.topic) +
                           ",\"offset\":" + std::to_string(placement.offset) + "}\n";
  send_answer({.status = status_of(Outcome::kStored),
               .content_type = "application/json",
               .body = body,
               .head_only = false},
              Outcome::kStored, {});
}

}  // namespace headgate::gateway
