#include "handshake.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "headgate/report/table.hpp"
#include "headgate/stats/median.hpp"
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

template <class Figure>
stats::Estimate median_of(const HandshakeRow& row, Figure figure) {
  std::vector<double> values;
  for (std::size_t i = 0; i < row.rounds.size(); ++i) values.push_back(figure(row.rounds[i], i));
  return stats::median_interval(values);
}

std::string with_interval(const stats::Estimate& estimate) {
  return fmt::format("{:.2f} [{:.2f}, {:.2f}]", estimate.value, estimate.low, estimate.high);
}

}  // namespace

std::vector<HandshakeRow> measure_handshakes(std::size_t rounds, int connections) {
  const test::Certificates certificates;
  const Server server{
      {"--cert", certificates.file("server.pem"), "--key", certificates.file("server.key")},
      "https"};
  const std::string url = server.url();
  const std::string count = std::to_string(connections);
  std::vector<HandshakeRow> rows{{"loadgen", {}}, {"h2load", {}}, {"ab", {}}};
  const std::vector<test::Argv> tools{
      {test::command("loadgen"), "run", url, "-k", "-t", "1", "-c", count, "-n", count},
      {"h2load", "--h1", "-t1", "-c" + count, "-n" + count, url},
      {"ab", "-q", "-c", "64", "-n", count, url}};
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t turn = 0; turn < tools.size(); ++turn) {
      const std::size_t which = (round + turn) % tools.size();
      rows[which].rounds.push_back(shaken(tools[which], connections));
    }
  }
  return rows;
}

std::string handshake_text(const std::vector<HandshakeRow>& rows) {
  report::Table table{{{"generator", report::Align::kLeft},
                       {"handshakes/s"},
                       {"ours to it"},
                       {"CPU us each"},
                       {"ours to it"}}};
  const HandshakeRow& first = rows.front();
  for (const HandshakeRow& row : rows) {
    const auto rate =
        median_of(row, [](const Outing& one, std::size_t) { return one.per_second(); });
    const auto cost =
        median_of(row, [](const Outing& one, std::size_t) { return one.us_per_request(); });
    const auto faster = median_of(row, [&](const Outing& one, std::size_t i) {
      return first.rounds[i].per_second() / one.per_second();
    });
    const auto cheaper = median_of(row, [&](const Outing& one, std::size_t i) {
      return first.rounds[i].us_per_request() / one.us_per_request();
    });
    const bool own = &row == &first;
    table.add({row.name, fmt::format("{:.0f}", rate.value), own ? "" : with_interval(faster),
               fmt::format("{:.0f}", cost.value), own ? "" : with_interval(cheaper)});
  }
  return fmt::format(
      "{} TLS connections of one request each, no session taken up again, the generator's start "
      "and\n"
      "end included; {} rounds, in turns, medians\n\n{}",
      first.rounds.front().requests, first.rounds.size(), table.to_text());
}

}  // namespace headgate::study
