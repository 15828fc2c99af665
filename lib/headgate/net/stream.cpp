#include "headgate/net/stream.hpp"

#include <netinet/tcp.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "headgate/core/check.hpp"

namespace headgate::net {
namespace {

constexpr Duration kLinger = std::chrono::seconds{5};
/// How long finish() waits for a peer that takes nothing of what is pending.
constexpr Duration kFlushPatience = std::chrono::seconds{30};
constexpr std::size_t kLingerBytesMax = std::size_t{1024} * 1024;
constexpr std::size_t kPiecesMax = 8;
/// Less room than this behind unread input: it is moved to the front before the next receive.
constexpr std::size_t kRoomMin = kBufferSize / 4;

/// What the kernel took; -1 with errno for a broken connection.
ssize_t write_some(int fd, std::span<iovec> pieces) noexcept {
  ssize_t written = 0;
  do {
    if (pieces.size() == 1) {
      written = ::send(fd, pieces[0].iov_base, pieces[0].iov_len, MSG_NOSIGNAL);
    } else {
      msghdr message{};
      message.msg_iov = pieces.data();
      message.msg_iovlen = pieces.size();
      written = sendmsg(fd, &message, MSG_NOSIGNAL);
    }
  } while (written < 0 && errno == EINTR);
  return written < 0 && errno == EAGAIN ? 0 : written;
}

/// What went wrong with the socket since this was last asked; 0 if nothing.
int error_of(int fd) noexcept {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

}  // namespace

std::string_view to_text(CloseReason reason) noexcept {
  switch (reason) {
    case CloseReason::kLocal:
      return "local";
    case CloseReason::kTimedOut:
      return "timed_out";
    case CloseReason::kReset:
      return "reset";
    case CloseReason::kConnectRefused:
      return "connect_refused";
    case CloseReason::kConnectFailed:
      return "connect_failed";
    case CloseReason::kTlsFailed:
      return "tls_failed";
  }
  return "";
}

Stream::Stream(EventLoop& loop, StreamHandler& handler)
    : Source(loop), handler_(handler), linger_(callback<&Stream::on_linger_over>(this)) {}

void Stream::start_over() noexcept {
  fd_.reset();
  input_.reset();
  pending_.clear();
  pending_size_ = discarded_ = 0;
  connecting_ = readable_ = writable_ = flush_due_ = paused_ = input_new_ = false;
  peer_ended_ = broken_ = input_ended_ = finishing_ = closing_ = false;
  linger_.cancel();
}

void Stream::watch() {
  if (!loop_.watch(fd_.get(), *this)) fail(errno);
}

void Stream::open(Fd socket) {
  HG_ASSERT(!fd_.open() && socket.open());
  error_ = 0;
  fd_ = std::move(socket);
  writable_ = true;
  watch();
}

void Stream::connect(const Address& address, const Address* source) {
  HG_ASSERT(!fd_.open());
  error_ = 0;
  connecting_ = true;
  fd_ = Fd{socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  if (!fd_.open()) return fail(errno);
  const int on = 1;
  if (!address.is_local()) setsockopt(fd_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (source != nullptr) {
    setsockopt(fd_.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(fd_.get(), source->data(), source->size()) != 0) return fail(errno);
  }
  if (::connect(fd_.get(), address.data(), address.size()) != 0 && errno != EINPROGRESS) {
    return fail(errno);
  }
  watch();
}

void Stream::fail(int error) {
  error_ = error;
  if (!connecting_) return close(CloseReason::kReset);
  close(error == ECONNREFUSED ? CloseReason::kConnectRefused : CloseReason::kConnectFailed);
}

void Stream::close(CloseReason reason) {
  if (closing_) return;
  closing_ = true;
  reason_ = reason;
  loop_.end_later(*this);
}

void Stream::end() noexcept {
  const CloseReason reason = reason_;
  start_over();
  handler_.on_closed(*this, reason);
}

// --- input -------------------------------------------------------------------------------------

void Stream::collect(std::uint32_t events) noexcept {
  if (closing_) return;
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) readable_ = true;
  // A reset sets the bit of a FIN too, but what came before it is no whole message.
  if ((events & EPOLLERR) != 0) {
    broken_ = true;
  } else if ((events & EPOLLRDHUP) != 0) {
    peer_ended_ = true;
  }
  if ((events & EPOLLOUT) != 0 && !writable_ && !connecting_) {
    writable_ = true;
    flush_due_ = pending_size_ > 0;
  }
  if (connecting_) {
    // Before the connection is tried, epoll reports an unconnected socket as hung up: not yet.
    if ((events & (EPOLLOUT | EPOLLERR)) != 0) loop_.advance_later(*this);
    return;
  }
  if (finishing_) {
    discard();
  } else if (!paused_) {
    receive();
  } else if (broken_) {
    fail(error_of(fd_.get()));  // nobody reads, so no read will tell
  }
  if (flush_due_ || (input_new_ && !paused_)) loop_.advance_later(*this);
}

void Stream::receive() noexcept {
  if (!readable_) return;
  if (!input_) input_ = loop_.buffers().lend();
  Buffer& buffer = *input_;
  if (buffer.room() < kRoomMin && buffer.begin > 0) {
    std::memmove(buffer.bytes.data(), buffer.bytes.data() + buffer.begin, buffer.size());
    buffer.end -= buffer.begin;
    buffer.begin = 0;
  }
  const std::size_t room = buffer.room();
  if (room == 0) return;  // readable_ stays: consume() asks for another look
  const ssize_t size = recv(fd_.get(), buffer.bytes.data() + buffer.end, room, 0);
  if (size > 0) {
    buffer.end += static_cast<std::size_t>(size);
    input_new_ = true;
    // A short read emptied the kernel's queue; a FIN seen before it can have no byte behind it.
    if (static_cast<std::size_t>(size) < room) {
      readable_ = broken_;  // the next read, of which no edge tells, says why
      input_ended_ = peer_ended_ && !broken_;
    }
    return;
  }
  if (size < 0 && errno == EINTR) return loop_.look_again(*this);
  readable_ = false;
  if (size == 0) {
    input_ended_ = input_new_ = true;
  } else if (errno != EAGAIN) {
    fail(errno);
  }
  if (buffer.size() == 0) input_.reset();
}

bool Stream::read_on() noexcept {
  if (!readable_ || paused_ || !usable()) return false;
  const std::size_t before = input().size();
  receive();
  input_new_ = false;
  return input().size() > before;
}

void Stream::discard() noexcept {
  if (!readable_) return;
  const BorrowedBuffer scratch = loop_.buffers().lend();
  const ssize_t size = recv(fd_.get(), scratch->bytes.data(), kBufferSize, 0);
  if (size > 0) {
    discarded_ += static_cast<std::size_t>(size);
    if (discarded_ > kLingerBytesMax) return close();
    if (static_cast<std::size_t>(size) == kBufferSize) return loop_.look_again(*this);
    if (peer_ended_) input_ended_ = true;
  } else if (size == 0) {
    input_ended_ = true;
  } else if (errno != EAGAIN && errno != EINTR) {
    return fail(errno);
  }
  readable_ = false;
  if (input_ended_ && pending_size_ == 0) close();
}

void Stream::consume(std::size_t size) noexcept {
  if (size == 0) return;
  HG_ASSERT(input_ && size <= input_->size());
  input_->begin += size;
  if (input_->size() == 0) input_.reset();
  if (readable_ && !paused_ && !closing_) loop_.look_again(*this);
}

void Stream::resume_reading() {
  if (!paused_) return;
  paused_ = false;
  input_new_ = input_new_ || input_ != nullptr || input_ended_;
  if (readable_ || input_new_) loop_.look_again(*this);
}

void Stream::advance() noexcept {
  if (closing_) return;
  if (connecting_) complete_connect();
  if (flush_due_) flush();
  if (!input_new_ || paused_ || !usable()) return;
  input_new_ = false;
  handler_.on_input(*this);
  if (paused_ && broken_ && usable()) return fail(error_of(fd_.get()));
  // A full read may have left more behind it, and no edge will tell.
  if (readable_ && !paused_ && usable() && !input_full()) loop_.look_again(*this);
}

// --- output ------------------------------------------------------------------------------------

void Stream::complete_connect() {
  if (const int error = error_of(fd_.get()); error != 0) return fail(error);
  connecting_ = false;
  writable_ = true;
  handler_.on_connected(*this);
  if (pending_size_ > 0 && !closing_) flush();
}

void Stream::send(std::initializer_list<std::string_view> pieces) {
  HG_ASSERT(pieces.size() <= kPiecesMax);
  if (!usable()) return;
  std::size_t taken = 0;
  if (writable_ && pending_size_ == 0) {
    std::array<iovec, kPiecesMax> list{};
    std::size_t count = 0;
    std::size_t total = 0;
    for (const std::string_view piece : pieces) {
      if (piece.empty()) continue;
      list[count++] = {.iov_base = const_cast<char*>(piece.data()), .iov_len = piece.size()};
      total += piece.size();
    }
    if (total == 0) return;
    const ssize_t written = write_some(fd_.get(), std::span{list}.first(count));
    if (written < 0) return fail(errno);
    taken = static_cast<std::size_t>(written);
    if (taken == total) return;
    writable_ = false;
  }
  for (const std::string_view piece : pieces) {
    const std::size_t skipped = std::min(taken, piece.size());
    taken -= skipped;
    keep(piece.substr(skipped));
  }
}

void Stream::keep(std::string_view piece) {
  HG_ASSERT(pending_size_ + piece.size() <= kPendingMax);
  pending_size_ += piece.size();
  while (!piece.empty()) {
    if (pending_.empty() || pending_.back()->room() == 0) {
      pending_.push_back(loop_.buffers().lend());
    }
    Buffer& buffer = *pending_.back();
    const std::size_t size = std::min(piece.size(), buffer.room());
    std::memcpy(buffer.bytes.data() + buffer.end, piece.data(), size);
    buffer.end += size;
    piece.remove_prefix(size);
  }
}

void Stream::flush() {
  flush_due_ = false;
  while (pending_size_ > 0) {
    std::array<iovec, kPiecesMax> list{};
    const std::size_t count = std::min(pending_.size(), kPiecesMax);
    std::size_t total = 0;
    for (std::size_t i = 0; i < count; ++i) {
      Buffer& buffer = *pending_[i];
      list[i] = {.iov_base = buffer.bytes.data() + buffer.begin, .iov_len = buffer.size()};
      total += buffer.size();
    }
    const ssize_t written = write_some(fd_.get(), std::span{list}.first(count));
    if (written < 0) return fail(errno);
    auto left = static_cast<std::size_t>(written);
    if (finishing_ && left > 0) {
      loop_.deadlines().arm(linger_, loop_.now() + kFlushPatience);
    }
    pending_size_ -= left;
    while (!pending_.empty() && left >= pending_.front()->size()) {
      left -= pending_.front()->size();
      pending_.erase(pending_.begin());
    }
    if (left > 0) pending_.front()->begin += left;
    if (static_cast<std::size_t>(written) < total) {
      writable_ = false;
      return;
    }
  }
  if (finishing_) return shut_down_sending();
  handler_.on_drained(*this);
}

// --- the end -----------------------------------------------------------------------------------

void Stream::finish() {
  if (!usable()) return;
  if (connecting_) return close();
  finishing_ = true;
  input_.reset();
  if (pending_size_ == 0) return shut_down_sending();
  loop_.deadlines().arm(linger_, loop_.now() + kFlushPatience);
}

void Stream::shut_down_sending() {
  if (input_ended_) return close();
  shutdown(fd_.get(), SHUT_WR);
  loop_.deadlines().arm(linger_, loop_.now() + kLinger);
  if (readable_ || peer_ended_) loop_.look_again(*this);
}

void Stream::on_linger_over(TimePoint /*now*/) noexcept { close(); }

}  // namespace headgate::net
