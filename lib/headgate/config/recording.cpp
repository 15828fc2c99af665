#include "headgate/config/recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <tuple>

#include "headgate/arrival/lines.hpp"
#include "headgate/config/data_table.hpp"
#include "headgate/config/recorded.hpp"
#include "headgate/config/request_form.hpp"
#include "headgate/core/rfc3339.hpp"
#include "headgate/core/text.hpp"

namespace headgate::config {
namespace {

using Json = nlohmann::json;

std::unexpected<Error> wrong_entry(std::string_view what, std::size_t number, std::string why) {
  return failed(Errc::kInvalidArgument, fmt::format("{} {}", what, number), std::move(why));
}

/// Gathers requests; those that are alike share one place.
class Gatherer {
 public:
  void add(RecordedRequest request) {
    std::string key = request.method + ' ' + request.path + '\n' + request.body;
    for (const auto& [name, value] : request.headers) {
      key.append(1, '\n').append(name).append(1, ':').append(value);
    }
    const auto [found, is_new] =
        index_.try_emplace(std::move(key), static_cast<std::uint32_t>(made_.requests.size()));
    if (is_new) made_.requests.push_back(std::move(request));
    made_.order.push_back(found->second);
  }

  Result<Recording> finish(Result<arrival::TraceArrivals> arrivals) {
    if (!arrivals) return std::unexpected(arrivals.error());
    made_.arrivals = *std::move(arrivals);
    return std::move(made_);
  }

