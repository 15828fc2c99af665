#include "headgate/load/environment.hpp"

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <vector>

namespace headgate::load {
namespace {

std::string small_file(const char* path) {
  std::ifstream in{path};
  return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

/// The whole numbers of a line.
std::vector<std::uint64_t> numbers_of(std::string_view line) {
  std::vector<std::uint64_t> numbers;
  const char* at = line.data();
  const char* const end = at + line.size();
  while (at != end) {
    std::uint64_t number = 0;
    const auto read = std::from_chars(at, end, number);
    if (read.ec == std::errc{}) numbers.push_back(number);
    at = read.ec == std::errc{} ? read.ptr : at + 1;
  }
  return numbers;
}

TimePoint monotonic_now() noexcept {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return TimePoint{} + std::chrono::seconds{time.tv_sec} + Duration{time.tv_nsec};
}

}  // namespace

Result<MachineClock> parse_machine_clock(std::string_view stat, std::string_view pressure) {
  const std::string_view line = stat.substr(0, stat.find('\n'));
  const std::vector<std::uint64_t> ticks = numbers_of(line);
  // cpu user nice system idle iowait irq softirq steal guest guest_nice; guests are in user.
  if (!line.starts_with("cpu ") || ticks.size() < 8) {
    return failed(Errc::kInvalidArgument, "/proc/stat", "has no line 'cpu' with eight figures");
  }
  MachineClock clock;
  for (std::size_t i = 0; i < 8; ++i) clock.ticks += ticks[i];
  clock.stolen_ticks = ticks[7];
  if (pressure.starts_with("some ")) {
    const std::string_view some = pressure.substr(0, pressure.find('\n'));
    if (const std::size_t total = some.find("total="); total != std::string_view::npos) {
      const auto waited = numbers_of(some.substr(total));
      if (!waited.empty()) clock.stalled = std::chrono::microseconds{waited.front()};
    }
  }
  return clock;
}

MachineClock read_machine_clock() {
  MachineClock clock =
      parse_machine_clock(small_file("/proc/stat"), small_file("/proc/pressure/cpu"))
          .value_or(MachineClock{});
  clock.at = monotonic_now();
  return clock;
}

Disturbance between(const MachineClock& from, const MachineClock& to) noexcept {
  Disturbance seen;
  if (to.at - from.at < std::chrono::seconds{1}) return seen;
  if (to.ticks > from.ticks) {
    seen.stolen_share = static_cast<double>(to.stolen_ticks - from.stolen_ticks) /
                        static_cast<double>(to.ticks - from.ticks);
  }
  if (from.stalled && to.stalled && to.at > from.at) {
    seen.pressure_share = static_cast<double>((*to.stalled - *from.stalled).count()) /
                          static_cast<double>((to.at - from.at).count());
  }
  return seen;
}

std::uint32_t ephemeral_ports() {
  const auto range = numbers_of(small_file("/proc/sys/net/ipv4/ip_local_port_range"));
  if (range.size() != 2 || range[1] < range[0]) return 0;
  return static_cast<std::uint32_t>(range[1] - range[0] + 1);
}

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  getrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

}  // namespace headgate::load
