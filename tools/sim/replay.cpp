#include "sim/replay.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <optional>

#include "headgate/report/lines.hpp"
#include "sim/interrupt.hpp"

namespace headgate::sim_tool {
namespace {

Result<void> check_header(report::LineReader& lines, const Replay& replay) {
  if (replay.header.empty()) return {};
  const auto line = lines.next();
  if (!line) return std::unexpected(line.error());
  const std::optional<std::string_view>& text = *line;
  if (!text) {
    return failed(Errc::kInvalidArgument, replay.path,
                  fmt::format("is empty; it starts with the header {}", replay.header));
  }
  if (*text == replay.header) return {};
  return std::unexpected(
      lines.error(fmt::format("expected the header {}, found '{:.60}'", replay.header, *text)));
}

/// True: this was the last line.
Result<bool> answer_next(report::LineReader& lines, const Replay& replay,
                         report::BufferedOutput& output) {
  const auto line = lines.next();
  if (!line) return std::unexpected(line.error());
  const std::optional<std::string_view>& text = *line;
  if (!text) return true;
  if (const auto answered = replay.answer(*text, output.text()); !answered) {
    return std::unexpected(lines.error(answered.error().why));
  }
  if (const auto written = output.flush_if_large(); !written) {
    return std::unexpected(written.error());
  }
  return false;
}

Result<void> answer_all(report::LineReader& lines, const Replay& replay,
                        report::BufferedOutput& output) {
  if (auto right = check_header(lines, replay); !right) return right;
  if (!replay.out_header.empty()) output.text().append(replay.out_header).append("\n");
  Result<bool> ended = false;
  while (ended && !*ended && !is_interrupted()) ended = answer_next(lines, replay, output);
  if (ended || is_interrupted()) return {};
  return std::unexpected(ended.error());
}

}  // namespace

ExitCode run(const Replay& replay) {
  note_interrupts();
  auto lines = report::LineReader::open(replay.path);
  if (!lines) return refuse(lines.error());
  report::BufferedOutput output(STDOUT_FILENO);
  const Result<void> answered = answer_all(*lines, replay, output);
  const Result<void> written = output.flush();  // what came before a bad line stands
  if (!answered) return refuse(answered.error());
  if (!written) return refuse(written.error());
  if (!is_interrupted()) return ExitCode::kYes;
  fmt::print(stderr, "sim: interrupted after line {} of {}\n", lines->line(), replay.path);
  return ExitCode::kInconclusive;
}

void print(const std::vector<config::Diagnostic>& diagnostics) {
  for (const config::Diagnostic& diagnostic : diagnostics) {
    fmt::print(stderr, "{}\n", config::to_text(diagnostic));
  }
}

ExitCode refuse(const Error& error) {
  fmt::print(stderr, "sim: {}: {}\n", error.where, error.why);
  return ExitCode::kUsage;
}

}  // namespace headgate::sim_tool
