#include "headgate/load/live_view.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "headgate/report/table.hpp"

namespace headgate::load {
namespace {

constexpr std::size_t kCellsMax = 512;
constexpr std::size_t kBarMax = 40;
constexpr std::array<std::string_view, 8> kCells{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
constexpr std::array<int, 8> kHeat{34, 76, 112, 190, 220, 214, 202, 196};  // of 256 colours

/// At most `width` columns of a text without colours.
std::string cut_to(std::string_view text, std::size_t width) {
  std::string kept;
  std::size_t columns = 0;
  for (const char c : text) {
    const bool continues = (static_cast<unsigned char>(c) & 0xc0U) == 0x80U;
    if (!continues && ++columns > width) break;
    kept += c;
  }
  return kept;
}

std::string clock_text(Duration duration) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(duration).count();
  if (seconds < 60) return fmt::format("{} s", seconds);
  return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
}

std::string troubles(const stats::Totals& totals) {
  std::string text;
  const auto add = [&text](std::uint64_t count, const char* name) {
    if (count > 0) text += fmt::format("{}{} {}", text.empty() ? "" : "  ", count, name);
  };
  add(totals.refused, "refused");
  add(totals.failed, "failed");
  add(totals.timed_out, "timed out");
  add(totals.not_sent, "not sent");
  return text;
}

std::string bar_line(const Stage& stage, std::size_t width) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(stage.elapsed);
  const std::string passed = clock_text(std::max<Duration>(seconds, Duration::zero()));
  if (stage.share < 0) return fmt::format("{}  {} requests", passed, stage.settled);
  const std::string left =
      stage.left == kUnknownLeft ? "" : fmt::format("  {} left", clock_text(stage.left));
  const std::size_t beside = passed.size() + left.size() + 10;
  const std::size_t room = width > beside ? std::min(width - beside, kBarMax) : 0;
  const auto full = static_cast<std::size_t>(
      std::lround(std::clamp(stage.share, 0.0, 1.0) * static_cast<double>(room)));
  std::string bar;
  for (std::size_t i = 0; i < room; ++i) bar += i < full ? "█" : "░";
  return fmt::format("{}  {} {:3.0f} %{}", passed, bar, 100 * std::clamp(stage.share, 0.0, 1.0),
                     left);
}

}  // namespace

void LiveView::add(const Second& second, const stats::Totals& totals) {
  stats::CoarseHistogram histogram;
  histogram.merge(second.response_time);
  recent_.push_back({.timed = histogram.exact().count,
                     .settled = second.totals.finished(),
                     .p50 = histogram.quantile(0.5),
                     .p99 = histogram.quantile(0.99),
                     .max = histogram.exact().max});
  if (recent_.size() > kCellsMax) recent_.pop_front();
  totals_ = totals;
  ++seconds_;
}

std::string LiveView::heat_line(std::size_t width, bool colour) const {
  const std::size_t cells = std::min(width, recent_.size());
  const auto first = recent_.end() - static_cast<std::ptrdiff_t>(cells);
  double low = 1e18;
  double high = 0;
  for (auto at = first; at != recent_.end(); ++at) {
    if (at->timed == 0) continue;
    const double level = std::log(std::max(1.0, static_cast<double>(at->p99.count())));
    low = std::min(low, level);
    high = std::max(high, level);
  }
  // A level is a factor of 1.5 at least: what hardly differs shall not look as if it did.
  const double step = std::max((high - low) / (kCells.size() - 1), std::log(1.5));
  std::string line;
  for (auto at = first; at != recent_.end(); ++at) {
    if (at->timed == 0) {
      line += ' ';
      continue;
    }
    const double level = std::log(std::max(1.0, static_cast<double>(at->p99.count())));
    const auto cell = static_cast<std::size_t>(std::lround((level - low) / step));
    const std::size_t index = std::min(cell, kCells.size() - 1);
    if (colour) line += fmt::format("\x1b[38;5;{}m", kHeat[index]);
    line += kCells[index];
  }
  return colour && !line.empty() ? line + "\x1b[0m" : line;
}

std::vector<std::string> LiveView::lines(const Stage& stage, std::size_t width, bool colour) const {
  std::string figures = "waiting for the first second";
  if (!recent_.empty()) {
    const Figures& last = recent_.back();
    figures =
        fmt::format("{:>8}  p50 {:>6}  p99 {:>6}  max {:>6}",
                    report::human_rate(static_cast<double>(last.settled)), report::human(last.p50),
                    report::human(last.p99), report::human(last.max));
  }
  const std::string trouble = cut_to(troubles(totals_), width);
  constexpr std::string_view kTitle = "p99 ";
  const std::size_t room = width > kTitle.size() ? width - kTitle.size() : 0;
  return {cut_to(bar_line(stage, width), width), cut_to(figures, width),
          trouble.empty() ? cut_to("no errors", width)
                          : report::painted(trouble, report::Paint::kRed, colour),
          cut_to(kTitle, width) + heat_line(room, colour)};
}

std::string LiveView::plain_line(const Stage& stage) const {
  std::string text = clock_text(std::chrono::floor<std::chrono::seconds>(stage.elapsed));
  if (!recent_.empty()) {
    const Figures& last = recent_.back();
    text += fmt::format("  {}  p50 {}  p99 {}  max {}",
                        report::human_rate(static_cast<double>(last.settled)),
                        report::human(last.p50), report::human(last.p99), report::human(last.max));
  }
  if (const std::string trouble = troubles(totals_); !trouble.empty()) text += "  " + trouble;
  return text;
}

}  // namespace headgate::load
