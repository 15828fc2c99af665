// Long texts line by line, in and out: a file of any length is read through one buffer, and rows go
// out in large pieces. For the commands that answer a trace with a table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "headgate/core/result.hpp"
#include "headgate/core/units.hpp"

namespace headgate::report {

/// The lines of a file, in order. One thread at a time.
class LineReader {
 public:
  /// A longer line is no line of a table.
  static constexpr Bytes kLineBytesMax{std::uint64_t{1} << 20};

  /// Fails with kIo; `where` is the path.
  [[nodiscard]] static Result<LineReader> open(const std::string& path);
  LineReader(LineReader&& other) noexcept;
  LineReader& operator=(LineReader&&) = delete;
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;
  ~LineReader();

  /// The next line without its end (`\n` or `\r\n`), or nothing after the last; the text behind the
  /// last line end is a line too unless it is empty. It lives until the next call. Fails with kIo,
  /// also for a line that is too long and for a wait that a signal ended (one whose handler does
  /// not restart calls); `where` is the path and the line.
  [[nodiscard]] Result<std::optional<std::string_view>> next();
  /// Of the line that `next` returned last; the first is 1.
  [[nodiscard]] std::uint64_t line() const noexcept { return line_; }
  /// A failure of kind `code` that points at this line: `trace.csv:7`.
  [[nodiscard]] Error error(std::string why, Errc code = Errc::kInvalidArgument) const;

 private:
  LineReader(int fd, std::string path);
  /// Reads more behind what is there; false at the end of the file.
  [[nodiscard]] Result<bool> fill();

  int fd_;
  std::string path_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what is not yet returned, in buffer_
  std::size_t end_ = 0;    // of what was read
  std::uint64_t line_ = 0;
};

/// Collects text and writes it to a descriptor, which it does not own. One thread at a time.
class BufferedOutput {
 public:
  explicit BufferedOutput(int fd) : fd_(fd) {}

  /// Text to append to; call `flush_if_large` after each row.
  [[nodiscard]] std::string& text() noexcept { return text_; }
  [[nodiscard]] Result<void> flush_if_large() {
    return text_.size() < kLarge ? Result<void>{} : flush();
  }
  /// Fails with kUnavailable if the reader of a pipe is gone, with kNoSpace or kIo otherwise;
  /// `where` is "output".
  [[nodiscard]] Result<void> flush();

 private:
  static constexpr std::size_t kLarge = std::size_t{1} << 16;
  int fd_;
  std::string text_;
};

}  // namespace headgate::report
