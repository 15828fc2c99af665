#include "headgate/http/chunked.hpp"

#include <algorithm>

#include "headgate/core/check.hpp"
#include "headgate/http/char_class.hpp"

namespace headgate::http {
namespace {

using detail::is;

constexpr unsigned kName = detail::kToken | detail::kUnderscore;
constexpr std::uint64_t kSizeLimit = (std::uint64_t{1} << 63) - 1;

}  // namespace

ChunkedDecoder::Step ChunkedDecoder::next(std::string_view input) noexcept {
  Step step;
  while (step.framing < input.size() && state_ != State::kDone && state_ != State::kRefused) {
    if (state_ == State::kData) {
      step.data =
          static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size() - step.framing));
      left_ -= step.data;
      if (left_ == 0) state_ = State::kDataCr;
      return step;
    }
    take(input[step.framing]);
    ++step.framing;
  }
  return step;
}

void ChunkedDecoder::refuse(Reason reason) noexcept {
  refused_ = reason;
  state_ = State::kRefused;
}

void ChunkedDecoder::take(char byte) noexcept {
  switch (state_) {
    case State::kSize:
      return take_size(byte);
    case State::kExtensionName:
    case State::kExtensionValue:
    case State::kExtensionToken:
    case State::kExtensionQuoted:
    case State::kExtensionEscape:
    case State::kExtensionQuoteEnd:
      return take_extension(byte);
    case State::kSizeLf:
      if (byte != '\n') return refuse(Reason::kChunkLine);
      digits_ = 0;
      state_ = left_ == 0 ? State::kTrailerFirst : State::kData;
      return;
    case State::kDataCr:
    case State::kDataLf:
      if (byte != (state_ == State::kDataCr ? '\r' : '\n')) return refuse(Reason::kChunkDataEnd);
      state_ = state_ == State::kDataCr ? State::kDataLf : State::kSize;
      return;
    case State::kTrailerFirst:
    case State::kTrailerName:
    case State::kTrailerValue:
    case State::kTrailerLf:
    case State::kEndLf:
      return take_trailer(byte);
    case State::kData:
    case State::kDone:
    case State::kRefused:
      HG_ASSERT(false);  // next() handles these
  }
}

void ChunkedDecoder::take_size(char byte) noexcept {
  if (const int digit = detail::hex_value(byte); digit >= 0) {
    // Sixteen digits hold every size; more are a sender that pads, or an attempt to overflow.
    if (++digits_ > 16 || left_ > (kSizeLimit >> 4)) return refuse(Reason::kChunkSize);
    left_ = (left_ << 4) | static_cast<std::uint64_t>(digit);
    return;
  }
  if (digits_ == 0) return refuse(Reason::kChunkSize);
  end_size(byte);
}

/// What may follow a size or a whole extension: the next extension or the end of the line. No blank
/// may, although RFC 9112 section 7.1.1 has "bad" ones: they are where parsers went wrong.
void ChunkedDecoder::end_size(char byte) noexcept {
  if (byte == '\r') {
    state_ = State::kSizeLf;
  } else if (byte == '\n') {
    refuse(Reason::kChunkLine);
  } else if (byte != ';') {
    refuse(state_ == State::kSize ? Reason::kChunkSize : Reason::kChunkExtension);
  } else if (++extensions_ > kChunkExtensionsMax) {
    refuse(Reason::kChunkExtensionsLarge);
  } else {
    name_empty_ = true;
    state_ = State::kExtensionName;
  }
}

/// chunk-ext = ";" name [ "=" ( token / quoted-string ) ], RFC 9112 section 7.1.1.
void ChunkedDecoder::take_extension(char byte) noexcept {
  if (++extension_bytes_ > kChunkExtensionBytesMax) return refuse(Reason::kChunkExtensionsLarge);
  switch (state_) {
    case State::kExtensionName:
      if (is(byte, kName)) {
        name_empty_ = false;
      } else if (name_empty_) {
        refuse(byte == '\n' ? Reason::kChunkLine : Reason::kChunkExtension);
      } else if (byte == '=') {
        state_ = State::kExtensionValue;
      } else {
        end_size(byte);
      }
      return;
    case State::kExtensionValue:
      if (byte == '"') {
        state_ = State::kExtensionQuoted;
      } else if (is(byte, kName)) {
        state_ = State::kExtensionToken;
      } else {
        refuse(byte == '\n' ? Reason::kChunkLine : Reason::kChunkExtension);
      }
      return;
    case State::kExtensionToken:
      if (!is(byte, kName)) end_size(byte);
      return;
    case State::kExtensionQuoted:
      if (byte == '"') {
        state_ = State::kExtensionQuoteEnd;
      } else if (byte == '\\') {
        state_ = State::kExtensionEscape;
      } else if (!is(byte, detail::kText)) {
        refuse(byte == '\n' ? Reason::kChunkLine : Reason::kChunkExtension);
      }
      return;
    case State::kExtensionEscape:
      if (!is(byte, detail::kText)) return refuse(Reason::kChunkExtension);
      state_ = State::kExtensionQuoted;
      return;
    default:
      return end_size(byte);
  }
}

/// The trailer section: field lines that are judged and dropped, then an empty line.
void ChunkedDecoder::take_trailer(char byte) noexcept {
  if (++trailer_bytes_ > kTrailerBytesMax) return refuse(Reason::kTrailersLarge);
  switch (state_) {
    case State::kTrailerFirst:
      if (byte == '\r') {
        state_ = State::kEndLf;
      } else if (byte == '\n') {
        refuse(Reason::kChunkLine);
      } else if (!is(byte, kName)) {
        refuse(Reason::kTrailerSyntax);
      } else if (++trailers_ > kTrailersMax) {
        refuse(Reason::kTrailersLarge);
      } else {
        state_ = State::kTrailerName;
      }
      return;
    case State::kTrailerName:
      if (byte == ':') {
        state_ = State::kTrailerValue;
      } else if (!is(byte, kName)) {
        refuse(Reason::kTrailerSyntax);
      }
      return;
    case State::kTrailerValue:
      if (byte == '\r') {
        state_ = State::kTrailerLf;
      } else if (!is(byte, detail::kText)) {
        refuse(byte == '\n' ? Reason::kChunkLine : Reason::kTrailerSyntax);
      }
      return;
    default:
      if (byte != '\n') return refuse(Reason::kChunkLine);
      state_ = state_ == State::kEndLf ? State::kDone : State::kTrailerFirst;
      return;
  }
}

std::size_t write_chunk_head(std::uint64_t size, std::span<char, kChunkHeadMax> out) noexcept {
  HG_ASSERT(size >= 1);
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::size_t count = 1;
  for (std::uint64_t rest = size >> 4; rest != 0; rest >>= 4) ++count;
  for (std::size_t i = count; i-- > 0; size >>= 4) out[i] = kDigits[size & 15];
  out[count] = '\r';
  out[count + 1] = '\n';
  return count + 2;
}

}  // namespace headgate::http
