#include "headgate/load/http2_exchange.hpp"

#include <nghttp2/nghttp2.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string_view>
#include <utility>

#include "headgate/core/check.hpp"

namespace headgate::load {
namespace {

/// Windows so large that the target's answers are never held back by this side.
constexpr std::int32_t kWindow = 1 << 24;
/// Output is handed to the channel up to this; the rest waits in the session.
constexpr std::size_t kOutputMax = std::size_t{64} * 1024;
/// Connections in a row without an answer, from which requests are passed on.
constexpr std::uint32_t kBarrenMax = 3;

std::string_view text_of(const std::uint8_t* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

nghttp2_nv field(std::string_view name, std::string_view value) {
  const auto bytes = [](std::string_view text) {
    return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
  };
  return {.name = bytes(name),
          .value = bytes(value),
          .namelen = name.size(),
          .valuelen = value.size(),
          .flags = NGHTTP2_NV_FLAG_NONE};
}

std::string lower(std::string_view name) {
  std::string text{name};
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

std::string filled(const FillText& text, const Fill& fill) {
  std::string out;
  text.append(fill, out);
  return out;
}

/// RFC 9113 section 8.2.2: fields that speak of an HTTP/1.1 connection must not be sent.
bool is_of_connection(std::string_view name) {
  return name == "connection" || name == "keep-alive" || name == "proxy-connection" ||
         name == "upgrade";
}

/// The fields of a request, and the texts that they refer to.
struct Head {
  std::vector<std::string> texts;
  std::vector<nghttp2_nv> fields;

  Head(const RequestText& request, const Fill& fill, std::size_t body_size,
       std::string_view scheme) {
    texts.reserve(3 + 2 * request.headers().size());  // views stay valid
    fields.reserve(5 + request.headers().size());
    fields.push_back(field(":method", request.method()));
    fields.push_back(field(":scheme", scheme));
    fields.push_back(field(":authority", texts.emplace_back(filled(request.host(), fill))));
    fields.push_back(field(":path", texts.emplace_back(filled(request.path(), fill))));
    for (const RequestText::Header& header : request.headers()) {
      std::string name = lower(header.name);
      if (is_of_connection(name)) continue;
      const std::string& kept = texts.emplace_back(std::move(name));
      fields.push_back(field(kept, texts.emplace_back(filled(header.value, fill))));
    }
    if (request.sends_length()) {
      fields.push_back(field("content-length", texts.emplace_back(std::to_string(body_size))));
    }
  }
};

}  // namespace

/// What nghttp2 calls, from within mem_recv and mem_send.
struct Http2Exchange::Callbacks {
  static Http2Exchange& self(void* user) { return *static_cast<Http2Exchange*>(user); }

  static int before_send(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user) {
    Http2Exchange& exchange = self(user);
    if (frame->hd.type != NGHTTP2_HEADERS) return 0;
    Request* request = exchange.request_of(frame->hd.stream_id);
    if (request == nullptr) return 0;
    request->written = true;
    if (!std::exchange(request->told, true)) {
      exchange.handler_.on_sent(exchange.slot_of(*request), net::EventLoop::fresh_now());
    }
    return 0;
  }

  static int begin_headers(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user) {
    Http2Exchange& exchange = self(user);
    Request* request = exchange.request_of(frame->hd.stream_id);
    if (request != nullptr && request->answer.first_byte == TimePoint{}) {
      request->answer.first_byte = exchange.loop_.now();
    }
    return 0;
  }

  static int header(nghttp2_session* /*session*/, const nghttp2_frame* frame,
                    const std::uint8_t* name, std::size_t name_size, const std::uint8_t* value,
                    std::size_t value_size, std::uint8_t /*flags*/, void* user) {
    Request* request = self(user).request_of(frame->hd.stream_id);
    if (request == nullptr || request->headed) return 0;
    const std::string_view key = text_of(name, name_size);
    const std::string_view text = text_of(value, value_size);
    if (key == ":status") std::from_chars(text.begin(), text.end(), request->answer.status);
    if (request->answer.status < 200) return 0;  // interim: not of the answer
    if (key == "retry-after") request->answer.has_retry_after = true;
    if (request->text->keeps_answer() && !key.starts_with(':')) {
      self(user).handler_.on_field(self(user).slot_of(*request), key, text);
    }
    return 0;
  }

  static int data(nghttp2_session* /*session*/, std::uint8_t /*flags*/, std::int32_t stream,
                  const std::uint8_t* bytes, std::size_t size, void* user) {
    Request* request = self(user).request_of(stream);
    if (request != nullptr && request->text->keeps_answer()) {
      self(user).handler_.on_body(self(user).slot_of(*request), text_of(bytes, size));
    }
    return 0;
  }

  static int received(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user) {
    Http2Exchange& exchange = self(user);
    const std::uint8_t type = frame->hd.type;
    if (type == NGHTTP2_GOAWAY) {
      exchange.goaway_ = true;
      if (frame->goaway.error_code != NGHTTP2_NO_ERROR) exchange.goaway_error_ = true;
    }
    Request* request = exchange.request_of(frame->hd.stream_id);
    if (request == nullptr) return 0;
    if (type == NGHTTP2_RST_STREAM) request->reset = true;
    if (type == NGHTTP2_HEADERS && request->answer.status >= 200) request->headed = true;
    const bool carries = type == NGHTTP2_DATA || type == NGHTTP2_HEADERS;
    if (carries && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0) request->whole = true;
    return 0;
  }

  static int closed(nghttp2_session* /*session*/, std::int32_t stream, std::uint32_t error,
                    void* user) {
    self(user).stream_closed(stream, error);
    return 0;
  }

  static ssize_t read_body(nghttp2_session* /*session*/, std::int32_t stream, std::uint8_t* out,
                           std::size_t room, std::uint32_t* flags, nghttp2_data_source* /*source*/,
                           void* user) {
    Request* request = self(user).request_of(stream);
    if (request == nullptr) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const std::size_t size = std::min(room, request->body.size() - request->body_sent);
    std::copy_n(request->body.data() + request->body_sent, size, out);
    request->body_sent += size;
    if (request->body_sent == request->body.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(size);
  }

  static nghttp2_session_callbacks* all() {
    static nghttp2_session_callbacks* const callbacks = [] {
      nghttp2_session_callbacks* made = nullptr;
      nghttp2_session_callbacks_new(&made);
      nghttp2_session_callbacks_set_before_frame_send_callback(made, before_send);
      nghttp2_session_callbacks_set_on_begin_headers_callback(made, begin_headers);
      nghttp2_session_callbacks_set_on_header_callback(made, header);
      nghttp2_session_callbacks_set_on_data_chunk_recv_callback(made, data);
      nghttp2_session_callbacks_set_on_frame_recv_callback(made, received);
      nghttp2_session_callbacks_set_on_stream_close_callback(made, closed);
      return made;
    }();
    return callbacks;
  }
};

Http2Exchange::Http2Exchange(net::EventLoop& loop, const Target& target, ExchangeHandler& handler)
    : loop_{loop},
      target_{target},
      handler_{handler},
      channel_{loop, *this},
      requests_(target.pipeline) {}

Http2Exchange::~Http2Exchange() { nghttp2_session_del(session_); }

// --- the connection ----------------------------------------------------------------------------

void Http2Exchange::connect() {
  up_ = true;
  answered_ = given_up_ = false;
  channel_.connect(*target_.transport);
}

void Http2Exchange::open() {
  HG_ASSERT(!up_);
  opening_ = true;
  connect();
}

void Http2Exchange::begin_session() {
  nghttp2_session_client_new(&session_, Callbacks::all(), this);
  HG_ASSERT(session_ != nullptr);
  left_ = target_.requests_per_connection == 0 ? std::numeric_limits<std::uint64_t>::max()
                                               : target_.requests_per_connection;
  const std::array<nghttp2_settings_entry, 2> settings{
      {{NGHTTP2_SETTINGS_ENABLE_PUSH, 0}, {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kWindow}}};
  nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size());
  nghttp2_session_set_local_window_size(session_, NGHTTP2_FLAG_NONE, 0, kWindow);
}

void Http2Exchange::on_open(net::Channel& channel, const Opening& opening) {
  if (target_.transport->options().tls && channel.protocol() != "h2") {
    refused_ = true;
    target_.transport->set_tls_fault("the server does not agree on HTTP/2 (ALPN h2)");
    return channel.close();
  }
  opening_ = false;
  begin_session();
  handler_.on_open(loop_.now(), opening);
  submit_waiting();
  flush();
}

void Http2Exchange::on_input(net::Channel& channel) {
  const std::string_view input = channel.input();
  handler_.on_bytes(input.size());
  working_ = true;
  const ssize_t used = nghttp2_session_mem_recv(
      session_, reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
  working_ = false;
  channel.consume(input.size());
  if (used < 0) {
    channel.close();
    return settle_all(Failure::kBadResponse);
  }
  flush();
  if (nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0) {
    // The session has ended: for a breach of the protocol, or after GOAWAY and the last answer.
    channel.close();
    return settle_all(Failure::kBadResponse);
  }
  if (channel.input_ended()) {
    channel.close();
    return settle_all(Failure::kConnectionClosed);
  }
  close_if_drained();
}

/// A connection that takes no more requests ends with its last answer: after GOAWAY, after as many
/// as it was to have, or at the end of its stream numbers.
void Http2Exchange::close_if_drained() {
  if (session_ == nullptr || !channel_.usable() || takes_requests()) return;
  const bool busy = std::ranges::any_of(
      requests_, [](const Request& request) { return request.state == State::kUnderWay; });
  if (busy) return;
  if (!goaway_) {
    nghttp2_submit_goaway(session_, NGHTTP2_FLAG_NONE, 0, NGHTTP2_NO_ERROR, nullptr, 0);
    flush();
  }
  channel_.close();
}

void Http2Exchange::on_drained(net::Channel& /*channel*/) {
  if (session_ == nullptr) return;
  flush();
  close_if_drained();
}

void Http2Exchange::on_closed(net::Channel& channel, net::CloseReason reason) {
  const bool stood = session_ != nullptr;
  nghttp2_session_del(std::exchange(session_, nullptr));
  if (stood && !answered_) ++barren_;
  const Fault fault{std::exchange(refused_, false) ? Failure::kTlsFailed : failure_of(reason),
                    channel.error()};
  const bool opening = std::exchange(opening_, false);
  const bool waits = std::ranges::any_of(
      requests_, [](const Request& request) { return request.state != State::kFree; });
  if (opening && !waits) {
    up_ = false;
    return handler_.on_open_failed(loop_.now(), fault.failure);
  }
  if (!stood && !given_up_) {
    // The attempt failed, and what waited for it with it.
    for (Request& request : requests_) {
      request.written = true;
      if (request.state == State::kWaiting) request.state = State::kUnderWay;
    }
  }
  settle_all(fault);
  up_ = goaway_ = goaway_error_ = false;
  submit_waiting();
}

// --- requests ----------------------------------------------------------------------------------

Slot Http2Exchange::slot_of(const Request& request) const noexcept {
  return static_cast<Slot>(&request - requests_.data());
}

Http2Exchange::Request* Http2Exchange::request_of(std::int32_t stream) noexcept {
  if (stream <= 0) return nullptr;
  auto* request = static_cast<Request*>(nghttp2_session_get_stream_user_data(session_, stream));
  const bool ours = request != nullptr && request->state == State::kUnderWay;
  return ours && request->stream == stream ? request : nullptr;
}

bool Http2Exchange::takes_requests() const noexcept {
  return session_ != nullptr && !goaway_ && left_ > 0 && channel_.usable() &&
         nghttp2_session_check_request_allowed(session_) == 1;
}

void Http2Exchange::start(Slot slot, const RequestText& request, const Fill& fill) {
  HG_ASSERT(slot < requests_.size() && requests_[slot].state == State::kFree);
  requests_[slot] = {.text = &request, .fill = fill, .state = State::kWaiting};
  if (!up_) return connect();
  if (!takes_requests()) return;  // when it stands, or its successor does
  submit(requests_[slot]);
  if (!working_ && channel_.pending() == 0) flush();  // else when that is written
}

void Http2Exchange::submit(Request& request) {
  const RequestText& text = *request.text;
  request.body.clear();
  request.body_sent = 0;
  request.answer = {};
  request.written = request.headed = request.whole = request.reset = false;
  text.body().append(request.fill, request.body);
  const Head head{text, request.fill, request.body.size(),
                  target_.transport->options().tls ? "https" : "http"};
  nghttp2_data_provider provider{.source = {.ptr = nullptr}, .read_callback = Callbacks::read_body};
  request.state = State::kUnderWay;
  request.stream = nghttp2_submit_request(session_, nullptr, head.fields.data(), head.fields.size(),
                                          request.body.empty() ? nullptr : &provider, &request);
  HG_ASSERT(request.stream > 0);
  --left_;
}

void Http2Exchange::submit_waiting() {
  for (Request& request : requests_) {
    if (request.state != State::kWaiting) continue;
    if (!up_) return connect();
    if (!takes_requests()) return;
    submit(request);
  }
}

/// Everything that the session has to say, in as few writes as there is room for.
void Http2Exchange::flush() {
  working_ = true;
  bool more = true;
  while (more && channel_.usable() && channel_.pending() < kOutputMax) {
    out_.clear();
    while (more && channel_.pending() + out_.size() < kOutputMax) {
      const std::uint8_t* bytes = nullptr;
      const ssize_t size = nghttp2_session_mem_send(session_, &bytes);
      more = size > 0;
      if (more) out_.append(text_of(bytes, static_cast<std::size_t>(size)));
    }
    if (!out_.empty()) channel_.send(out_);
  }
  working_ = false;
}

void Http2Exchange::stream_closed(std::int32_t stream, std::uint32_t error) {
  Request* request = request_of(stream);
  if (request == nullptr) return;
  if (request->whole && request->answer.status >= 200) {
    // RST_STREAM with NO_ERROR after a whole answer is fine (RFC 9113 section 8.1).
    request->state = State::kFree;
    answered_ = true;
    barren_ = 0;
    const Answer answer = request->answer;
    return handler_.on_answer(slot_of(*request), loop_.now(), answer);
  }
  if (request->reset) return settle(*request, Failure::kStreamReset);
  const bool refused = goaway_ && error == NGHTTP2_REFUSED_STREAM;
  if (!refused && request->written) return settle(*request, Failure::kBadResponse);
  if (!pass_on(*request)) settle(*request, Failure::kGoaway);
}

/// To the next connection, if the server has said nothing to it and there is hope.
bool Http2Exchange::pass_on(Request& request) {
  const bool hope = answered_ || barren_ < kBarrenMax;
  if (!hope || request.answer.status != 0) return false;
  request.state = State::kWaiting;
  return true;
}

void Http2Exchange::settle(Request& request, const Fault& fault) {
  request.state = State::kFree;
  handler_.on_failure(slot_of(request), loop_.now(), fault);
}

void Http2Exchange::settle_all(const Fault& fault) {
  for (Request& request : requests_) {
    if (request.state != State::kUnderWay) continue;
    if (!request.written && pass_on(request)) continue;
    settle(request, end_of(request, fault));
  }
}

/// What the end of the connection, by `fault`, is to a request under way on it.
Fault Http2Exchange::end_of(const Request& request, const Fault& fault) const noexcept {
  if (goaway_error_) return {Failure::kGoaway, fault.error};
  const bool closed = fault.failure == Failure::kConnectionClosed;
  if (closed && request.answer.status != 0) return Failure::kTruncatedResponse;
  return fault;
}

void Http2Exchange::abort(Slot slot) {
  Request& request = requests_[slot];
  const State before = std::exchange(request.state, State::kFree);
  if (session_ == nullptr && channel_.usable()) {
    given_up_ = true;
    return channel_.close();
  }
  if (before != State::kUnderWay || session_ == nullptr || !channel_.usable()) return;
  nghttp2_submit_rst_stream(session_, NGHTTP2_FLAG_NONE, request.stream, NGHTTP2_CANCEL);
  if (working_) return;
  if (channel_.pending() == 0) flush();
  close_if_drained();
}

}  // namespace headgate::load
