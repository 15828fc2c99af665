// The request methods that a gateway forwards, as a small number and as a set of them.
//
// A method outside this list is answered 501 before any route is asked: what it would mean for
// framing, retries and caches is not known. CONNECT and TRACE are known and never forwarded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace headgate::http {

enum class Method : std::uint8_t {
  kGet,
  kHead,
  kPost,
  kPut,
  kPatch,
  kDelete,
  kOptions,
  kConnect,
  kTrace,
  kUnknown
};

/// Methods differ by case: `get` is kUnknown.
[[nodiscard]] Method method_of(std::string_view text) noexcept;
/// `GET`; empty for kUnknown.
[[nodiscard]] std::string_view to_text(Method method) noexcept;

/// Whether sending it twice does no more than sending it once (RFC 9110 section 9.2.2).
[[nodiscard]] constexpr bool is_idempotent(Method method) noexcept {
  return method != Method::kPost && method != Method::kPatch;
}

/// A set of methods; a value of two bytes.
class MethodSet {
 public:
  constexpr MethodSet() noexcept = default;
  /// Every method that can be forwarded.
  [[nodiscard]] static constexpr MethodSet all() noexcept { return MethodSet{0x7f}; }
  constexpr void add(Method method) noexcept {
    bits_ = static_cast<std::uint16_t>(bits_ | bit(method));
  }
  constexpr void add(MethodSet other) noexcept {
    bits_ = static_cast<std::uint16_t>(bits_ | other.bits_);
  }
  [[nodiscard]] constexpr bool has(Method method) const noexcept {
    return (bits_ & bit(method)) != 0;
  }
  [[nodiscard]] constexpr bool covers(MethodSet other) const noexcept {
    return (other.bits_ & ~bits_) == 0;
  }
  [[nodiscard]] constexpr bool overlaps(MethodSet other) const noexcept {
    return (other.bits_ & bits_) != 0;
  }
  [[nodiscard]] constexpr bool empty() const noexcept { return bits_ == 0; }
  friend constexpr bool operator==(MethodSet, MethodSet) = default;

 private:
  explicit constexpr MethodSet(std::uint16_t bits) noexcept : bits_(bits) {}
  static constexpr std::uint16_t bit(Method method) noexcept {
    return static_cast<std::uint16_t>(1U << static_cast<unsigned>(method));
  }

  std::uint16_t bits_ = 0;
};

/// `GET, POST`: the value of an Allow field, in the order of the enumeration.
[[nodiscard]] std::string to_text(MethodSet methods);

}  // namespace headgate::http
