// Requests at recorded times: a trace played back, or an access log.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "headgate/arrival/process.hpp"
#include "headgate/core/result.hpp"

namespace headgate::arrival {

struct TraceArrivals {
  /// `offsets` from the start of the run, in order. Fails with kInvalidArgument: at least two of
  /// them, at different times.
  [[nodiscard]] static Result<TraceArrivals> make(std::vector<Duration> offsets);

  /// From the first request to the last.
  [[nodiscard]] Rate rate() const noexcept;
  /// Played back faster or slower.
  [[nodiscard]] TraceArrivals at_rate(Rate rate) const noexcept;

  std::shared_ptr<const std::vector<Duration>> offsets;
  double speed = 1;  ///< above 0; offsets are divided by it
};

class TraceSchedule {
 public:
  explicit TraceSchedule(const TraceArrivals& arrivals) noexcept : arrivals_(arrivals) {}
  [[nodiscard]] Duration next() noexcept;

 private:
  TraceArrivals arrivals_;
  std::size_t index_ = 0;  // of the next request
};

/// The offsets of a file's text, one request a line: as `samples` are written (read_distribution),
/// and none before the one above it. Fails with kInvalidArgument; `where` is the line.
[[nodiscard]] Result<TraceArrivals> read_trace(std::string_view text);

/// The requests of an access log, the first of them at 0: lines of JSON with a "time" of RFC 3339,
/// as the gateway writes them, or the common log format with its `[21/Nov/2026:10:00:00 +0000]`.
/// Lines stand in any order. Where times are whole seconds, the requests of a second are spread
/// evenly over it. Fails with kInvalidArgument; `where` is the line.
[[nodiscard]] Result<TraceArrivals> read_access_log(std::string_view text);

struct AccessLog {
  TraceArrivals arrivals;
  std::vector<std::size_t> lines;  ///< the line of each request, from 1, in the order of arrivals
};

/// The same, and which line each request stands on.
[[nodiscard]] Result<AccessLog> read_access_lines(std::string_view text);

}  // namespace headgate::arrival
