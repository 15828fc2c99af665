// The chunked transfer coding (RFC 9112 section 7.1): a decoder over pieces of input, as a state
// machine that keeps no bytes, and what is needed to write chunks. Extensions and trailers are
// judged and dropped; their number and size are bounded, since each byte of body could carry
// kilobytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "headgate/http/reason.hpp"

namespace headgate::http {

inline constexpr std::size_t kChunkExtensionBytesMax = 4096;  ///< in one body
inline constexpr std::size_t kChunkExtensionsMax = 16;        ///< in one body
inline constexpr std::size_t kTrailerBytesMax = 8192;
inline constexpr std::size_t kTrailersMax = 32;

class ChunkedDecoder {
 public:
  /// What stands at the start of the input: first `framing` bytes to skip, then `data` bytes of
  /// body.
  struct Step {
    std::size_t framing = 0;
    std::size_t data = 0;
  };

  /// Reads `input`, which follows what earlier steps covered; go on after framing + data. Stops at
  /// the end of the input, of a chunk, or of the body (done()), or at a fault (refused()); at least
  /// one byte is covered if there is one and neither done nor refused.
  [[nodiscard]] Step next(std::string_view input) noexcept;

  /// The last chunk and its trailers are over: what follows is not of this body.
  [[nodiscard]] bool done() const noexcept { return state_ == State::kDone; }
  /// kNone, or why the body cannot be relied on. Then the connection can not be used further.
  [[nodiscard]] Reason refused() const noexcept { return refused_; }
  void reset() noexcept { *this = ChunkedDecoder{}; }

 private:
  enum class State : std::uint8_t {
    kSize,
    kExtensionName,
    kExtensionValue,
    kExtensionToken,
    kExtensionQuoted,
    kExtensionEscape,
    kExtensionQuoteEnd,
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailerFirst,
    kTrailerName,
    kTrailerValue,
    kTrailerLf,
    kEndLf,
    kDone,
    kRefused,
  };

  void take(char byte) noexcept;
  void take_size(char byte) noexcept;
  void take_extension(char byte) noexcept;
  void take_trailer(char byte) noexcept;
  void end_size(char byte) noexcept;
  void refuse(Reason reason) noexcept;

  std::uint64_t left_ = 0;  // of the current chunk
  std::uint16_t extension_bytes_ = 0;
  std::uint16_t trailer_bytes_ = 0;
  std::uint8_t extensions_ = 0;
  std::uint8_t trailers_ = 0;
  std::uint8_t digits_ = 0;
  bool name_empty_ = true;  // of an extension
  State state_ = State::kSize;
  Reason refused_ = Reason::kNone;
};

inline constexpr std::size_t kChunkHeadMax = 18;  ///< 16 hexadecimal digits and CRLF
inline constexpr std::string_view kChunkEnd = "\r\n";
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";

/// Writes what precedes `size` bytes of data (kChunkEnd follows them) and returns its length.
/// Requires: size >= 1, since a chunk of 0 ends the body.
std::size_t write_chunk_head(std::uint64_t size, std::span<char, kChunkHeadMax> out) noexcept;

}  // namespace headgate::http
