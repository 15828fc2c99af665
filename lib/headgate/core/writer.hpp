// Appends text and numbers to a flat buffer of the caller, and remembers if it did not fit.
#pragma once

#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>

namespace headgate {

class Writer {
 public:
  explicit Writer(std::span<char> out) noexcept
      : at_(out.data()), begin_(at_), end_(at_ + out.size()) {}

  Writer& text(std::string_view piece) noexcept {
    if (piece.size() > static_cast<std::size_t>(end_ - at_)) {
      fits_ = false;
    } else if (fits_ && !piece.empty()) {
      std::memcpy(at_, piece.data(), piece.size());
      at_ += piece.size();
    }
    return *this;
  }
  Writer& number(std::integral auto value) noexcept {
    const std::to_chars_result result = std::to_chars(at_, end_, value);
    if (result.ec != std::errc{} || !fits_) {
      fits_ = false;
    } else {
      at_ = result.ptr;
    }
    return *this;
  }
  /// False once anything did not fit; then nothing more is written.
  [[nodiscard]] bool fits() const noexcept { return fits_; }
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(at_ - begin_); }
  /// What was written; empty if it did not fit.
  [[nodiscard]] std::string_view result() const noexcept {
    return fits_ ? std::string_view{begin_, size()} : std::string_view{};
  }

 private:
  char* at_;
  char* begin_;
  char* end_;
  bool fits_ = true;
};

}  // namespace headgate
