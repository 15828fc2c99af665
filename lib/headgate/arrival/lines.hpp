// Texts of one thing a line: what the readers of recorded files share.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"

namespace headgate::arrival {

/// The next line of `text` without its end, taken off the front.
[[nodiscard]] std::string_view take_line(std::string_view& text);

/// kInvalidArgument at `line N`.
[[nodiscard]] std::unexpected<Error> wrong_line(std::size_t number, std::string why);

/// The durations of a list: one a line (`12.5ms`), or whole nanoseconds under a heading that ends
/// in `ns`. Blank lines, lines with `#`, another heading and all columns but the first do not
/// count.
class DurationLines {
 public:
  explicit DurationLines(std::string_view text) : rest_(text) {}

  /// The next one; kNever behind the last.
  [[nodiscard]] Result<Duration> next();
  /// Of the line that next() read last, from 1.
  [[nodiscard]] std::size_t number() const noexcept { return number_; }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
  bool heading_allowed_ = true;
  bool bare_ = false;  // a heading such as t_ns gives the unit
};

}  // namespace headgate::arrival
