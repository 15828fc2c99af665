// A connection as a protocol sees it: bytes in, bytes out, whatever lies around them. It binds the
// source, sends the PROXY header, makes the TLS handshake, and says how long each took. Without TLS
// it is the stream beneath and costs a branch.
//
// The calls are those of a Stream (stream.hpp), with the same promises; on_open is when the
// protocol may begin.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "headgate/core/time.hpp"
#include "headgate/net/stream.hpp"
#include "headgate/net/tls_session.hpp"
#include "headgate/net/transport.hpp"

namespace headgate::net {

/// How long it took until a channel stood.
struct Opening {
  Duration connect{};  ///< of the transport
  Duration tls{};      ///< of the handshake after it; zero without TLS
};

class Channel;

/// Who owns a channel: as StreamHandler.
class ChannelHandler {
 public:
  virtual void on_open(Channel& /*channel*/, const Opening& /*opening*/) {}
  virtual void on_input(Channel& channel) = 0;
  virtual void on_drained(Channel& /*channel*/) {}
  virtual void on_closed(Channel& channel, CloseReason reason) = 0;

 protected:
  ~ChannelHandler() = default;
};

class Channel final : private StreamHandler {
 public:
  /// Output that does not fit the stream beneath is kept here, up to this.
  static constexpr std::size_t kPendingMax = Stream::kPendingMax;

  Channel(EventLoop& loop, ChannelHandler& handler);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel() = default;

  // (connect | accept) (send | consume | pause_reading | resume_reading)* [finish] close

  /// `transport` outlives the connection.
  void connect(const Transport& transport);
  /// Takes over a connected socket; as the server of `tls`, which outlives it, if that is not null.
  void accept(Fd socket, const TlsContext* tls);

  [[nodiscard]] std::string_view input() const noexcept {
    if (!tls_) return stream_.input();
    return plain_ ? std::string_view{plain_->bytes.data() + plain_->begin, plain_->size()}
                  : std::string_view{};
  }
  void consume(std::size_t size) noexcept;
  bool read_on() noexcept { return !tls_ && stream_.read_on(); }
  [[nodiscard]] bool input_ended() const noexcept {
    return tls_ ? tls_ended_ : stream_.input_ended();
  }
  [[nodiscard]] bool input_full() const noexcept { return input().size() == kBufferSize; }
  void pause_reading() noexcept { stream_.pause_reading(); }
  void resume_reading();
  [[nodiscard]] bool paused() const noexcept { return stream_.paused(); }

  /// Requires: open, and pending() + piece.size() <= kPendingMax.
  void send(std::string_view piece);
  [[nodiscard]] std::size_t pending() const noexcept {
    return stream_.pending() + (unsent_.size() - unsent_begin_);
  }
  void finish();
  void close(CloseReason reason = CloseReason::kLocal);

  [[nodiscard]] bool usable() const noexcept { return stream_.usable() && !finishing_; }
  /// Not open yet: on_open or on_closed is to come.
  [[nodiscard]] bool opening() const noexcept { return opening_; }
  /// The system's errno behind kReset and kConnectFailed, else 0.
  [[nodiscard]] int error() const noexcept { return stream_.error(); }
  /// What was wrong, for kTlsFailed; a clause.
  [[nodiscard]] const std::string& why() const noexcept { return why_; }
  /// The protocol that TLS agreed on (ALPN), or empty.
  [[nodiscard]] std::string_view protocol() const noexcept {
    return tls_ ? tls_->protocol() : std::string_view{};
  }
  [[nodiscard]] bool tls_resumed() const noexcept { return tls_ && tls_->resumed(); }

 private:
  void on_connected(Stream& stream) override;
  void on_input(Stream& stream) override;
  void on_drained(Stream& stream) override;
  void on_closed(Stream& stream, CloseReason reason) override;

  void start_over();
  void shake_hands();
  void opened(Duration tls);
  bool decrypt();
  void deliver();
  void flush();
  void fail_tls();
  void on_again(TimePoint now) noexcept { static_cast<void>(now), deliver(); }

  EventLoop& loop_;
  ChannelHandler& handler_;
  Stream stream_;
  const Transport* transport_ = nullptr;  // of a client
  TlsTicket ticket_;
  std::optional<TlsSession> tls_;
  BorrowedBuffer plain_;          // decrypted and unread; null while there is none
  std::string unsent_;            // output that TLS has not taken
  std::size_t unsent_begin_ = 0;  // bytes of it that it has
  std::string why_;
  TimePoint began_{};      // of connecting
  TimePoint connected_{};  // of the transport
  bool opening_ = false;
  bool tls_ended_ = false;
  bool finishing_ = false;   // finish() waits for unsent_
  bool owed_ = false;        // what was unread when the owner paused is to be shown again
  bool delivering_ = false;  // deliver() is on the stack
  Timer again_;              // decrypted input is left, and no event will tell
};

}  // namespace headgate::net
