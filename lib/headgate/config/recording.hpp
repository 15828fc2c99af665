// Recorded traffic, to be sent again at its own times: what stood in an access log, in a table, or
// in a browser's HAR file.
//
// Which of them a file is shows in its first bytes:
//   {"log": {"entries": …          HAR 1.2: time, method, path, fields and body of each request
//   {"time":"2026-…Z", "method": … lines of JSON, as the gateway's access log has them
//   … [21/Nov/2026:10:00:00 +0000] "GET /a HTTP/1.1" …   common and combined log format
//   time,method,path[,body]        CSV; a time is a duration from the start, `250ms`
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "headgate/arrival/trace.hpp"
#include "headgate/core/result.hpp"

namespace headgate::config {

struct RecordedRequest {
  std::string method = "GET";
  std::string path = "/";                                         ///< with query
  std::vector<std::pair<std::string, std::string>> headers = {};  ///< HAR only; none that frames
  std::string body = {};
  friend bool operator==(const RecordedRequest&, const RecordedRequest&) = default;
};

struct Recording {
  arrival::TraceArrivals arrivals;
  std::vector<RecordedRequest> requests;  ///< each kind once: a log repeats itself
  std::vector<std::uint32_t> order;       ///< of each arrival: its index in `requests`
};

/// Fails with kInvalidArgument; `where` is the line or entry.
[[nodiscard]] Result<Recording> read_recording(std::string_view text);
/// The same of a file; `where` begins with its name.
[[nodiscard]] Result<Recording> read_recording_file(const std::string& file);

}  // namespace headgate::config
