#include "headgate/load/doctor.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <time.h>

#include <algorithm>
#include <fstream>
#include <thread>

#include "headgate/load/validity.hpp"
#include "headgate/net/event_loop.hpp"
#include "headgate/report/table.hpp"

namespace headgate::load {
namespace {

using Level = Finding::Level;

constexpr Duration kSleepGood = std::chrono::microseconds{150};
constexpr Duration kSleepBad = std::chrono::milliseconds{1};
constexpr Duration kClockGood = std::chrono::nanoseconds{200};
/// How long a port stays taken after a connection's end.
constexpr double kTimeWaitS = 60;

std::string first_line(const char* path) {
  std::ifstream in{path};
  std::string line;
  std::getline(in, line);
  return line;
}

Duration cost_of_clock() {
  constexpr int kReads = 10'000;
  const TimePoint began = net::EventLoop::fresh_now();
  for (int i = 0; i < kReads; ++i) static_cast<void>(net::EventLoop::fresh_now());
  return (net::EventLoop::fresh_now() - began) / kReads;
}

/// How late sleeps of a millisecond end, in order.
std::vector<Duration> sleep_lateness() {
  constexpr int kSleeps = 1000;
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);  // as the generator's own threads have it
  std::vector<Duration> late;
  late.reserve(kSleeps);
  for (int i = 0; i < kSleeps; ++i) {
    const TimePoint due = net::EventLoop::fresh_now() + std::chrono::milliseconds{1};
    std::this_thread::sleep_until(std::chrono::steady_clock::now() + std::chrono::milliseconds{1});
    late.push_back(std::max(Duration::zero(), net::EventLoop::fresh_now() - due));
  }
  std::ranges::sort(late);
  return late;
}

Finding of_cores(const DoctorFacts& facts, const DoctorNeeds& needs) {
  Finding finding{.what = "processors", .found = fmt::format("{}", facts.cores), .advice = {}};
  if (facts.cores > needs.threads) return finding;
  finding.level = facts.cores < 2 ? Level::kBad : Level::kDoubtful;
  finding.advice = "the generator leaves none to the target: fewer --threads, or another machine";
  return finding;
}

Finding of_clock(const DoctorFacts& facts) {
  Finding finding{.what = "clock",
                  .found = fmt::format("{}, {} a reading",
                                       facts.clock_source.empty() ? "?" : facts.clock_source,
                                       report::human(facts.clock_cost)),
                  .advice = {}};
  if (facts.clock_cost <= kClockGood) return finding;
  finding.level = Level::kDoubtful;
  finding.advice = "every request reads it three times: prefer the clock source tsc";
  return finding;
}

Finding of_sleep(const DoctorFacts& facts) {
  Finding finding{
      .what = "sleep",
      .found = fmt::format("ends late by {} at p50, {} at p99", report::human(facts.sleep_late_p50),
                           report::human(facts.sleep_late_p99)),
      .advice = {}};
  if (facts.sleep_late_p99 <= kSleepGood) return finding;
  finding.level = facts.sleep_late_p99 > kSleepBad ? Level::kBad : Level::kDoubtful;
  finding.advice = "open loops will be sent late: end other programs, or leave a core free";
  return finding;
}

Finding of_descriptors(const DoctorFacts& facts, const DoctorNeeds& needs) {
  Finding finding{
      .what = "descriptors",
      .found = fmt::format("{} for {} connections", facts.descriptors, needs.connections),
      .advice = {}};
  if (facts.descriptors >= needs.connections + kDescriptorsSpare) return finding;
  finding.level = Level::kBad;
  finding.advice = fmt::format("ulimit -n {}", needs.connections + kDescriptorsSpare);
  return finding;
}

Finding of_ports(const DoctorFacts& facts, const DoctorNeeds& needs) {
  Finding finding{
      .what = "ports", .found = fmt::format("{} local ones", facts.ports), .advice = {}};
  const double wanted = needs.connections + needs.connects_per_s * kTimeWaitS;
  if (facts.ports == 0 || wanted <= facts.ports) return finding;
  finding.level = Level::kBad;
  finding.advice = fmt::format(
      "{:.0f} are wanted, as each is taken for a minute after its connection: widen "
      "net.ipv4.ip_local_port_range, or use more source addresses",
      wanted);
  return finding;
}

Finding of_disturbance(const DoctorFacts& facts) {
  const Disturbance& seen = facts.disturbance;
  Finding finding{
      .what = "quiet",
      .found = fmt::format(
          "{} stolen by the host, {} of the time somebody waited",
          report::human_share(seen.stolen_share),
          seen.pressure_share ? report::human_share(*seen.pressure_share) : std::string{"?"}),
      .advice = {}};
  if (seen.stolen_share > kStolenShare) finding.level = Level::kBad;
  if (seen.pressure_share && *seen.pressure_share > kPressureShare / 2) {
    finding.level = std::max(finding.level, Level::kDoubtful);
  }
  if (finding.level != Level::kGood) {
    finding.advice = "other programs or machines want these processors: wait, or pin with taskset";
  }
  return finding;
}

Finding of_governor(const DoctorFacts& facts) {
  Finding finding{
      .what = "frequency", .found = facts.governor.value_or("left to the host"), .advice = {}};
  if (facts.governor != "powersave") return finding;
  finding.level = Level::kDoubtful;
  finding.advice = "processors that slow down when idle answer late: use the governor performance";
  return finding;
}

}  // namespace

DoctorFacts examine_machine() {
  DoctorFacts facts;
  facts.cores = std::thread::hardware_concurrency();
  facts.clock_source =
      first_line("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  facts.clock_cost = cost_of_clock();
  const MachineClock before = read_machine_clock();
  const std::vector<Duration> late = sleep_lateness();
  facts.disturbance = between(before, read_machine_clock());
  facts.sleep_late_p50 = late[late.size() / 2];
  facts.sleep_late_p99 = late[late.size() * 99 / 100];
  facts.descriptors = raise_descriptor_limit();
  facts.ports = ephemeral_ports();
  std::string governor = first_line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  if (!governor.empty()) facts.governor = std::move(governor);
  return facts;
}

std::vector<Finding> diagnose(const DoctorFacts& facts, const DoctorNeeds& needs) {
  return {of_cores(facts, needs), of_clock(facts),
          of_sleep(facts),        of_descriptors(facts, needs),
          of_ports(facts, needs), of_disturbance(facts),
          of_governor(facts)};
}

bool is_fit(const std::vector<Finding>& findings) noexcept {
  return std::ranges::none_of(findings,
                              [](const Finding& one) { return one.level == Level::kBad; });
}

}  // namespace headgate::load