 private:
  Recording made_;
  std::map<std::string, std::uint32_t> index_;
};

std::string member(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

/// The method and path of a log line; nothing if it has none.
std::optional<RecordedRequest> request_of_line(std::string_view line) {
  if (line.starts_with('{')) {
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object()) return std::nullopt;
    return RecordedRequest{.method = member(json, "method"), .path = member(json, "path")};
  }
  // … [time] "GET /path HTTP/1.1" …
  const std::size_t open = line.find('"', line.find(']'));
  if (open == std::string_view::npos) return std::nullopt;
  line.remove_prefix(open + 1);
  const std::size_t blank = line.find(' ');
  const std::size_t end = line.find_first_of(" \"", blank + 1);
  if (blank == std::string_view::npos || end == std::string_view::npos) return std::nullopt;
  return RecordedRequest{.method = std::string{line.substr(0, blank)},
                         .path = std::string{line.substr(blank + 1, end - blank - 1)}};
}

bool can_be_sent(const RecordedRequest& request) {
  const auto is_upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto is_inside = [](char c) { return c > ' ' && c < '\x7f'; };
  return !request.method.empty() && std::ranges::all_of(request.method, is_upper) &&
         request.path.starts_with('/') && std::ranges::all_of(request.path, is_inside);
}

Result<Recording> read_log(std::string_view text) {
  auto log = arrival::read_access_lines(text);
  if (!log) return std::unexpected(log.error());
  std::vector<std::string_view> lines;
  while (!text.empty()) lines.push_back(arrival::take_line(text));
  Gatherer gatherer;
  for (const std::size_t number : log->lines) {
    auto request = request_of_line(lines[number - 1]);
    if (!request || !can_be_sent(*request)) {
      return wrong_entry("line", number,
                         "has no request: neither \"method\" and \"path\" nor \"GET /path …\"");
    }
    gatherer.add(*std::move(request));
  }
  return gatherer.finish(std::move(log->arrivals));
}

Result<Recording> read_csv(std::string_view text) {
  const auto table = read_data_table(text);
  if (!table) return std::unexpected(table.error());
  const auto column = [&table](std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(table->columns, name) -
                                    table->columns.begin());
  };
  const std::size_t count = table->columns.size();
  const std::size_t time = column("time");
  const std::size_t method = column("method");
  const std::size_t path = column("path");
  const std::size_t body = column("body");
  if (time == count || path == count) {
    return wrong_entry("line", 1,
                       "names no column 'time' or no column 'path'; there are: " +
                           fmt::format("{}", fmt::join(table->columns, ", ")));
  }
  Gatherer gatherer;
  std::vector<Duration> offsets;
  for (std::uint64_t row = 0; row < table->rows(); ++row) {
    const auto offset = parse_duration(table->cell(row, time));
    if (!offset) {
      return wrong_entry(
          "row", row + 1,
          fmt::format("'{}' is no time: it is written 250ms", table->cell(row, time)));
    }
    if (!offsets.empty() && *offset < offsets.back()) {
      return wrong_entry("row", row + 1, "is before the one above it");
    }
    offsets.push_back(*offset);
    RecordedRequest request{.path = std::string{table->cell(row, path)}};
    if (method != count) request.method = table->cell(row, method);
    if (body != count) request.body = table->cell(row, body);
    if (!can_be_sent(request)) return wrong_entry("row", row + 1, "has no method or no path");
    gatherer.add(std::move(request));
  }
  return gatherer.finish(arrival::TraceArrivals::make(std::move(offsets)));
}

/// What follows the host of a URL, without its fragment.
std::string path_of(std::string_view url) {
  const std::size_t host = url.find("://");
  const std::size_t slash = url.find_first_of("/?#", host == std::string_view::npos ? 0 : host + 3);
  std::string path{slash == std::string_view::npos ? std::string_view{} : url.substr(slash)};
  path.resize(std::min(path.size(), path.find('#')));
  return path.starts_with('/') ? path : "/" + path;
}

/// Fields that the sender writes itself, or that speak of the connection it was recorded on.
bool belongs_to_sender(std::string name) {
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  constexpr std::array<std::string_view, 9> kOwn{
      "host",    "content-length", "transfer-encoding", "connection", "te", "keep-alive",
      "upgrade", "expect",         "proxy-connection"};
  return name.starts_with(':') || std::ranges::find(kOwn, name) != kOwn.end();
}

std::optional<RecordedRequest> request_of_entry(const Json& entry) {
  const auto found = entry.find("request");
  if (found == entry.end() || !found->is_object()) return std::nullopt;
  RecordedRequest request{.method = member(*found, "method"),
                          .path = path_of(member(*found, "url"))};
  for (const Json& field : found->value("headers", Json::array())) {
    std::string name = member(field, "name");
    if (name.empty() || belongs_to_sender(name)) continue;
    request.headers.emplace_back(std::move(name), member(field, "value"));
  }
  if (const auto data = found->find("postData"); data != found->end()) {
    request.body = member(*data, "text");
  }
  return can_be_sent(request) ? std::optional{std::move(request)} : std::nullopt;
}

Result<Recording> read_har(const Json& entries) {
  struct Entry {
    Duration at{};
    std::size_t number = 0;
    RecordedRequest request;
  };
  std::vector<Entry> all;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto at = parse_rfc3339(member(entries[i], "startedDateTime"));
    if (!at) return wrong_entry("entry", i + 1, "has no startedDateTime");
    auto request = request_of_entry(entries[i]);
    if (!request) return wrong_entry("entry", i + 1, "has no request with a method and a url");
    all.push_back({*at, i, *std::move(request)});
  }
  // Those of one time stay in the order of the file.
  std::ranges::sort(all, {}, [](const Entry& entry) { return std::pair{entry.at, entry.number}; });
  Gatherer gatherer;
  std::vector<Duration> offsets;
  for (Entry& entry : all) {
    offsets.push_back(entry.at - all.front().at);
    gatherer.add(std::move(entry.request));
  }
  return gatherer.finish(arrival::TraceArrivals::make(std::move(offsets)));
}

}  // namespace

Result<Recording> read_recording(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return wrong_entry("line", 1, "there is no request in it");
  if (text[begin] == '{') {
    const Json json = Json::parse(text, nullptr, false);
    if (json.is_object() && json.contains("log") && json["log"].is_object() &&
        json["log"].contains("entries") && json["log"]["entries"].is_array()) {
      return read_har(json["log"]["entries"]);
    }
    return read_log(text);
  }
  const std::string_view first = text.substr(begin, text.find('\n', begin) - begin);
  return first.contains('[') ? read_log(text) : read_csv(text);
}

Result<Recording> read_recording_file(const std::string& file) {
  return recorded_file<Recording>(file, read_recording);
}

}  // namespace headgate::config
