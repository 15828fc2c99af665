// Recorded arrivals: a trace verbatim, and the logs of two kinds of servers.
#include "headgate/arrival/trace.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "sampling.hpp"

namespace headgate::arrival {
namespace {

using namespace std::chrono_literals;

std::vector<Duration> offsets_in(const Result<TraceArrivals>& trace) {
  INFO((trace ? "" : trace.error().where + " " + trace.error().why));
  REQUIRE(trace);
  return *trace->offsets;
}

TEST_CASE("trace: verbatim, or faster, and then over") {
  const auto trace = TraceArrivals::make({1ms, 1ms, 3ms, 11ms}).value();
  CHECK(trace.rate() == make_rate(300, 1s));  // three gaps in 10 ms
  TraceSchedule verbatim{trace};
  for (const Duration at : {1ms, 1ms, 3ms, 11ms}) CHECK(verbatim.next() == at);
  CHECK(verbatim.next() == kNever);
  CHECK(verbatim.next() == kNever);
  TraceSchedule fast{trace.at_rate(make_rate(600, 1s))};
  for (const Duration at : {500us, 500us, 1500us, 5500us}) CHECK(fast.next() == at);
  TraceSchedule slow{{.offsets = trace.offsets, .speed = 0.5}};
  for (const Duration at : {2ms, 2ms, 6ms, 22ms}) CHECK(slow.next() == at);
  TraceSchedule slowest{{.offsets = trace.offsets, .speed = 1e-13}};
  CHECK(slowest.next() == kNever);  // 317 years: past the end of the clock
}

TEST_CASE("trace: a file of durations or of nanoseconds, one request a line") {
  CHECK(offsets_in(read_trace("0s\n# pause\n1.5ms,GET\n\n2ms\r\n")) ==
        std::vector<Duration>{0s, 1500us, 2ms});
  CHECK(offsets_in(read_trace("t_ns,key\n5,a\n5,b\n7,c")) == std::vector<Duration>{5ns, 5ns, 7ns});
}

TEST_CASE("trace: a wrong line is named") {
  const auto why = [](const char* text) {
    const auto trace = read_trace(text);
    REQUIRE_FALSE(trace);
    return trace.error().where + " " + trace.error().why;
  };
  CHECK(why("1ms\n2\n").starts_with("line 2 '2' has no unit"));
  CHECK(why("2ms\n\n1ms\n") == "line 3 is before the line above; sort the file by time");
  CHECK(why("t_ns\n-1\n0\n") == "line 2 is below 0");
  CHECK(why("t_ns\n1.5\n") == "line 2 '1.5' must be whole nanoseconds");
  CHECK(why("") == "trace must have two requests at different times");
  CHECK(why("1ms\n1ms\n") == "trace must have two requests at different times");
}

TEST_CASE("access log: the gateway's own lines, sorted, from the first request") {
  // As written by gateway/access_log: in the order of the answers, with the time of the request.
  const std::string log =
      R"({"time":"2026-11-21T23:59:59.900000Z","client":"127.0.0.1","method":"GET","status":200})"
      "\n"
      R"({"time":"2026-11-22T00:00:00.150001Z","client":"127.0.0.1","path":"/a?\"time\":\"x","status":200})"
      "\n"
      R"({"time":"2026-11-22T00:00:00.000000Z","client":"127.0.0.1","status":429})"
      "\n";
  CHECK(offsets_in(read_access_log(log)) == std::vector<Duration>{0s, 100ms, 250'001us});
}

TEST_CASE("access log: where only the second is known its requests are spread over it") {
  // Four requests in one second, then one of the next, as nginx and Apache write them.
  const std::string line = R"(10.0.0.1 - - [21/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5)"
                           "\n";
  const std::string after = R"(10.0.0.1 - bob [21/Nov/2026:11:30:01 +0130] "GET / HTTP/1.1" 200 5)"
                            "\n";
  CHECK(offsets_in(read_access_log(line + line + line + line + after)) ==
        std::vector<Duration>{0s, 250ms, 500ms, 750ms, 1s});
  CHECK(offsets_in(read_access_log(after + line + line)) == std::vector<Duration>{0s, 500ms, 1s});
  // nginx's $time_iso8601 in JSON has no fraction either.
  CHECK(offsets_in(read_access_log("{\"time\": \"2026-11-21T10:00:00+00:00\"}\n\n"
                                   "{\"time\": \"2026-11-21T11:00:00+01:00\"}\n")) ==
        std::vector<Duration>{0s, 500ms});
}

TEST_CASE("access log: months, leap days and time zones are those of the calendar") {
  const auto between = [](const std::string& from, const std::string& to) {
    return offsets_in(read_access_log("- - - [" + from + "] -\n- - - [" + to + "] -\n")).back();
  };
  CHECK(between("28/Feb/2024:00:00:00 +0000", "01/Mar/2024:00:00:00 +0000") == 48h);
  CHECK(between("28/Feb/2026:00:00:00 +0000", "01/Mar/2026:00:00:00 +0000") == 24h);
  CHECK(between("31/Dec/2026:23:59:59 +0000", "01/Jan/2027:00:00:00 +0000") == 1s);
  CHECK(between("21/Nov/2026:10:00:00 +0200", "21/Nov/2026:10:00:00 -0300") == 5h);
}

TEST_CASE("access log: a line without a time is named") {
  const auto where = [](const std::string& text) {
    const auto log = read_access_log(text);
    REQUIRE_FALSE(log);
    return log.error().where;
  };
  const std::string good = "- - - [21/Nov/2026:10:00:00 +0000] -\n";
  CHECK(where(good + "nothing\n") == "line 2");
  CHECK(where(good + "- - - [31/Feb/2026:10:00:00 +0000] -\n") == "line 2");
  CHECK(where(good + "- - - [21/Nob/2026:10:00:00 +0000] -\n") == "line 2");
  CHECK(where(good + "- - - [21/Nov/2026:24:00:00 +0000] -\n") == "line 2");
  CHECK(where(good + "- - - [21/Nov/2026:10:00:00] -\n") == "line 2");
  CHECK(where(good + "- - - [21/Nov/2026:10:0\n") == "line 2");
  CHECK(where(good + "- - - [21/Nov/2092:10:00:00 +0000] -\n") == "line 2");
  CHECK(where("{\"status\":200}\n") == "line 1");
  CHECK(where("{\"time\":12}\n") == "line 1");
  CHECK(where("{\"time\":\"2026-11-21T10:00:00.Z\"}\n") == "line 1");
  CHECK(where("{\"time\":\"2026-11-21 10:00:00Z\"}\n") == "line 1");
  CHECK(where("{\"time\":\"2026-11-21T10:00:00\"}\n") == "line 1");
  CHECK(where("{\"time\":") == "line 1");
  CHECK(where("") == "trace");
}

}  // namespace
}  // namespace headgate::arrival
