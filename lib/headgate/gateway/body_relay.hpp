// Carries one body from one connection to another: reads it by the framing it comes in, writes it
// in the framing it goes out in, and never copies what can be passed on as it stands.
//
// What goes out is always framed by us, from the count of data bytes we saw: chunk extensions and
// trailers stay behind, and a length is passed on only if exactly that many bytes follow it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "headgate/http/chunked.hpp"
#include "headgate/http/framing.hpp"
#include "headgate/http/reason.hpp"

namespace headgate::gateway {

class BodyRelay {
 public:
  enum class Out : std::uint8_t { kRaw, kChunked };

  /// Room that `step` needs to write the output for `size` bytes of input. Our chunk heads are no
  /// longer than those read; a first and a last chunk that are cut by the input cost a little more.
  static constexpr std::size_t scratch_size(std::size_t size) noexcept { return size + 64; }

  /// Starts over with a body that comes in as `in`. A body without bytes is done at once, unless
  /// kChunked must say so: see `step`.
  void begin(const http::Framing& in, Out out) noexcept;

  struct Step {
    std::size_t consumed = 0;      ///< bytes of input that are dealt with
    std::string_view output = {};  ///< views `input` or `scratch`
  };
  /// Deals with all of `input` that belongs to this body. Requires: scratch.size() >=
  /// scratch_size(input.size()).
  [[nodiscard]] Step step(std::string_view input, std::span<char> scratch) noexcept;

  /// For a body that ends with its connection: that is now. Returns what must still be written.
  [[nodiscard]] std::string_view end_of_input() noexcept;
  [[nodiscard]] bool ends_with_connection() const noexcept {
    return in_.kind == http::Framing::Kind::kUntilClose;
  }

  /// All of it, and what ends it, has been put out.
  [[nodiscard]] bool done() const noexcept { return done_; }
  /// kNone, or why the framing of the input cannot be relied on.
  [[nodiscard]] http::Reason refused() const noexcept { return chunked_.refused(); }
  /// Whether `limit` bytes of data can be all that is still to come; a chunked body does not say.
  [[nodiscard]] bool left_at_most(std::uint64_t limit) const noexcept {
    return in_.kind != http::Framing::Kind::kLength || in_.length - size_ <= limit;
  }
  /// Bytes of data so far, without framing.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

 private:
  Step step_chunked(std::string_view input, std::span<char> scratch) noexcept;
  Step step_plain(std::string_view input, std::span<char> scratch) noexcept;

  http::Framing in_;
  Out out_ = Out::kRaw;
  bool done_ = true;
  std::uint64_t size_ = 0;
  http::ChunkedDecoder chunked_;
};

}  // namespace headgate::gateway
