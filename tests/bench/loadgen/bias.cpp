#include "bias.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sched.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <future>
#include <nlohmann/json.hpp>
#include <numeric>
#include <stdexcept>
#include <string_view>
#include <thread>

#include "contestant.hpp"
#include "headgate/net/fd.hpp"
#include "headgate/report/table.hpp"
#include "headgate/stats/median.hpp"

namespace headgate::study {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kPingsPerSecond = 1000;

net::Fd connected_to(const std::string& address) {
  const std::size_t colon = address.find(':');
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(colon + 1))));
  inet_pton(AF_INET, address.substr(0, colon).c_str(), &peer.sin_addr);
  net::Fd socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  const int on = 1;
  setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&peer), sizeof peer) != 0) {
    throw std::runtime_error("cannot connect to " + address);
  }
  return socket;
}

/// Sends one request and polls for its answer, which comes in one piece.
void ping(int fd, std::string_view request) {
  std::array<char, 8192> answer{};
  if (send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    throw std::runtime_error("the server closed the connection");
  }
  ssize_t size = 0;
  do {
    size = recv(fd, answer.data(), answer.size(), MSG_DONTWAIT);
  } while (size < 0 && errno == EAGAIN);
  if (size <= 0) throw std::runtime_error("the server closed the connection");
}

/// On the client's core, where there are two.
void bind_thread() {
  cpu_set_t core{};
  CPU_SET(kClientCore, &core);
  if (std::thread::hardware_concurrency() > 1) sched_setaffinity(0, sizeof core, &core);
}

/// The mean from the intended time to the answer, of a loop that keeps its core.
double pinged_us(const Server& server, int seconds) {
  const net::Fd socket = connected_to(server.address());
  const std::string request = "GET / HTTP/1.1\r\nHost: " + server.address() + "\r\n\r\n";
  const auto mean = [&] {
    bind_thread();
    const int count = kPingsPerSecond * seconds;
    std::chrono::duration<double, std::micro> sum{};
    auto due = Clock::now();
    for (int i = 0; i < count; ++i) {
      due += Clock::duration{std::chrono::seconds{1}} / kPingsPerSecond;
      while (Clock::now() < due) {
      }
      ping(socket.get(), request);
      sum += Clock::now() - due;
    }
    return sum.count() / count;
  };
  // A thread of its own: what it is bound to stays with it, and what it throws arrives here.
  return std::async(std::launch::async, mean).get();
}

double ours_us(const Server& server, int seconds) {
  const test::TempDir dir;
  const std::string json = dir.path() + "/result.json";
  static_cast<void>(
      go({test::command("loadgen"), "run", server.url(), "-R", fmt::format("{}/s", kPingsPerSecond),
          "-d", fmt::format("{}s", seconds), "-c", "1", "--spin", "always", "--json", json}));
  return nlohmann::json::parse(test::read_file(json))["response_time"]["mean_ns"].get<double>() /
         1e3;
}

double wrk2_us(const Server& server, int seconds) {
  const Outing outing =
      go({program("wrk2"), "-t1", "-c1", "-L", fmt::format("-R{}", kPingsPerSecond),
          fmt::format("-d{}s", seconds + kWrk2Lead), server.url()});
  // Of its spectrum, in milliseconds.
  return number_after(outing.ended.out, "#[Mean    =") * 1e3;
}

double h2load_us(const Server& server, int seconds) {
  const test::TempDir dir;
  const std::string log = dir.path() + "/log";
  static_cast<void>(go({"h2load", "--h1", "-t1", "-c1", fmt::format("--rps={}", kPingsPerSecond),
                        "-D", std::to_string(seconds), "--log-file=" + log, server.url()}));
  const std::vector<double> took = h2load_latencies_us(log);
  return std::accumulate(took.begin(), took.end(), 0.0) / static_cast<double>(took.size());
}

}  // namespace

std::vector<BiasRow> measure_bias(std::size_t rounds, int seconds) {
  const Server server;
  std::vector<BiasRow> rows{
      {"a polled socket", {}}, {"loadgen --spin always", {}}, {"h2load --rps", {}}};
  if (!program("wrk2").empty()) rows.push_back({"wrk2", {}});
  for (std::size_t round = 0; round < rounds; ++round) {
    rows[0].mean_us.push_back(pinged_us(server, seconds));
    rows[1].mean_us.push_back(ours_us(server, seconds));
    rows[2].mean_us.push_back(h2load_us(server, seconds));
    if (rows.size() > 3) rows[3].mean_us.push_back(wrk2_us(server, seconds));
  }
  return rows;
}

std::string bias_text(const std::vector<BiasRow>& rows) {
  report::Table table{{{"client", report::Align::kLeft}, {"mean us"}, {"more than the socket us"}}};
  for (const BiasRow& row : rows) {
    std::vector<double> more;
    for (std::size_t i = 0; i < row.mean_us.size(); ++i) {
      more.push_back(row.mean_us[i] - rows.front().mean_us[i]);
    }
    const stats::Estimate added = stats::median_interval(more);
    table.add({row.name, fmt::format("{:.1f}", stats::median_interval(row.mean_us).value),
               &row == &rows.front() ? ""
                                     : fmt::format("{:+.1f} [{:+.1f}, {:+.1f}]", added.value,
                                                   added.low, added.high)});
  }
  return fmt::format(
      "The mean latency that is reported of one connection at {}/s; {} rounds, in turns, "
      "medians\n\n{}",
      kPingsPerSecond, rows.front().mean_us.size(), table.to_text());
}

}  // namespace headgate::study
