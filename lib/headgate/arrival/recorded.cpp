// Distributions out of recorded files: the text of an HdrHistogram log or of a list of durations.
#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "headgate/arrival/catalog.hpp"
#include "headgate/core/text.hpp"
#include "headgate/stats/histogram.hpp"

namespace headgate::arrival {
namespace {

std::unexpected<Error> wrong_line(std::size_t number, std::string why) {
  return failed(Errc::kInvalidArgument, "line " + std::to_string(number), std::move(why));
}

/// The next line of `text` without its end, taken off the front.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Result<Duration> parse_nanoseconds(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return failed(Errc::kInvalidArgument, std::string{text}, "must be whole nanoseconds");
  }
  return Duration{value};
}

Result<Distribution> read_samples(std::string_view text) {
  std::vector<Duration> samples;
  bool heading_allowed = true;
  bool bare = false;  // a heading such as t_ns gives the unit
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    const std::string_view cell = line.substr(0, line.find(','));
    if (cell.empty() || cell.starts_with('#')) continue;
    if (heading_allowed && (cell[0] < '0' || cell[0] > '9')) {
      bare = cell.ends_with("ns");
      heading_allowed = false;
      continue;
    }
    heading_allowed = false;
    const auto sample = bare ? parse_nanoseconds(cell) : parse_duration(cell);
    if (!sample) return wrong_line(number, "'" + std::string{cell} + "' " + sample.error().why);
    samples.push_back(*sample);
  }
  return Distribution::empirical(samples);
}

Result<Distribution> read_histogram(std::string_view text) {
  stats::Histogram all;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    if (line.empty() || line.starts_with('#') || line.starts_with('"')) continue;
    // [Tag=x,]start,length,max,histogram — or the histogram alone.
    const std::size_t comma = line.rfind(',');
    const auto one =
        stats::Histogram::decode(comma == std::string_view::npos ? line : line.substr(comma + 1));
    if (!one) return wrong_line(number, one.error().why);
    all.merge(*one);
  }
  return Distribution::empirical(all);
}

}  // namespace

Result<Distribution> read_distribution(std::string_view name, std::string_view text) {
  if (name == "samples") return read_samples(text);
  if (name == "histogram") return read_histogram(text);
  return failed(Errc::kInvalidArgument, std::string{name}, "is not read from a file");
}

}  // namespace headgate::arrival
