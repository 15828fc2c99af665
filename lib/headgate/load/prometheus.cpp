// A run in Prometheus' text format: what a textfile collector or a push gateway takes.
#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

#include "headgate/load/exports.hpp"
#include "headgate/report/json.hpp"

namespace headgate::load {
namespace {

constexpr std::string_view kFamily = "headgate_load_";

std::string label_text(std::string_view value) {
  std::string text;
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    text += c == '\n' ? std::string{"\\n"} : std::string{c};
  }
  return text;
}

std::string head_of(std::string_view name, std::string_view type, std::string_view help) {
  return fmt::format("# HELP {0}{1} {2}\n# TYPE {0}{1} {3}\n", kFamily, name, help, type);
}

double seconds(double ns) { return ns / 1e9; }

/// A summary without its head; `labels` end in a comma or are empty.
std::string summary_rows(std::string_view name, const std::string& labels,
                         const stats::Histogram& histogram) {
  std::string text;
  for (const auto& quantile : report::named_quantiles()) {
    if (histogram.count() == 0) break;
    text += fmt::format("{}{}{{{}quantile=\"{}\"}} {}\n", kFamily, name, labels, quantile.q,
                        seconds(static_cast<double>(histogram.quantile(quantile.q).count())));
  }
  const std::string only = labels.empty() ? "" : "{" + labels.substr(0, labels.size() - 1) + "}";
  text += fmt::format("{}{}_sum{} {}\n", kFamily, name, only,
                      seconds(histogram.mean_ns() * static_cast<double>(histogram.count())));
  return text + fmt::format("{}{}_count{} {}\n", kFamily, name, only, histogram.count());
}

std::string timings_of(const Tally& tally) {
  struct Named {
    std::string_view name;
    std::string_view help;
    const stats::Histogram& histogram;
  };
  const std::array named = std::to_array<Named>(
      {{"response_time_seconds", "From the intended time to the end of the answer.",
        tally.response_time},
       {"service_time_seconds", "From the actual send to the end of the answer.",
        tally.service_time},
       {"send_lag_seconds", "From the intended time to the actual send.", tally.send_lag},
       {"connect_time_seconds", "Until a connection stood.", tally.connect_time},
       {"tls_time_seconds", "Of the handshake of a connection.", tally.tls_time},
       {"first_byte_time_seconds", "From the actual send to the first byte.",
        tally.first_byte_time}});
  std::string text;
  for (const Named& timing : named) {
    text += head_of(timing.name, "summary", timing.help);
    text += summary_rows(timing.name, "", timing.histogram);
  }
  return text;
}

std::string outcomes_of(const stats::Totals& totals) {
  std::string text = head_of("requests_total", "counter", "Requests by what became of them.");
  for (const auto& [outcome, count] : {std::pair{"ok", totals.ok},
                                       {"refused", totals.refused},
                                       {"failed", totals.failed},
                                       {"timed_out", totals.timed_out},
                                       {"in_flight", totals.in_flight},
                                       {"not_sent", totals.not_sent}}) {
    text += fmt::format("{}requests_total{{outcome=\"{}\"}} {}\n", kFamily, outcome, count);
  }
  text += head_of("scheduled_total", "counter", "Requests that the schedule asked for.");
  return text + fmt::format("{}scheduled_total {}\n", kFamily, totals.scheduled);
}

std::string faults_of(const Tally& tally) {
  std::string text = head_of("responses_total", "counter", "Whole responses by status.");
  for (std::size_t status = 0; status < kStatuses; ++status) {
    if (tally.statuses[status] == 0) continue;
    text += fmt::format("{}responses_total{{code=\"{}\"}} {}\n", kFamily, status,
                        tally.statuses[status]);
  }
  text += head_of("errors_total", "counter", "Requests that the transport failed, by kind.");
  for (std::size_t i = 0; i < kFailures; ++i) {
    text += fmt::format("{}errors_total{{kind=\"{}\"}} {}\n", kFamily,
                        name(static_cast<Failure>(i)), tally.failures[i]);
  }
  return text;
}

std::string targets_of(const Summary& summary) {
  std::string text = head_of("target_response_time_seconds", "summary", "Response time by target.");
  for (std::size_t i = 0; i < summary.targets.size(); ++i) {
    text += summary_rows("target_response_time_seconds",
                         fmt::format("target=\"{}\",", label_text(summary.targets[i])),
                         summary.measured.tally.targets[i].response_time);
  }
  return text;
}

std::string gauges_of(const Summary& summary) {
  const Measured& measured = summary.measured;
  const Tally& tally = measured.tally;
  std::string text;
  const auto gauge = [&text](std::string_view name, std::string_view help, double value) {
    text += head_of(name, "gauge", help) + fmt::format("{}{} {}\n", kFamily, name, value);
  };
  gauge("offered_per_second", "Requests scheduled per second.",
        measured.per_second(tally.totals.scheduled));
  gauge("throughput_per_second", "Requests answered per second.",
        measured.per_second(tally.answered_in_time));
  gauge("goodput_per_second", "Requests answered well per second.",
        measured.per_second(tally.ok_in_time));
  gauge("duration_seconds", "What the rates are counted over.",
        seconds(static_cast<double>(measured.window.count())));
  gauge("valid", "Whether the figures speak of the target.", summary.causes.empty() ? 1 : 0);
  text += head_of("expectation_passed", "gauge", "Whether an expectation held.");
  for (const Judged& judged : summary.expect) {
    text += fmt::format("{}expectation_passed{{expect=\"{}\"}} {}\n", kFamily,
                        label_text(judged.expectation.text), judged.verdict.passed ? 1 : 0);
  }
  return text;
}

}  // namespace

std::string prometheus_text(const Summary& summary) {
  const Tally& tally = summary.measured.tally;
  return outcomes_of(tally.totals) + faults_of(tally) + timings_of(tally) + targets_of(summary) +
         head_of("received_bytes_total", "counter", "Bytes of responses.") +
         fmt::format("{}received_bytes_total {}\n", kFamily, tally.bytes_in) + gauges_of(summary);
}

}  // namespace headgate::load
