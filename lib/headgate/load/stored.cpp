#include "headgate/load/stored.hpp"

#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "headgate/load/second_json.hpp"
#include "headgate/report/file.hpp"
#include "headgate/report/json_part.hpp"
#include "headgate/stats/restore.hpp"

namespace headgate::load {
namespace {

using report::JsonPart;

stats::Histogram read_timing(const JsonPart& part) {
  auto decoded = stats::Histogram::decode(part["hdr"].text());
  if (!decoded) {
    part["hdr"].blame(decoded.error());
    return {};
  }
  if (decoded->count() != part["count"].count()) {
    part["count"].blame("is not what the buckets of 'hdr' add up to");
    return {};
  }
  stats::BesideBuckets beside{.min = decoded->min(),
                              .max = part["max_ns"].nanoseconds(),
                              .mean_ns = part["mean_ns"].number(),
                              .overflow = 0};
  if (part.has("min_ns")) beside.min = part["min_ns"].nanoseconds();
  if (decoded->count() == 1) beside.min = beside.max;
  if (part.has("above_1h")) beside.overflow = part["above_1h"].count();
  auto histogram = stats::restored(*decoded, beside);
  if (histogram) return *std::move(histogram);
  part.blame(histogram.error());
  return {};
}

/// A timing that older documents have not.
stats::Histogram read_newer_timing(const JsonPart& part, std::string_view key) {
  return part.has(key) ? read_timing(part[key]) : stats::Histogram{};
}

stats::Totals read_outcomes(const JsonPart& part) {
  return {.scheduled = 0,
          .ok = part["ok"].count(),
          .refused = part["refused"].count(),
          .failed = part["failed"].count(),
          .timed_out = part["timed_out"].count(),
          .in_flight = part["in_flight"].count(),
          .not_sent = 0};
}

void read_statuses(const JsonPart& part, Tally& tally) {
  part.each([&tally](const std::string& key, const JsonPart& count) {
    const bool digits = key.size() == 3 && key.find_first_not_of("0123456789") == std::string::npos;
    const std::size_t status = digits ? std::stoul(key) : kStatuses;
    if (status >= kStatuses) return count.blame("is no status of HTTP");
    tally.statuses[status] = count.count();
  });
}

void read_errors(const JsonPart& document, Tally& tally) {
  document["errors"].each([&tally](const std::string& key, const JsonPart& count) {
    const auto failure = failure_of(key);
    if (!failure) return count.blame("is no kind of error");
    tally.failures[static_cast<std::size_t>(*failure)] = count.count();
  });
  if (!document.has("errnos")) return;
  document["errnos"].each([&tally](const std::string& key, const JsonPart& numbers) {
    const auto failure = failure_of(key);
    if (!failure) return numbers.blame("is no kind of error");
    numbers.each([&tally, failure](const std::string& name, const JsonPart& count) {
      const auto error = errno_of(name);
      if (!error) return count.blame("is no name of an errno");
      tally.add_error(*failure, *error, count.count());
    });
  });
}

void read_classes(const JsonPart& document, Tally& tally) {
  if (!document.has("status_classes")) return;
  document["status_classes"].each([&tally](const std::string& key, const JsonPart& part) {
    const bool known = key.size() == 3 && key.ends_with("xx") && key[0] >= '1' && key[0] <= '5';
    if (!known) return part.blame("is no class of statuses");
    tally.classes[static_cast<std::size_t>(key[0] - '1')] = read_timing(part["response_time"]);
  });
}

void read_targets(const JsonPart& part, Summary& summary) {
  part.each([&summary](const std::string& name, const JsonPart& target) {
    summary.targets.push_back(name);
    summary.measured.tally.targets.push_back(
        {.sent = target["sent"].count(),
         .totals = read_outcomes(target),
         .response_time = read_newer_timing(target, "response_time")});
  });
}

Tally read_tally(const JsonPart& document) {
  Tally tally;
  tally.totals = read_totals(document["totals"]);
  if (!tally.totals.adds_up()) document["totals"].blame("do not add up");
  tally.response_time = read_timing(document["response_time"]);
  tally.service_time = read_timing(document["service_time"]);
  tally.send_lag = read_timing(document["send_lag"]);
  tally.connect_time = read_newer_timing(document, "connect_time");
  tally.tls_time = read_newer_timing(document, "tls_time");
  tally.first_byte_time = read_newer_timing(document, "first_byte_time");
  const stats::Totals& totals = tally.totals;
  tally.response_censored = totals.timed_out + totals.in_flight + totals.not_sent;
  if (const JsonPart response = document["response_time"]; response.has("censored")) {
    tally.response_censored = response["censored"].count();
  }
  if (const JsonPart service = document["service_time"]; service.has("censored")) {
    tally.service_censored = service["censored"].count();
  }
  read_statuses(document["statuses"], tally);
  read_errors(document, tally);
  read_classes(document, tally);
  document["series"].each([&tally](const std::string&, const JsonPart& second) {
    if (tally.series.size() < kSecondsMax) tally.series.push_back(read_second(second));
  });
  if (document.has("bytes_received")) tally.bytes_in = document["bytes_received"].count();
  return tally;
}

/// The counts behind two rates; older documents have the rates alone.
void read_counts_in_time(const JsonPart& document, Measured& measured) {
  const auto read = [&](const char* count, const char* rate) {
    if (document.has(count)) return document[count].count();
    const double seconds = static_cast<double>(measured.window.count()) / 1e9;
    return static_cast<std::uint64_t>(std::llround(document[rate].number() * seconds));
  };
  measured.tally.answered_in_time = read("answered_in_time", "throughput_per_s");
  measured.tally.ok_in_time = read("ok_in_time", "goodput_per_s");
}

void read_generator(const JsonPart& part, Measured& measured) {
  Evidence& evidence = measured.evidence;
  measured.connections = part["connections"].count();
  evidence.lateness_p99 = part["lateness_p99_ns"].nanoseconds();
  evidence.overdue = part["overdue"].count();
  evidence.cpu_share_max = part["cpu_share_max"].number();
  if (part.has("stolen_share")) {
    evidence.disturbance = {.stolen_share = part["stolen_share"].number(),
                            .pressure_share = part["pressure_share"].number()};
  }
  if (part.has("open_loop")) evidence.open_loop = part["open_loop"].flag();
  measured.tally.lateness = read_newer_timing(part, "lateness");
  evidence.scheduled = measured.tally.totals.scheduled;
  evidence.response_p50 = measured.tally.response_time.quantile(0.5);
}

report::Manifest read_manifest(const JsonPart& part) {
  return {.version = part["version"].text(),
          .compiler = part["compiler"].text(),
          .build = part["build"].text(),
          .started_at = part["started_at"].text(),
          .kernel = part["kernel"].text(),
          .cpu = part["cpu"].text(),
          .cores = static_cast<unsigned>(part["cores"].count()),
          .command = part["command"].texts()};
}

void read_expectations(const JsonPart& part, Summary& summary) {
  part.each([&summary](const std::string&, const JsonPart& check) {
    auto expectation = stats::parse_expectation(check["expect"].text());
    if (!expectation) return check["expect"].blame(expectation.error().why);
    if (check.has("why")) expectation->why = check["why"].text();
    summary.expect.push_back(
        {*std::move(expectation),
         {.passed = check["passed"].flag(), .observed = check["observed"].text()}});
  });
}

void read_agents(const JsonPart& document, Summary& summary) {
  if (!document.has("agents")) return;
  document["agents"].each([&summary](const std::string& name, const JsonPart& part) {
    const auto offset = static_cast<std::int64_t>(part["clock_offset_ns"].number());
    summary.agents.push_back({.name = name,
                              .scheduled = part["scheduled"].count(),
                              .clock_offset = Duration{offset},
                              .clock_error = part["clock_error_ns"].nanoseconds(),
                              .causes = part["causes"].texts(),
                              .why_missing = part.has("missing") ? part["missing"].text() : ""});
  });
}

Summary read_summary(const JsonPart& document) {
  Summary summary;
  Measured& measured = summary.measured;
  measured.tally = read_tally(document);
  measured.window = document["duration_ns"].nanoseconds();
  measured.interrupted = document["interrupted"].flag();
  if (document.has("reasons") && document["reasons"].has(name(Failure::kTlsFailed))) {
    measured.tls_fault = document["reasons"][name(Failure::kTlsFailed)].text();
  }
  read_counts_in_time(document, measured);
  read_generator(document["generator"], measured);
  read_targets(document["targets"], summary);
  summary.causes = document["causes"].texts();
  summary.load = document["load"].text();
  summary.seed = document["seed"].count();
  summary.manifest = read_manifest(document["manifest"]);
  read_expectations(document["expect"], summary);
  read_agents(document, summary);
  return summary;
}

}  // namespace

Result<Summary> parse_result(std::string_view text, const std::string& where) {
  const auto json = report::parse_document(text, "headgate.load/1", where);
  if (!json) return std::unexpected(json.error());
  std::optional<Error> fault;
  Summary summary = read_summary({*json, fault});
  if (fault) return failed(fault->code, where + ":" + fault->where, fault->why);
  return summary;
}

Result<Summary> read_result(const std::string& path) {
  const auto text = report::read_file(path);
  if (!text) return std::unexpected(text.error());
  return parse_result(*text, path);
}

}  // namespace headgate::load
