#include "freeze.hpp"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <thread>

#include "contestant.hpp"
#include "headgate/report/table.hpp"

namespace headgate::study {
namespace {

constexpr int kRate = 1000;
using Clock = std::chrono::steady_clock;

struct Frozen {
  test::Ended ended;
  double seconds = 0;  // that the server stood still
};

/// Runs `argv` while the server is stopped from a third of `length_s` on, for a tenth of it, after
/// `lead_s` that do not count.
Frozen with_freeze(Server& server, const test::Argv& argv, int length_s, int lead_s) {
  const auto began = Clock::now();
  test::Process generator{on_client_core(argv)};
  std::this_thread::sleep_until(began +
                                std::chrono::milliseconds{lead_s * 1000 + length_s * 1000 / 3});
  const auto stopped = Clock::now();
  server.process().signal(SIGSTOP);
  std::this_thread::sleep_for(std::chrono::milliseconds{length_s * 100});
  server.process().signal(SIGCONT);
  const std::chrono::duration<double> lasted = Clock::now() - stopped;
  return {.ended = generator.wait(test::Milliseconds{(length_s + lead_s + 30) * 1000}),
          .seconds = lasted.count()};
}

double percentile(std::vector<double>& values, double q) {
  if (values.empty()) return -1;
  std::ranges::sort(values);
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(values.size())));
  return values[std::max<std::size_t>(rank, 1) - 1];
}

class Field {
 public:
  explicit Field(int length_s) : length_s_{length_s} {}

  void ours(bool response) {
    const std::string json = dir_.path() + "/result.json";
    const test::Argv argv{test::command("loadgen"),
                          "run",
                          server_.url(),
                          "-R",
                          fmt::format("{}/s", kRate),
                          "-d",
                          fmt::format("{}s", length_s_),
                          "-c",
                          "16",
                          "--timeout",
                          "30s",
                          "--json",
                          json};
    if (response) {
      run(argv);
      result_ = nlohmann::json::parse(test::read_file(json));
    }
    const auto& timing = result_[response ? "response_time" : "service_time"];
    const auto ms = [&timing](const char* key) { return timing[key].get<double>() / 1e6; };
    rows.push_back({"loadgen", response ? "response time" : "its service time",
                    result_["totals"]["ok"], ms("p50_ns"), ms("p95_ns"), ms("p99_ns")});
  }

  void wrk() {
    const auto frozen =
        run({"wrk", "-t1", "-c16", "--latency", fmt::format("-d{}s", length_s_), server_.url()});
    const std::string& out = frozen.ended.out;
    rows.push_back({"wrk", "closed loop", number_before(out, " requests in "), in_ms(out, "50%"),
                    -1, in_ms(out, "99%")});
  }

  void wrk2() {
    const auto frozen = run({program("wrk2"), "-t1", "-c16", "-L", fmt::format("-R{}", kRate),
                             fmt::format("-d{}s", length_s_ + kWrk2Lead), server_.url()},
                            kWrk2Lead);
    const std::string& out = frozen.ended.out;
    rows.push_back({"wrk2", "-R", number_after(out, "Total count    ="), in_ms(out, " 50.000%"),
                    number_before(out, "     0.950000"), in_ms(out, " 99.000%")});
  }

  void h2load() {
    const std::string log = dir_.path() + "/h2load.log";
    // Its rate is of each client: 16 of 62.5 are a thousand, and it takes whole numbers only.
    const auto frozen = run({"h2load", "--h1", "-t1", "-c10", "--rps=100", "-D",
                             std::to_string(length_s_), "--log-file=" + log, server_.url()});
    std::vector<double> values = h2load_latencies_us(log);
    const auto ms = [&values](double q) { return percentile(values, q) / 1e3; };
    rows.push_back(
        {"h2load", "--rps", static_cast<double>(values.size()), ms(0.5), ms(0.95), ms(0.99)});
  }

  void ab() {
    const auto frozen = run({"ab", "-q", "-k", "-c", "16", "-t", std::to_string(length_s_), "-n",
                             "50000000", server_.url()});
    const std::string& out = frozen.ended.out;
    rows.push_back({"ab", "closed loop", number_after(out, "Complete requests:"),
                    number_after(out, "  50%"), number_after(out, "  95%"),
                    number_after(out, "  99%")});
  }

