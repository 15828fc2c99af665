#include "headgate/gateway/access_log.hpp"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

namespace headgate::gateway {
namespace {

/// Paths are printable ASCII when they were accepted; those of refused requests are not written.
/// Names come from the config and can hold anything.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out += ",\"";
  out += name;
  out += "\":";
  append_quoted(out, text);
}

void append_members(std::string& out, const Snapshot& snapshot, const Record& record,
                    std::string_view path) {
  out += "\"client\":";
  append_quoted(out, record.client.host_to_text());
  if (!record.consumer.empty()) append_member(out, "consumer", record.consumer);
  append_member(out, "method", to_text(record.method));
  append_member(out, "path", path);
  if (record.route != Record::kNone) {
    const RouteEntry& route = snapshot.routes()[record.route];
    append_member(out, "route", route.name);
    if (const Service* service = route.service()) {
      append_member(out, "service", service->name());
      if (record.target != Record::kNone) {
        append_member(out, "target", service->targets()[record.target].name);
      }
    }
  }
  const auto us = [](Duration duration) { return duration.count() / 1000; };
  fmt::format_to(std::back_inserter(out),
                 ",\"status\":{},\"bytes_in\":{},\"bytes_out\":{},\"duration_us\":{}"
                 ",\"upstream_us\":{},\"attempts\":{},\"reason\":\"{}",
                 record.status, record.bytes_in, record.bytes_out, us(record.total),
                 us(record.upstream), record.attempts, to_text(record.outcome));
  if (record.reason != http::Reason::kNone) {
    out += ':';
    out += http::id_of(record.reason);
  }
  out += '"';
}

}  // namespace

void append_time(std::string& out, Duration since_1970) {
  using namespace std::chrono;
  const sys_time<microseconds> time{duration_cast<microseconds>(since_1970)};
  const sys_days day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                 static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(),
                 clock.seconds().count(), clock.subseconds().count());
}

void append_line(std::string& out, const Snapshot& snapshot, const Record& record,
                 std::string_view path, Duration time) {
  out += "{\"time\":\"";
  append_time(out, time);
  out += "\",";
  append_members(out, snapshot, record, path);
  out += "}\n";
}

bus::Event answered_event(const Snapshot& snapshot, const Record& record, std::string_view path,
                          Duration time, std::string id) {
  bus::Event event;
  event.id = std::move(id);
  event.source = "/gateway/routes/" + snapshot.routes()[record.route].name;
  event.type = "headgate.request.answered";
  event.time = time;
  event.datacontenttype = "application/json";
  std::string data = "{";
  append_members(data, snapshot, record, path);
  data += '}';
  event.data = std::move(data);
  return event;
}

}  // namespace headgate::gateway
