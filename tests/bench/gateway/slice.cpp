#include "slice.hpp"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <chrono>
#include <sstream>
#include <stdexcept>
#include <thread>

namespace headgate::study {
namespace {

/// The two fields of /proc/PID/stat that count ticks in user and system mode.
void read_ticks(pid_t pid, CpuTime& time) {
  const std::string text = test::read_file("/proc/" + std::to_string(pid) + "/stat");
  std::istringstream words{text.substr(text.rfind(')') + 1)};  // the name before may hold blanks
  std::string word;
  for (int field = 3; field < 14; ++field) words >> word;
  std::int64_t user = 0;
  std::int64_t system = 0;
  words >> user >> system;
  const std::int64_t tick_ns = 1'000'000'000 / sysconf(_SC_CLK_TCK);
  time.user = Duration{user * tick_ns};
  time.system = Duration{system * tick_ns};
}

/// wrk's line `  60123 requests in 1.00s, 70.1MB read`.
std::uint64_t requests_of(const test::Ended& wrk) {
  if (wrk.out.find("Socket errors") != std::string::npos ||
      wrk.out.find("Non-2xx") != std::string::npos) {
    throw std::runtime_error("errors under load:\n" + wrk.out);
  }
  const std::size_t words = wrk.out.find(" requests in ");
  const std::size_t start = words == std::string::npos ? words : wrk.out.rfind('\n', words);
  const std::uint64_t count =
      start == std::string::npos ? 0 : std::strtoull(wrk.out.c_str() + start, nullptr, 10);
  if (count == 0) throw std::runtime_error("no requests counted:\n" + wrk.out + wrk.err);
  return count;
}

}  // namespace

CpuTime cpu_time(pid_t pid) {
  CpuTime time;
  clockid_t clock = 0;
  timespec spent{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &spent) != 0) {
    throw std::runtime_error("process " + std::to_string(pid) + " has gone");
  }
  time.total = std::chrono::seconds{spent.tv_sec} + Duration{spent.tv_nsec};
  read_ticks(pid, time);
  return time;
}

Slice measure(const Gateway& gateway, Duration length) {
  using Clock = std::chrono::steady_clock;
  const CpuTime before = cpu_time(gateway.process.pid());
  const auto start = Clock::now();
  test::Process wrk(pinned(kOtherCore, {"wrk", "-t1", "-c" + std::to_string(kConnections), "-d60s",
                                        "http://" + gateway.address + "/"}));
  // wrk knows whole seconds only; a signal ends it at any time, with its figures.
  std::this_thread::sleep_until(start + length);
  wrk.signal(SIGINT);
  const test::Ended ended = wrk.wait();
  const CpuTime after = cpu_time(gateway.process.pid());
  return {.requests = requests_of(ended),
          .length = Clock::now() - start,
          .cpu = {.total = after.total - before.total,
                  .user = after.user - before.user,
                  .system = after.system - before.system}};
}

}  // namespace headgate::study
