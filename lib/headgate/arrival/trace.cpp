#include "headgate/arrival/trace.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "headgate/arrival/lines.hpp"
#include "headgate/core/check.hpp"

namespace headgate::arrival {
namespace {

double recorded_per_second(const TraceArrivals& trace) noexcept {
  const std::vector<Duration>& offsets = *trace.offsets;
  return static_cast<double>(offsets.size() - 1) * trace.speed * 1e9 /
         static_cast<double>((offsets.back() - offsets.front()).count());
}

}  // namespace

Result<TraceArrivals> TraceArrivals::make(std::vector<Duration> offsets) {
  HG_ASSERT(std::ranges::is_sorted(offsets));
  if (offsets.empty() || offsets.front() == offsets.back()) {
    return failed(Errc::kInvalidArgument, "trace", "must have two requests at different times");
  }
  return TraceArrivals{.offsets = std::make_shared<const std::vector<Duration>>(std::move(offsets)),
                       .speed = 1};
}

Rate TraceArrivals::rate() const noexcept { return nearest_rate(recorded_per_second(*this)); }

TraceArrivals TraceArrivals::at_rate(Rate rate) const noexcept {
  return {.offsets = offsets, .speed = speed * rate.per_second() / recorded_per_second(*this)};
}

Result<TraceArrivals> read_trace(std::string_view text) {
  std::vector<Duration> offsets;
  DurationLines lines{text};
  for (auto offset = lines.next(); offset != kNever; offset = lines.next()) {
    if (!offset) return std::unexpected(offset.error());
    if (*offset < Duration{}) return wrong_line(lines.number(), "is below 0");
    if (!offsets.empty() && *offset < offsets.back()) {
      return wrong_line(lines.number(), "is before the line above; sort the file by time");
    }
    offsets.push_back(*offset);
  }
  return TraceArrivals::make(std::move(offsets));
}

Duration TraceSchedule::next() noexcept {
  if (index_ == arrivals_.offsets->size()) return kNever;
  const Duration offset = (*arrivals_.offsets)[index_++];
  if (arrivals_.speed == 1) return offset;
  const double scaled = static_cast<double>(offset.count()) / arrivals_.speed;
  if (scaled >= static_cast<double>(kNever.count())) return kNever;
  return Duration{static_cast<std::int64_t>(scaled)};
}

}  // namespace headgate::arrival
