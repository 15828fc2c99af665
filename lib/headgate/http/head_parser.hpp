// Strict HTTP/1.1 head parsers: the bytes up to and including the empty line become places in the
// caller's buffer, or a reason to refuse them.
//
// They work line by line and never look at a byte twice: a line is searched for its first control
// character (16 bytes at a time), and judged when it is whole. So a head that arrives in pieces
// gives exactly the result of one that arrives at once, whatever the pieces. Nothing is unfolded,
// repaired or guessed: a bare LF, a blank before a colon, a control character is refused, because
// another parser could read it differently (RFC 9112 sections 2 to 5).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "headgate/http/fields.hpp"
#include "headgate/http/method.hpp"
#include "headgate/http/reason.hpp"

namespace headgate::http {

inline constexpr std::size_t kRequestLineMax = 8192;  ///< bytes before its CRLF; longer: 414
inline constexpr std::size_t kHeadMax = 16384;        ///< bytes of the whole head; larger: 431
inline constexpr std::size_t kBlankLinesMax = 2;  ///< before a request line (RFC 9112 section 2.2)

enum class Progress : std::uint8_t {
  kNeedMore,  ///< right so far; call again with more of the same bytes
  kDone,
  kRefused,
};

struct RequestHead {
  Method method = Method::kUnknown;  ///< never kUnknown, kConnect or kTrace once parsed
  std::string_view target = {};      ///< printable ASCII without `"<>\^`{|}#`; never empty
  int minor = 1;                     ///< of the HTTP version: 0, or 1 for 1.1 and anything above
  Fields fields;
  std::size_t size = 0;  ///< bytes from the start of the buffer to the body
};

struct ResponseHead {
  int status = 0;                ///< 100 to 599
  std::string_view reason = {};  ///< may be empty
  int minor = 1;
  Fields fields;
  std::size_t size = 0;
};

namespace detail {

/// Finds line ends.
class LineReader {
 public:
  enum class Found : std::uint8_t { kNeedMore, kLine, kRefused };

  void reset() noexcept;
  /// The next whole line of `buffer`, which starts with all that was given before; its CRLF lies
  /// before `end_max`.
  Found next(std::string_view buffer, std::size_t end_max, std::string_view& line,
             Reason& reason) noexcept;
  /// Where the next line starts.
  [[nodiscard]] std::size_t position() const noexcept { return line_; }

 private:
  std::size_t line_ = 0;  // where the current line starts
  std::size_t seen_ = 0;  // at least line_; no control character between the two
};

/// What both parsers share: lines, limits, field lines.
class HeadReader {
 public:
  struct Rules {
    std::size_t first_line_max;
    Reason first_line_long;
    unsigned name_classes;  // see char_class.hpp
  };

  template <class FirstLine>
  Progress read(std::string_view buffer, const Rules& rules, Fields& fields,
                FirstLine first_line) noexcept;
  void begin_fields() noexcept { fields_begun_ = true; }
  [[nodiscard]] bool fields_begun() const noexcept { return fields_begun_; }
  [[nodiscard]] std::size_t position() const noexcept { return lines_.position(); }
  [[nodiscard]] Reason reason() const noexcept { return reason_; }
  void reset() noexcept { *this = HeadReader{}; }

 private:
  LineReader lines_;
  Reason reason_ = Reason::kNone;
  Progress progress_ = Progress::kNeedMore;
  bool fields_begun_ = false;
};

}  // namespace detail

/// (parse* reset)*. `parse` takes the whole buffer so far each time; the buffer may move in
/// between.
class RequestParser {
 public:
  /// Reads on. After kDone, head() is valid as long as the bytes stay where they are; bytes beyond
  /// head().size are the body or the next request. After kRefused, reason() says why and
  /// status_of(reason()) what to answer; the connection cannot be used further.
  /// O(new bytes), no allocation.
  [[nodiscard]] Progress parse(std::string_view buffer) noexcept;

  [[nodiscard]] const RequestHead& head() const noexcept { return head_; }
  [[nodiscard]] Reason reason() const noexcept { return reader_.reason(); }
  /// Whether `buffer` (as last parsed) holds the start of a request, not only empty lines: an end
  /// of the stream before that is a client that leaves, after that a request cut short.
  [[nodiscard]] bool started(std::string_view buffer) const noexcept;
  /// Ready for the next head, at the start of its own buffer.
  void reset() noexcept;

 private:
  [[nodiscard]] Reason read_request_line(std::string_view line, std::size_t start) noexcept;

  detail::HeadReader reader_;
  RequestHead head_;
  std::size_t target_ = 0;  // offset of the target in the buffer
  std::size_t blank_lines_ = 0;
};

/// The same for responses; what is refused here is a 502 to the client.
class ResponseParser {
 public:
  [[nodiscard]] Progress parse(std::string_view buffer) noexcept;
  [[nodiscard]] const ResponseHead& head() const noexcept { return head_; }
  [[nodiscard]] Reason reason() const noexcept { return reader_.reason(); }
  void reset() noexcept;

 private:
  [[nodiscard]] Reason read_status_line(std::string_view line, std::size_t start) noexcept;

  detail::HeadReader reader_;
  ResponseHead head_;
  std::size_t phrase_ = 0;  // offset of the reason phrase in the buffer
};

}  // namespace headgate::http
