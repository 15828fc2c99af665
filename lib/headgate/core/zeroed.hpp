// A large array that is all zeros until it is written to.
//
// For a large one the allocator asks the kernel, which gives zero pages when they are first
// touched: an array for ten million callers costs address space at the start, and memory as callers
// come.
#pragma once

#include <cstddef>
#include <span>
#include <type_traits>
#include <utility>

namespace headgate {

/// `size` zeroed bytes at the start of a pair of cache lines, given back with the object. Ends the
/// program if there is no address space for them, as operator new would.
class ZeroedMemory {
 public:
  explicit ZeroedMemory(std::size_t size);
  ~ZeroedMemory();
  ZeroedMemory(ZeroedMemory&& other) noexcept
      : raw_(std::exchange(other.raw_, nullptr)), bytes_(std::exchange(other.bytes_, nullptr)) {}
  ZeroedMemory& operator=(ZeroedMemory&& other) noexcept {
    std::swap(raw_, other.raw_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ZeroedMemory(const ZeroedMemory&) = delete;
  ZeroedMemory& operator=(const ZeroedMemory&) = delete;

  [[nodiscard]] void* data() const noexcept { return bytes_; }

 private:
  static constexpr std::size_t kAlignment = 128;

  void* raw_;    // as allocated
  void* bytes_;  // aligned within it
};

/// `size` objects of a type for which all zero bytes are a value.
template <class T>
  requires std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>
class ZeroedArray {
 public:
  explicit ZeroedArray(std::size_t size) : memory_(size * sizeof(T)), size_(size) {}

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] T& operator[](std::size_t index) noexcept { return data()[index]; }
  [[nodiscard]] const T& operator[](std::size_t index) const noexcept { return data()[index]; }
  [[nodiscard]] std::span<T> subspan(std::size_t first, std::size_t count) noexcept {
    return {data() + first, count};
  }
  [[nodiscard]] std::span<const T> subspan(std::size_t first, std::size_t count) const noexcept {
    return {data() + first, count};
  }

 private:
  [[nodiscard]] T* data() const noexcept { return static_cast<T*>(memory_.data()); }

  ZeroedMemory memory_;
  std::size_t size_;
};

}  // namespace headgate
