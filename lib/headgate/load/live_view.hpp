// What is shown while a run goes on: a few lines on a terminal that are redrawn in place, or one
// plain line a second. Texts only; the terminal is the caller's.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

#include "headgate/load/recorder.hpp"

namespace headgate::load {

/// How far a run is.
struct Stage {
  Duration elapsed{};
  double share = 0;           ///< of the whole, 0 to 1; negative: nobody can tell
  Duration left{};            ///< until the end of the schedule; kUnknownLeft: nobody can tell
  std::uint64_t settled = 0;  ///< requests
};
inline constexpr Duration kUnknownLeft{-1};

class LiveView {
 public:
  /// A second is over; `totals` are those of the run so far.
  void add(const Second& second, const stats::Totals& totals);
  /// How many seconds were added.
  [[nodiscard]] std::size_t seconds() const noexcept { return seconds_; }

  /// The lines of a terminal of `width` columns, none longer, without line ends; always as many.
  /// The last is a heat line: a cell for each of the last seconds, higher and (with `colour`)
  /// hotter the longer its p99 was.
  [[nodiscard]] std::vector<std::string> lines(const Stage& stage, std::size_t width,
                                               bool colour) const;
  /// `12 s  902/s  p50 2.94ms  p99 31.4ms  max 79.1ms  3 failed`.
  [[nodiscard]] std::string plain_line(const Stage& stage) const;

 private:
  struct Figures {
    std::uint64_t timed = 0;
    std::uint64_t settled = 0;
    Duration p50{};
    Duration p99{};
    Duration max{};
  };

  [[nodiscard]] std::string heat_line(std::size_t width, bool colour) const;

  std::deque<Figures> recent_;  // the newest last, at most kCellsMax
  stats::Totals totals_;
  std::size_t seconds_ = 0;
};

}  // namespace headgate::load
