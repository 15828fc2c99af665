#include "headgate/net/channel.hpp"

#include <cstring>
#include <utility>

#include "headgate/core/check.hpp"

namespace headgate::net {
namespace {

/// The system's words as a clause; none: the peer's FIN.
std::string words_of(int error) {
  if (error == 0) return "the peer ended the connection";
  std::string words = strerrordesc_np(error);
  if (!words.empty() && words[0] >= 'A' && words[0] <= 'Z') {
    words[0] = static_cast<char>(words[0] - 'A' + 'a');
  }
  return words;
}

}  // namespace

Channel::Channel(EventLoop& loop, ChannelHandler& handler)
    : loop_{loop},
      handler_{handler},
      stream_{loop, *this},
      again_{loop.timers(), callback<&Channel::on_again>(this)} {}

void Channel::start_over() {
  tls_.reset();
  plain_.reset();
  unsent_.clear();
  unsent_begin_ = 0;
  opening_ = tls_ended_ = finishing_ = owed_ = false;
  again_.cancel();
}

// --- the beginning -----------------------------------------------------------------------------

void Channel::connect(const Transport& transport) {
  transport_ = &transport;
  why_.clear();
  opening_ = true;
  began_ = EventLoop::fresh_now();
  stream_.connect(transport.address(), transport.next_source());
}

void Channel::accept(Fd socket, const TlsContext* tls) {
  why_.clear();
  stream_.open(std::move(socket));
  if (tls == nullptr) return;
  opening_ = true;
  began_ = connected_ = loop_.now();
  tls_.emplace(*tls, stream_, ticket_, std::string{});
}

void Channel::on_connected(Stream& stream) {
  connected_ = loop_.now();
  const Transport::Options& options = transport_->options();
  if (options.proxy != ProxyVersion::kNone) {
    stream.send(transport_->next_proxy_header(Address::of_socket(stream.fd())));
  }
  if (!options.tls) return opened({});
  tls_.emplace(*options.tls, stream_, ticket_, options.server_name);
  shake_hands();
}

void Channel::shake_hands() {
  HG_ASSERT(tls_.has_value());
  switch (tls_->handshake()) {
    case TlsSession::Step::kLater:
      return;
    case TlsSession::Step::kFailed:
      return fail_tls();
    case TlsSession::Step::kDone:
      break;
  }
  opened(loop_.now() - connected_);
  if (usable()) deliver();
}

void Channel::opened(Duration tls) {
  opening_ = false;
  handler_.on_open(*this, {.connect = connected_ - began_, .tls = tls});
}

void Channel::fail_tls() {
  HG_ASSERT(tls_.has_value());
  why_ = tls_->why();
  stream_.close(CloseReason::kTlsFailed);
}

// --- input -------------------------------------------------------------------------------------

void Channel::on_input(Stream& /*stream*/) {
  if (!tls_) return handler_.on_input(*this);
  if (opening_) return shake_hands();
  deliver();
}

/// Decrypts as much as there is room for; whether the owner has something new to see.
bool Channel::decrypt() {
  if (tls_ended_) return false;
  HG_ASSERT(tls_.has_value());
  if (!plain_) plain_ = loop_.buffers().lend();
  Buffer& buffer = *plain_;
  if (buffer.begin > 0) {
    std::memmove(buffer.bytes.data(), buffer.bytes.data() + buffer.begin, buffer.size());
    buffer.end -= std::exchange(buffer.begin, 0);
  }
  const std::size_t before = buffer.size();
  const TlsSession::Step step = tls_->read(buffer);
  tls_ended_ = step == TlsSession::Step::kDone;
  const bool grew = buffer.size() > before;
  if (buffer.size() == 0) plain_.reset();
  if (step == TlsSession::Step::kFailed && !grew) fail_tls();
  return grew || tls_ended_;
}

void Channel::deliver() {
  delivering_ = true;
  bool owed = std::exchange(owed_, false);
  while (tls_ && usable() && !paused() && (decrypt() || std::exchange(owed, false))) {
    handler_.on_input(*this);
  }
  delivering_ = false;
}

void Channel::consume(std::size_t size) noexcept {
  if (!tls_) return stream_.consume(size);
  if (size == 0) return;
  HG_ASSERT(plain_ && size <= plain_->size());
  plain_->begin += size;
  if (plain_->size() == 0) plain_.reset();
  if (!delivering_ && tls_->holds()) again_.arm(loop_.now());
}

void Channel::resume_reading() {
  if (!paused()) return;
  stream_.resume_reading();
  if (!tls_) return;
  owed_ = plain_ != nullptr || tls_ended_;
  if (owed_ || tls_->holds()) again_.arm(loop_.now());
}

// --- output ------------------------------------------------------------------------------------

void Channel::send(std::string_view piece) {
  if (!tls_) return stream_.send(piece);
  if (!usable()) return;
  HG_ASSERT(!opening_ && unsent_.size() - unsent_begin_ + piece.size() <= kPendingMax);
  if (unsent_.empty() && tls_->write(piece) == TlsSession::Step::kFailed) return fail_tls();
  unsent_.append(piece);
}

void Channel::flush() {
  HG_ASSERT(tls_.has_value());
  std::string_view rest = std::string_view{unsent_}.substr(unsent_begin_);
  const TlsSession::Step step = tls_->write(rest);
  if (step == TlsSession::Step::kFailed) return fail_tls();
  unsent_begin_ = unsent_.size() - rest.size();
  if (!rest.empty()) return;
  unsent_.clear();
  unsent_begin_ = 0;
}

void Channel::on_drained(Stream& /*stream*/) {
  if (tls_ && opening_) return shake_hands();
  if (!unsent_.empty()) flush();
  if (pending() > 0) return;  // again when that is written
  if (finishing_) {
    finishing_ = false;
    return finish();
  }
  handler_.on_drained(*this);
}

// --- the end -----------------------------------------------------------------------------------

void Channel::finish() {
  if (!usable()) return;
  if (tls_ && !opening_) {
    if (!unsent_.empty()) {
      finishing_ = true;
      return;
    }
    tls_->end();
  }
  stream_.finish();
}

void Channel::close(CloseReason reason) {
  if (tls_ && !opening_ && usable() && unsent_.empty()) tls_->end();
  stream_.close(reason);
}

void Channel::on_closed(Stream& /*stream*/, CloseReason reason) {
  if (transport_ != nullptr && reason == CloseReason::kTlsFailed) {
    transport_->set_tls_fault(why_);  // within the handshake, or by an alert behind it
  } else if (transport_ != nullptr && opening_ && reason != CloseReason::kLocal) {
    transport_->set_fault(words_of(error()));
  }
  start_over();
  handler_.on_closed(*this, reason);
}

}  // namespace headgate::net
