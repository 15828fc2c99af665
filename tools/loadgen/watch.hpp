// Shows a run while it goes on, and ends it when the user asks.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "headgate/load/job.hpp"
#include "headgate/load/live_view.hpp"
#include "headgate/load/run.hpp"

namespace headgate::loadgen {

/// The course of a run on stderr: on a terminal drawn in place, elsewhere one line a second if
/// `plain`, and otherwise nothing.
class Course {
 public:
  /// `job` outlives this.
  Course(const load::Job& job, bool plain);

  /// Whether anybody sees it.
  [[nodiscard]] bool shown() const noexcept { return drawing_ || plain_; }
  /// Seconds that were added.
  [[nodiscard]] std::size_t seconds() const noexcept { return view_.seconds(); }
  /// A second is over; `totals` are those of the run so far.
  void add(const load::Second& second, const stats::Totals& totals);
  /// To be called often: the clock goes on between seconds.
  void show(Duration elapsed, std::uint64_t settled);
  /// Leaves the terminal to others, until it is shown again.
  void clear();

 private:
  void draw(const std::vector<std::string>& lines);
  [[nodiscard]] std::string back() const;
  [[nodiscard]] load::Stage stage(Duration elapsed, std::uint64_t settled) const;

  const load::Job& job_;
  load::LiveView view_;
  bool drawing_;
  bool plain_;
  bool moved_ = false;     // there is a second that was not shown
  std::size_t drawn_ = 0;  // lines on the terminal
};

/// The seconds of `run` from `first` on that are over for all of its threads, and the totals so
/// far; nothing if there are none yet.
[[nodiscard]] std::optional<load::Progress> seconds_over(load::Run& run, std::size_t first);

/// Waits for the end of the run, which a caught signal brings about (signals.hpp), and shows its
/// course.
void watch(load::Run& run, const load::Job& job, bool progress);

}  // namespace headgate::loadgen
