// Buffers of one size, lent while bytes are in flight and taken back the moment they are not: an
// idle connection costs no buffer. The last one returned is lent first, because it is still in the
// processor's cache.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace headgate::net {

inline constexpr std::size_t kBufferSize = std::size_t{32} * 1024;

struct Buffer {
  std::size_t begin = 0;  ///< first byte in use
  std::size_t end = 0;    ///< one past the last byte in use; begin <= end <= kBufferSize
  std::array<char, kBufferSize> bytes;

  [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
  [[nodiscard]] std::size_t room() const noexcept { return kBufferSize - end; }
};

class BufferPool;

/// Gives the buffer back to its pool, which must outlive it.
struct ReturnBuffer {
  BufferPool* pool = nullptr;
  inline void operator()(Buffer* buffer) const noexcept;
};

using BorrowedBuffer = std::unique_ptr<Buffer, ReturnBuffer>;

class BufferPool {
 public:
  /// `keep_max` free buffers are kept for reuse; those beyond go back to the system.
  explicit BufferPool(std::size_t keep_max = 512) : keep_max_(keep_max) { free_.reserve(keep_max); }
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;

  /// An empty buffer with unspecified bytes. Allocates only while more are lent than ever before
  /// (or than `keep_max`).
  [[nodiscard]] BorrowedBuffer lend() {
    ++lent_;
    if (free_.empty()) return {new Buffer, ReturnBuffer{this}};
    Buffer* buffer = free_.back().release();
    free_.pop_back();
    buffer->begin = buffer->end = 0;
    return {buffer, ReturnBuffer{this}};
  }

  [[nodiscard]] std::size_t lent() const noexcept { return lent_; }

 private:
  friend struct ReturnBuffer;
  void take_back(Buffer* buffer) noexcept {
    --lent_;
    std::unique_ptr<Buffer> owned{buffer};
    if (free_.size() < keep_max_) free_.push_back(std::move(owned));  // within the reserved space
  }

  std::size_t keep_max_;
  std::size_t lent_ = 0;
  std::vector<std::unique_ptr<Buffer>> free_;
};

inline void ReturnBuffer::operator()(Buffer* buffer) const noexcept { pool->take_back(buffer); }

}  // namespace headgate::net
