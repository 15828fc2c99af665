// The study `gateway`: CPU microseconds per proxied request, beside nginx and HAProxy.
//
// On a machine with two shared cores requests per second say little: the generator competes, and
// the host changes its speed. CPU time of the gateway's process per request says what a request
// costs, and the ratio of two gateways measured within the same seconds is steady to a few percent.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/study.hpp"
#include "headgate/core/text.hpp"
#include "headgate/report/json.hpp"
#include "results.hpp"
#include "syscalls.hpp"

namespace headgate::study {
namespace {

struct Options {
  std::size_t rounds = 9;
  std::string slice = "1s";
  std::string out;
  bool tiny = false;
};

/// Each round measures every gateway once and starts with another one, so that none always follows
/// the same neighbour.
std::vector<Series> run(Servers& servers, std::size_t rounds, Duration length) {
  std::vector<Gateway>& gateways = servers.gateways();
  std::vector<Series> all;
  for (const Gateway& gateway : gateways) {
    all.push_back({.name = gateway.name, .version = gateway.version, .slices = {}});
    static_cast<void>(measure(gateway, std::min<Duration>(length, std::chrono::milliseconds{300})));
  }
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t turn = 0; turn < gateways.size(); ++turn) {
      const std::size_t which = (round + turn) % gateways.size();
      all[which].slices.push_back(measure(gateways[which], length));
    }
  }
  // Last, because being traced leaves a process slower for a while.
  for (std::size_t i = 0; i < gateways.size(); ++i) {
    all[i].syscalls = syscalls_per_request(gateways[i], length);
  }
  return all;
}

report::Json manifest_of(const std::vector<Series>& all, const Options& options) {
  report::Json json;
  json["rounds"] = options.rounds;
  json["slice"] = options.slice;
  json["connections"] = kConnections;
  for (const Series& series : all) {
    json["gateways"][series.name] = {{"version", series.version}};
    if (series.syscalls) json["gateways"][series.name]["syscalls_per_request"] = *series.syscalls;
  }
  json["generator"] = version_of({"wrk", "-v"});
  json["configs"] = "tests/bench/peers";
  return json;
}

int study(const Options& options, const std::vector<std::string>& command) {
  const Result<Duration> length = parse_duration(options.slice);
  if (!length) throw std::runtime_error("--slice " + options.slice + ": " + length.error().why);
  const Backend backend;
  Servers servers(backend.address());
  const std::vector<Series> all = run(servers, options.rounds, *length);
  const std::string table = table_text(all, summarise(all));
  std::fputs(table.c_str(), stdout);
  leave(options.out, command, {{"data.csv", csv_text(all)}, {"table.txt", table}},
        manifest_of(all, options));
  return 0;
}

}  // namespace
}  // namespace headgate::study

int main(int argc, char** argv) {
  headgate::study::Options options;
  CLI::App app{"CPU time per proxied request of Headgate, nginx and HAProxy"};
  app.add_option("--rounds", options.rounds, "each measures every gateway once")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--slice", options.slice, "length of one measurement")->capture_default_str();
  app.add_option("--out", options.out, "folder for manifest.json, data.csv and table.txt");
  app.add_flag("--tiny", options.tiny,
               "two rounds of 100ms: shows that it works, measures nothing");
  CLI11_PARSE(app, argc, argv);
  if (options.tiny) {
    options.rounds = 2;
    options.slice = "100ms";
  }
  return headgate::study::ending(
      "gateway", [&] { return headgate::study::study(options, {argv, argv + argc}); });
}
