#include "handshake.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "headgate/report/table.hpp"
#include "support/certificates.hpp"

namespace headgate::study {
namespace {

Outing shaken(const test::Argv& argv, int connections) {
  Outing outing = go(argv);
  // loadgen ends with 4: it had its core for itself and says that it set the pace.
  if (outing.ended.exit_code != 0 && outing.ended.exit_code != 4) {
    throw std::runtime_error(argv.front() + " failed:\n" + outing.ended.out + outing.ended.err);
  }
  outing.requests = static_cast<std::uint64_t>(connections);
  return outing;
}

}  // namespace

std::vector<Standing> measure_handshakes(std::size_t rounds, int connections) {
  const test::Certificates certificates;
  const Server server{
      {"--cert", certificates.file("server.pem"), "--key", certificates.file("server.key")},
      "https"};
  const std::string url = server.url();
  const std::string count = std::to_string(connections);
  const auto entrant = [connections](const std::string& name, const test::Argv& argv) {
    return Entrant{name, [argv, connections] { return shaken(argv, connections); }};
  };
  return hold({entrant("loadgen", {test::command("loadgen"), "run", url, "-k", "-t", "1", "-c",
                                   count, "-n", count}),
               entrant("h2load", {"h2load", "--h1", "-t1", "-c" + count, "-n" + count, url}),
               entrant("ab", {"ab", "-q", "-c", "64", "-n", count, url})},
              rounds);
}

std::string handshake_text(const std::vector<Standing>& rows) {
  report::Table table{{{"generator", report::Align::kLeft},
                       {"handshakes/s"},
                       {"ours to it"},
                       {"CPU us each"},
                       {"ours to it"}}};
  for (const Standing& row : rows) {
    const Figures figures = figures_of(row, rows.front());
    const bool own = &row == &rows.front();
    table.add({row.name, fmt::format("{:.0f}", figures.rate.value),
               own ? "" : ratio_text(figures.faster), fmt::format("{:.0f}", figures.cost.value),
               own ? "" : ratio_text(figures.cheaper)});
  }
  return fmt::format(
      "{} TLS connections of one request each, no session taken up again, the generator's "
      "start and\nend included; {} rounds, in turns, medians\n\n{}",
      rows.front().rounds.front().requests, rows.front().rounds.size(), table.to_text());
}

}  // namespace headgate::study
