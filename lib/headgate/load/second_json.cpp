#include "headgate/load/second_json.hpp"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "headgate/report/json.hpp"

namespace headgate::load {

using report::Json;
using report::JsonPart;

Json second_json(std::size_t index, const Second& second, stats::CoarseHistogram& scratch) {
  const stats::CoarseHistogram::Exact& exact = second.response_time.exact;
  scratch.reset();
  scratch.merge(second.response_time);
  Json json{{"second", index},
            {"scheduled", second.totals.scheduled},
            {"ok", second.totals.ok},
            {"refused", second.totals.refused},
            {"failed", second.totals.failed},
            {"timed_out", second.totals.timed_out},
            {"in_flight", second.totals.in_flight},
            {"not_sent", second.totals.not_sent},
            {"bytes_received", second.bytes_in},
            {"response_mean_ns", exact.count == 0 ? 0
                                                  : static_cast<double>(exact.sum_ns) /
                                                        static_cast<double>(exact.count)}};
  if (exact.count > 0) {
    for (const auto& [key, q] :
         {std::pair{"response_p50_ns", 0.5}, {"response_p90_ns", 0.9}, {"response_p99_ns", 0.99}}) {
      json[key] = scratch.quantile(q).count();
    }
  }
  json["response_max_ns"] = exact.max.count();
  if (exact.count == 0) return json;
  json["response_min_ns"] = exact.min.count();
  json["response_sum_ns"] = exact.sum_ns;
  json["response_count"] = exact.count;
  json["response_hdr"] = scratch.encode();
  return json;
}

stats::Totals read_totals(const JsonPart& part) {
  return {.scheduled = part["scheduled"].count(),
          .ok = part["ok"].count(),
          .refused = part["refused"].count(),
          .failed = part["failed"].count(),
          .timed_out = part["timed_out"].count(),
          .in_flight = part["in_flight"].count(),
          .not_sent = part["not_sent"].count()};
}

Second read_second(const JsonPart& part) {
  Second second{.totals = read_totals(part), .bytes_in = 0, .response_time = {}};
  if (part.has("bytes_received")) second.bytes_in = part["bytes_received"].count();
  if (!part.has("response_hdr")) return second;
  auto packed = stats::CoarseHistogram::read(part["response_hdr"].text(),
                                             {.count = part["response_count"].count(),
                                              .sum_ns = part["response_sum_ns"].count(),
                                              .min = part["response_min_ns"].nanoseconds(),
                                              .max = part["response_max_ns"].nanoseconds()});
  if (packed) {
    second.response_time = *std::move(packed);
  } else {
    part["response_hdr"].blame(packed.error());
  }
  return second;
}

std::string to_line(std::span<const Second> seconds) {
  Json json = Json::array();
  stats::CoarseHistogram scratch;
  for (const Second& second : seconds) json.push_back(second_json(json.size(), second, scratch));
  return json.dump();
}

Result<std::vector<Second>> read_seconds(std::string_view line) {
  const Json json = Json::parse(line, nullptr, false);
  std::optional<Error> fault;
  std::vector<Second> seconds;
  JsonPart{json, fault}.each([&seconds](const std::string&, const JsonPart& second) {
    seconds.push_back(read_second(second));
  });
  if (fault) return std::unexpected(*fault);
  return seconds;
}

}  // namespace headgate::load
