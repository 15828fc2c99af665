// A non-blocking connection (TCP, or a Unix socket) in a loop: an input buffer borrowed while there
// are bytes, output that is written at once, and values that say why it ended.
//
// Backpressure needs no callbacks to compute: input is at most one buffer, and while a stream is
// paused, or its buffer is full, the kernel's window closes behind it. Output that the kernel does
// not take is kept, up to kPendingMax; who relays pauses the other side until on_drained.
//
// Allowed calls: (connect | open) (send | consume | pause_reading | resume_reading)* [finish]
// close. After on_closed a stream may be connected or opened again.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <vector>

#include "headgate/net/address.hpp"
#include "headgate/net/event_loop.hpp"

namespace headgate::net {

enum class CloseReason : std::uint8_t {
  kLocal,           ///< close() or the end of finish()
  kTimedOut,        ///< close(kTimedOut): the owner's deadline passed
  kReset,           ///< the peer reset the connection, or the network lost it
  kConnectRefused,  ///< nobody listens there
  kConnectFailed,   ///< any other end of a connection attempt
  kTlsFailed,       ///< no agreement on TLS, or broken records; see Channel
};

[[nodiscard]] std::string_view to_text(CloseReason reason) noexcept;

class Stream;

/// Who owns a stream. Calls come from the loop, in its phase 2, on_closed in phase 3; none comes
/// from within a call to the stream.
class StreamHandler {
 public:
  /// The connection made by `connect` stands.
  virtual void on_connected(Stream& /*stream*/) {}
  /// There is new input, or input ended (`input_ended`), or reading was resumed with input unread.
  virtual void on_input(Stream& stream) = 0;
  /// All that was kept because the kernel was full has now been written.
  virtual void on_drained(Stream& /*stream*/) {}
  /// The descriptor is closed; exactly once for each open or connect. The stream may be destroyed
  /// or used anew in this call.
  virtual void on_closed(Stream& stream, CloseReason reason) = 0;

 protected:
  ~StreamHandler() = default;
};

class Stream final : public Source {
 public:
  /// Output kept at most; `send` requires that it fits.
  static constexpr std::size_t kPendingMax = 8 * kBufferSize;

  Stream(EventLoop& loop, StreamHandler& handler);
  /// An open connection is closed at once, without on_closed.
  ~Stream() override = default;

  /// Takes over a connected, non-blocking socket.
  void open(Fd socket);
  /// Starts a connection; on_connected or on_closed follows. Output sent meanwhile is kept and
  /// written then.
  void connect(const Address& address) { connect(address, nullptr); }
  /// The same from an address of this machine; its port should be 0. The port is chosen when the
  /// connection is made, so that each source has as many as there are for one destination.
  void connect(const Address& address, const Address* source);

  /// The unread bytes: at most kBufferSize. Valid until consume, or the return to the loop.
  [[nodiscard]] std::string_view input() const noexcept {
    return input_ ? std::string_view{input_->bytes.data() + input_->begin, input_->size()}
                  : std::string_view{};
  }
  /// The same bytes, for who rewrites them in place.
  [[nodiscard]] std::span<char> mutable_input() noexcept {
    return input_ ? std::span{input_->bytes.data() + input_->begin, input_->size()}
                  : std::span<char>{};
  }
  /// Reads on at once if the last read left something behind, for who wants to see all that is
  /// there before it answers; whether input() has grown. To be called in on_input, a bounded number
  /// of times.
  bool read_on() noexcept;
  /// Takes `size` bytes off the front. Requires: size <= input().size().
  void consume(std::size_t size) noexcept;
  /// True once the peer has sent its last byte; what is in input() is all there will be.
  [[nodiscard]] bool input_ended() const noexcept { return input_ended_; }
  /// No byte more will come than fits: the whole buffer is unread.
  [[nodiscard]] bool input_full() const noexcept { return input().size() == kBufferSize; }

  /// No on_input until resumed; the peer is slowed down by the closing window. A reset is noticed
  /// all the same, and what was not read is lost with it.
  void pause_reading() noexcept { paused_ = true; }
  /// on_input follows in the next turn if there is unread or newly arrived input, or its end.
  void resume_reading();
  [[nodiscard]] bool paused() const noexcept { return paused_; }

  /// Writes the pieces, in one system call, as far as the kernel takes them, and keeps a copy of
  /// the rest for later. At most 8 pieces. Requires: pending() plus their size <= kPendingMax. A
  /// stream that has ended takes no output; its owner hears on_closed.
  void send(std::initializer_list<std::string_view> pieces);
  void send(std::string_view piece) { send({piece}); }
  /// Bytes kept because the kernel was full. While there are any, on_drained will come.
  [[nodiscard]] std::size_t pending() const noexcept { return pending_size_; }

  /// The polite end: writes what is pending (giving up on a peer that takes nothing for 30 s),
  /// shuts down the sending side, throws away what still comes in until the peer ends too, for at
  /// most 5 s or 1 MiB, then closes. So that the peer reads the last answer: closing with unread
  /// input would reset the connection and could destroy it.
  void finish();
  /// Ends it at the end of this batch; pending output is lost. The first reason given counts.
  void close(CloseReason reason = CloseReason::kLocal);

  /// Open, or connecting, and neither finishing nor closing.
  [[nodiscard]] bool usable() const noexcept { return fd_.open() && !finishing_ && !closing_; }
  [[nodiscard]] bool connecting() const noexcept { return connecting_; }
  /// The system's errno behind kReset and kConnectFailed, else 0.
  [[nodiscard]] int error() const noexcept { return error_; }
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

 private:
  void collect(std::uint32_t events) noexcept override;
  void advance() noexcept override;
  void end() noexcept override;

  void watch();
  void start_over() noexcept;
  void receive() noexcept;
  void discard() noexcept;
  void complete_connect();
  void flush();
  void keep(std::string_view piece);
  void fail(int error);
  void shut_down_sending();
  void on_linger_over(TimePoint now) noexcept;

  StreamHandler& handler_;
  Fd fd_;
  BorrowedBuffer input_;                 // null while there is no unread input
  std::vector<BorrowedBuffer> pending_;  // output the kernel did not take, in order
  std::size_t pending_size_ = 0;
  std::size_t discarded_ = 0;  // bytes thrown away since finish()
  int error_ = 0;
  CloseReason reason_ = CloseReason::kLocal;
  bool connecting_ = false;
  bool readable_ = false;   // the kernel may have input: no short read since the last edge
  bool writable_ = false;   // the kernel took all of the last write
  bool flush_due_ = false;  // an edge said writable while there is pending output
  bool paused_ = false;
  bool input_new_ = false;    // on_input is owed
  bool peer_ended_ = false;   // epoll saw the peer's FIN; input may still be in the kernel
  bool broken_ = false;       // epoll saw an error; input from before it may still be in the kernel
  bool input_ended_ = false;  // and now all of it has been read
  bool finishing_ = false;
  bool closing_ = false;
  Deadline linger_;
};

}  // namespace headgate::net
