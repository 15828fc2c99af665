#include "watch.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "headgate/report/table.hpp"
#include "signals.hpp"

namespace headgate::loadgen {
namespace {

constexpr Duration kStep = std::chrono::milliseconds{100};

std::size_t terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

/// Lines that can be redrawn: a terminal that understands cursor movements.
bool redrawable() {
  const char* const terminal =
      std::getenv("TERM");  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return isatty(STDERR_FILENO) == 1 && terminal != nullptr && std::string_view{terminal} != "dumb";
}

}  // namespace

/// Over the lines drawn before, in one write, so that nothing flickers.
void Course::draw(const std::vector<std::string>& lines) {
  std::string text = back();
  for (const std::string& line : lines) text += line + "\x1b[K\n";
  drawn_ = lines.size();
  std::fputs(text.c_str(), stderr);
}

void Course::clear() {
  if (drawn_ == 0) return;
  std::fputs((back() + "\x1b[J").c_str(), stderr);
  drawn_ = 0;
}

std::string Course::back() const {
  return drawn_ == 0 ? std::string{} : fmt::format("\r\x1b[{}A", drawn_);
}

Course::Course(const load::Job& job, bool plain)
    : job_{job}, drawing_{redrawable()}, plain_{plain && !drawing_} {}

load::Stage Course::stage(Duration elapsed, std::uint64_t settled) const {
  load::Stage stage{
      .elapsed = elapsed, .share = -1, .left = load::kUnknownLeft, .settled = settled};
  if (job_.count && *job_.count > 0) {
    stage.share = static_cast<double>(settled) / static_cast<double>(*job_.count);
  }
  if (job_.duration == kNever) return stage;
  const double passed =
      static_cast<double>(elapsed.count()) / static_cast<double>(job_.duration.count());
  stage.share = std::max(stage.share, passed);
  stage.left = std::max(job_.duration - elapsed, Duration::zero());
  return stage;
}

void Course::add(const load::Second& second, const stats::Totals& totals) {
  view_.add(second, totals);
  moved_ = true;
}

void Course::show(Duration elapsed, std::uint64_t settled) {
  const load::Stage at = stage(elapsed, settled);
  // One column is left: writing the last one makes some terminals wrap.
  if (drawing_) {
    const bool colour = report::colour_wanted(STDERR_FILENO);
    draw(view_.lines(at, std::max<std::size_t>(terminal_width(), 2) - 1, colour));
  }
  if (plain_ && moved_) fmt::print(stderr, "{}\n", view_.plain_line(at));
  moved_ = false;
}

std::optional<load::Progress> seconds_over(load::Run& run, std::size_t first) {
  // A moment later than the second's end, so that a thread may have noticed it.
  constexpr Duration kGrace = std::chrono::milliseconds{50};
  const auto over = std::chrono::floor<std::chrono::seconds>(run.elapsed() - kGrace).count();
  if (over <= static_cast<std::int64_t>(first)) return std::nullopt;
  auto progress = run.progress(first);
  if (progress) progress->seconds.resize(static_cast<std::size_t>(over) - first);
  return progress;
}

void watch(load::Run& run, const load::Job& job, bool progress) {
  Course course{job, progress};
  while (!run.wait_for(kStep)) {
    if (interrupted()) run.interrupt();
    if (!course.shown()) continue;
    if (const auto fresh = seconds_over(run, course.seconds())) {
      for (const load::Second& second : fresh->seconds) course.add(second, fresh->totals);
    }
    course.show(run.elapsed(), run.settled());
  }
  course.clear();
}

}  // namespace headgate::loadgen
