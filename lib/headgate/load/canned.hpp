// Responses made once and sent many times: all bytes of a small one in one piece, so that an answer
// is one send of one buffer.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace headgate::load {

/// Bodies over this are sent block by block from one shared block of this size.
inline constexpr std::size_t kCannedBlock = std::size_t{64} * 1024;

struct Canned {
  std::string text;             ///< head, then the body if it fits into one block
  std::size_t head_size = 0;    ///< of `text`
  std::uint64_t body_left = 0;  ///< bytes of body that follow `text`, from `canned_block()`
};

/// A response with a plain body of `size` bytes; none with 204 and 304 (RFC 9110 section 6.4.1).
/// `close`: with Connection: close.
[[nodiscard]] Canned make_canned(int status, std::uint64_t size, bool close);

/// kCannedBlock bytes of text.
[[nodiscard]] std::string_view canned_block();

}  // namespace headgate::load