  void oha(bool corrected) {
    test::Argv argv{program("oha"),
                    "--no-tui",
                    "-c",
                    "16",
                    "-q",
                    std::to_string(kRate),
                    "-z",
                    fmt::format("{}s", length_s_),
                    "--output-format",
                    "json"};
    if (corrected) argv.emplace_back("--latency-correction");
    argv.push_back(server_.url());
    const auto frozen = run(argv);
    const auto json = nlohmann::json::parse(frozen.ended.out);
    const auto& p = json["latencyPercentiles"];
    double answered = 0;
    for (const auto& [status, count] : json["statusCodeDistribution"].items()) {
      answered += count.get<double>();
    }
    rows.push_back({"oha", corrected ? "-q --latency-correction" : "-q", answered,
                    p["p50"].get<double>() * 1e3, p["p95"].get<double>() * 1e3,
                    p["p99"].get<double>() * 1e3});
  }

  void k6() {
    const std::string script = dir_.write(
        "rate.js",
        fmt::format("import http from 'k6/http';\nexport const options = {{discardResponseBodies: "
                    "true, summaryTrendStats: ['med', 'p(95)', 'p(99)'], scenarios: {{a: "
                    "{{executor: 'constant-arrival-rate', rate: {}, timeUnit: '1s', duration: "
                    "'{}s', preAllocatedVUs: 16, maxVUs: 16}}}}}};\n"
                    "export default function () {{ http.get('{}'); }}\n",
                    kRate, length_s_, server_.url()));
    const std::string summary = dir_.path() + "/k6.json";
    run({program("k6"), "run", "--quiet", "--no-usage-report", "--summary-export", summary,
         script});
    const auto json = nlohmann::json::parse(test::read_file(summary));
    const auto& took = json["metrics"]["http_req_duration"];
    rows.push_back({"k6", "constant-arrival-rate", json["metrics"]["http_reqs"]["count"],
                    took["med"], took["p(95)"], took["p(99)"]});
  }

  [[nodiscard]] double frozen_s() const { return frozen_s_ / runs_; }
  std::vector<FreezeRow> rows;

 private:
  Frozen run(const test::Argv& argv, int lead_s = 0) {
    Frozen frozen = with_freeze(server_, argv, length_s_, lead_s);
    frozen_s_ += frozen.seconds;
    ++runs_;
    return frozen;
  }

  int length_s_;
  Server server_;
  test::TempDir dir_;
  nlohmann::json result_;
  double frozen_s_ = 0;
  double runs_ = 0;
};

std::string ms_text(double ms) { return ms < 0 ? "-" : fmt::format("{:.1f}", ms); }

}  // namespace

Freeze measure_freeze(int length_s) {
  Field field{length_s};
  field.ours(true);
  field.ours(false);
  field.wrk();
  if (!program("wrk2").empty()) field.wrk2();
  field.h2load();
  field.ab();
  if (!program("oha").empty()) {
    field.oha(false);
    field.oha(true);
  }
  if (!program("k6").empty()) field.k6();
  return {.length_s = static_cast<double>(length_s),
          .frozen_s = field.frozen_s(),
          .rows = std::move(field.rows)};
}

std::string freeze_text(const Freeze& freeze) {
  report::Table table{{{"generator", report::Align::kLeft},
                       {"how", report::Align::kLeft},
                       {"answered"},
                       {"p50 ms"},
                       {"p95 ms"},
                       {"p99 ms"}}};
  const double known95 = 1000 * (freeze.frozen_s - 0.05 * freeze.length_s);
  const double known99 = 1000 * (freeze.frozen_s - 0.01 * freeze.length_s);
  table.add({"the truth", fmt::format("{} a second", kRate),
             fmt::format("{:.0f}", kRate * freeze.length_s), "", ms_text(known95),
             ms_text(known99)});
  for (const FreezeRow& row : freeze.rows) {
    table.add({row.name, row.mode, fmt::format("{:.0f}", row.requests), ms_text(row.p50_ms),
               ms_text(row.p95_ms), ms_text(row.p99_ms)});
  }
  return fmt::format("A target that is frozen for {:.2f} s of {:.0f} s (SIGSTOP)\n\n{}",
                     freeze.frozen_s, freeze.length_s, table.to_text());
}

}  // namespace headgate::study
