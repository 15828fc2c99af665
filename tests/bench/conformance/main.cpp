// The study `conformance`: bytes that two parsers could read differently, sent to Headgate, nginx
// and HAProxy, and judged by what reaches the upstream behind each.
//
// Not to refuse such bytes is not yet a hole: it takes an upstream that reads them in the other
// way. But a gateway cannot know its upstreams, so the only safe answer is to refuse, or to pass on
// something that has one reading.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "cases.hpp"
#include "common/study.hpp"
#include "headgate/report/json.hpp"
#include "headgate/report/table.hpp"
#include "peers/servers.hpp"
#include "support/http_client.hpp"
#include "support/recording_upstream.hpp"

namespace headgate::study {
namespace {

/// Whether what reached the upstream holds a whole request. A refused chunked body may have had its
/// head sent on before the fault came; without an end it is none.
bool holds_whole_request(const std::string& received) {
  const std::size_t blank_line = received.find("\r\n\r\n");
  if (blank_line == std::string::npos) return false;
  if (received.find("ransfer-") > blank_line) return true;
  return received.find("0\r\n\r\n", blank_line + 4) != std::string::npos;
}

bool is_safe(const Gateway& gateway, const Case& item, test::RecordingUpstream& upstream) {
  static_cast<void>(upstream.take_received());
  // No end of the stream after the request: a proxy may take that for a client that has gone. One
  // that waits for more has passed on nothing whole.
  test::HttpClient client(gateway.address, test::Milliseconds{2'000});
  client.send(item.bytes);
  static_cast<void>(client.receive());
  const std::string received = upstream.take_received();
  if (item.must_not_pass.empty()) return !holds_whole_request(received);
  return received.find(item.must_not_pass) == std::string::npos;
}

std::string printable(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\r' || c == '\n') {
      out += c == '\r' ? "\\r" : "\\n";
    } else if (byte < 0x20 || byte >= 0x7f || c == ',' || c == '"') {
      constexpr std::string_view kDigits = "0123456789abcdef";
      out.append("\\x").append(1, kDigits[byte >> 4U]).append(1, kDigits[byte & 15U]);
    } else {
      out += c;
    }
  }
  return out;
}

constexpr const char* kAll = "~ all";  // sorts behind the groups

struct Findings {
  std::map<std::string, std::map<std::string, int>> safe;  // group, gateway
  std::map<std::string, int> count;                        // by group; kAll: of all
  std::string csv = "group,case,gateway,safe\n";
};

Findings judge(Servers& servers, test::RecordingUpstream& upstream) {
  Findings findings;
  for (const Case& item : cases()) {
    ++findings.count[item.group];
    ++findings.count[kAll];
    for (const Gateway& gateway : servers.gateways()) {
      const bool safe = is_safe(gateway, item, upstream);
      findings.safe[item.group][gateway.name] += safe ? 1 : 0;
      findings.safe[kAll][gateway.name] += safe ? 1 : 0;
      findings.csv +=
          item.group + "," + printable(item.name) + "," + gateway.name + (safe ? ",1\n" : ",0\n");
    }
  }
  return findings;
}

std::string table_text(const Findings& findings, const std::vector<Gateway>& gateways) {
  std::vector<report::Table::Column> columns = {{"safe", report::Align::kLeft}, {"cases"}};
  for (const Gateway& gateway : gateways) columns.push_back({gateway.name});
  report::Table table(columns);
  for (const auto& [group, count] : findings.count) {
    std::vector<std::string> cells = {group == kAll ? "all" : group, std::to_string(count)};
    for (const Gateway& gateway : gateways) {
      cells.push_back(std::to_string(findings.safe.at(group).at(gateway.name)));
    }
    table.add(cells);
  }
  return table.to_text();
}

/// 0 if Headgate is safe in every case, else 1.
int study(const std::string& out, const std::vector<std::string>& command) {
  test::RecordingUpstream upstream;
  Servers servers(upstream.address());
  const Findings findings = judge(servers, upstream);
  const std::string table = table_text(findings, servers.gateways());
  std::fputs(table.c_str(), stdout);
  report::Json gateways;
  for (const Gateway& gateway : servers.gateways()) gateways[gateway.name] = gateway.version;
  leave(out, command, {{"data.csv", findings.csv}, {"table.txt", table}}, {{"gateways", gateways}});
  return findings.safe.at(kAll).at("headgate") == findings.count.at(kAll) ? 0 : 1;
}

}  // namespace
}  // namespace headgate::study

int main(int argc, char** argv) {
  std::string out;
  bool tiny = false;
  CLI::App app{"What Headgate, nginx and HAProxy pass on of bytes with two readings"};
  app.add_option("--out", out, "folder for manifest.json, data.csv and table.txt");
  app.add_flag("--tiny", tiny, "the same: it takes a second or two");
  CLI11_PARSE(app, argc, argv);
  return headgate::study::ending("conformance",
                                 [&] { return headgate::study::study(out, {argv, argv + argc}); });
}
