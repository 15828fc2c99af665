// Distributions out of recorded files: the text of an HdrHistogram log or of a list of durations.
#include <string>
#include <vector>

#include "headgate/arrival/catalog.hpp"
#include "headgate/arrival/lines.hpp"
#include "headgate/stats/histogram.hpp"

namespace headgate::arrival {
namespace {

Result<Distribution> read_samples(std::string_view text) {
  std::vector<Duration> samples;
  DurationLines lines{text};
  for (auto sample = lines.next(); sample != kNever; sample = lines.next()) {
    if (!sample) return std::unexpected(sample.error());
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
