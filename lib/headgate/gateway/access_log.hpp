// The two texts that a finished request leaves: a line of the access log, and the event that the
// publish filter appends. Both say the same with the same names.
#pragma once

#include <string>
#include <string_view>

#include "headgate/bus/event.hpp"
#include "headgate/gateway/record.hpp"
#include "headgate/gateway/snapshot.hpp"

namespace headgate::gateway {

/// Appends one JSON object and a newline:
/// {"time":"2026-11-20T22:59:59.123456Z","client":"127.0.0.1","method":"GET","path":"/orders/1?a=b",
///  "route":"orders","service":"orders","target":"orders/0","status":200,"bytes_in":0,
///  "bytes_out":1024,"duration_us":812,"upstream_us":790,"attempts":1,"reason":"forwarded"}
/// route, service and target are left out where there was none. `reason` is the outcome; for
/// refused bytes it is followed by a colon and their id: `bad_request:CL-TE`. `time` is when the
/// head was complete, since 1970.
void append_line(std::string& out, const Snapshot& snapshot, const Record& record,
                 std::string_view path, Duration time);

/// `headgate.request.answered`, of the source `/gateway/routes/ROUTE`, whose data are the members
/// of the line above but the time, which is the event's own. Requires: record.route is a route.
[[nodiscard]] bus::Event answered_event(const Snapshot& snapshot, const Record& record,
                                        std::string_view path, Duration time, std::string id);

/// `2026-11-20T22:59:59.123456Z`.
void append_time(std::string& out, Duration since_1970);

}  // namespace headgate::gateway
