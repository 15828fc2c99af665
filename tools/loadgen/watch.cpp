#include "watch.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "headgate/load/live_view.hpp"
#include "headgate/report/table.hpp"
#include "signals.hpp"

namespace headgate::loadgen {
namespace {

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

/// Draws lines over the ones it drew before, in one write, so that nothing flickers.
class Screen {
 public:
  void draw(const std::vector<std::string>& lines) {
    std::string text = back();
    for (const std::string& line : lines) text += line + "\x1b[K\n";
    drawn_ = lines.size();
    std::fputs(text.c_str(), stderr);
  }
  void clear() {
    std::fputs((back() + "\x1b[J").c_str(), stderr);
    drawn_ = 0;
  }

 private:
  [[nodiscard]] std::string back() const {
    return drawn_ == 0 ? std::string{} : fmt::format("\r\x1b[{}A", drawn_);
  }
  std::size_t drawn_ = 0;
};

load::Stage stage_of(const load::Run& run, const load::Job& job) {
  load::Stage stage{
      .elapsed = run.elapsed(), .share = -1, .left = load::kUnknownLeft, .settled = run.settled()};
  if (job.count && *job.count > 0) {
    stage.share = static_cast<double>(stage.settled) / static_cast<double>(*job.count);
  }
  if (job.duration == kNever) return stage;
  const double passed =
      static_cast<double>(stage.elapsed.count()) / static_cast<double>(job.duration.count());
  stage.share = std::max(stage.share, passed);
  stage.left = std::max(job.duration - stage.elapsed, Duration::zero());
  return stage;
}

/// Adds the seconds that are over and not yet in the view; says whether there was one.
bool follow(load::Run& run, load::LiveView& view) {
  // A moment later than the second's end, so that a thread may have noticed it.
  constexpr Duration kGrace = std::chrono::milliseconds{50};
  const auto over = std::chrono::floor<std::chrono::seconds>(run.elapsed() - kGrace).count();
  if (over <= static_cast<std::int64_t>(view.seconds())) return false;
  const auto progress = run.progress(view.seconds());
  if (!progress) return false;
  const std::size_t wanted = static_cast<std::size_t>(over) - view.seconds();
  for (std::size_t i = 0; i < wanted; ++i) {
    const bool there = i < progress->seconds.size();
    view.add(there ? progress->seconds[i] : load::Second{}, progress->totals);
  }
  return true;
}

}  // namespace

void watch(load::Run& run, const load::Job& job, bool progress) {
  const bool drawing = redrawable();
  const bool colour = report::colour_wanted(STDERR_FILENO);
  constexpr Duration kStep = std::chrono::milliseconds{100};
  load::LiveView view;
  Screen screen;
  while (!run.wait_for(kStep)) {
    if (interrupted()) run.interrupt();
    if (!drawing && !progress) continue;
    const bool moved = follow(run, view);
    const load::Stage stage = stage_of(run, job);
    // One column is left: writing the last one makes some terminals wrap.
    if (drawing)
      screen.draw(view.lines(stage, std::max<std::size_t>(terminal_width(), 2) - 1, colour));
    if (!drawing && moved) fmt::print(stderr, "{}\n", view.plain_line(stage));
  }
  if (drawing) screen.clear();
}

}  // namespace headgate::loadgen
