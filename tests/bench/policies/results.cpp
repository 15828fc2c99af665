#include "results.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "headgate/report/json.hpp"
#include "headgate/report/table.hpp"
#include "headgate/stats/median.hpp"

namespace headgate::study {
namespace {

std::string interval_text(const stats::Estimate& estimate) {
  const int digits = estimate.value < 10 ? 2 : 1;
  return fmt::format("{:.{}f} [{:.{}f}, {:.{}f}]", estimate.value, digits, estimate.low, digits,
                     estimate.high, digits);
}

std::string goal_text(const Row& row) {
  std::string text = row.goal_ns ? fmt::format("{:g} ns", *row.goal_ns) : "";
  if (row.goal_ratio) {
    text += fmt::format("{}{:g}x {}", text.empty() ? "" : ", ", *row.goal_ratio, row.goal_peer);
  }
  return text;
}

std::string verdict_text(const Row& row) {
  if (row.allocations > 0) return fmt::format("no: {} allocations", row.allocations);
  if (!row.goal_ns && !row.goal_ratio) return "";
  return row.holds() ? "yes" : "no";
}

}  // namespace

bool Row::holds() const {
  if (allocations > 0 || (goal_ns && ns.value > *goal_ns)) return false;
  if (!goal_ratio) return true;
  const auto peer = std::ranges::find(peers, goal_peer, &PeerRow::name);
  return peer != peers.end() && peer->ratio.value <= *goal_ratio;
}

Row summarise(const Contest& contest) {
  const Contender& ours = contest.contenders.front();
  Row row{.name = contest.name,
          .ns = stats::median_interval(ours.ns),
          .goal_ns = contest.goal_ns,
          .goal_ratio = contest.goal_ratio,
          .goal_peer = contest.goal_peer,
          .allocations = ours.allocations,
          .peers = {}};
  for (std::size_t i = 1; i < contest.contenders.size(); ++i) {
    const Contender& peer = contest.contenders[i];
    std::vector<double> ratios;
    for (std::size_t round = 0; round < peer.ns.size(); ++round) {
      ratios.push_back(ours.ns[round] / peer.ns[round]);
    }
    row.peers.push_back({.name = peer.name,
                         .ns = stats::median_interval(peer.ns),
                         .ratio = stats::median_interval(ratios)});
  }
  return row;
}

std::string table_text(const std::vector<Row>& rows, std::size_t rounds) {
  report::Table table({{"decision", report::Align::kLeft},
                       {"ns", report::Align::kRight},
                       {"goal", report::Align::kLeft},
                       {"holds", report::Align::kLeft},
                       {"peer", report::Align::kLeft},
                       {"its ns", report::Align::kRight},
                       {"ours to it", report::Align::kRight}});
  for (const Row& row : rows) {
    std::vector<std::string> cells{row.name, interval_text(row.ns), goal_text(row),
                                   verdict_text(row)};
    if (row.peers.empty()) table.add(cells);
    for (const PeerRow& peer : row.peers) {
      cells.insert(cells.end(), {peer.name, interval_text(peer.ns), interval_text(peer.ratio)});
      table.add(cells);
      cells.assign(4, "");
    }
  }
  return fmt::format(
      "{}\n{} rounds of interleaved slices on one pinned core; CPU time per decision, medians, in "
      "brackets the interval that\nholds the median with {:.0f} % confidence. Ratios are paired "
      "round by round. No decision of ours allocates.\nPeers are their designs written anew: "
      "tests/bench/peers.\n",
      table.to_text(), rounds, rows.empty() ? 0 : 100 * rows.front().ns.confidence);
}

nlohmann::ordered_json rows_json(const std::vector<Row>& rows) {
  auto all = nlohmann::ordered_json::array();
  for (const Row& row : rows) {
    nlohmann::ordered_json json{{"decision", row.name}, {"ns", report::estimate_json(row.ns)}};
    if (row.goal_ns) json["goal_ns"] = *row.goal_ns;
    if (row.goal_ratio)
      json["goal_ratio"] = {{"peer", row.goal_peer}, {"at_most", *row.goal_ratio}};
    json["holds"] = row.holds();
    json["allocations"] = row.allocations;
    json["peers"] = nlohmann::ordered_json::array();
    for (const PeerRow& peer : row.peers) {
      json["peers"].push_back({{"name", peer.name},
                               {"ns", report::estimate_json(peer.ns)},
                               {"ratio", report::estimate_json(peer.ratio)}});
    }
    all.push_back(std::move(json));
  }
  return all;
}

}  // namespace headgate::study
