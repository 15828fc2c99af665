#include "headgate/load/validity.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace headgate::load {
namespace {

double milliseconds(Duration duration) { return static_cast<double>(duration.count()) / 1e6; }

/// What the machine did, and what it did not have.
void add_causes_of_machine(const Evidence& evidence, std::vector<std::string>& causes) {
  const Disturbance& seen = evidence.disturbance;
  if (seen.stolen_share > kStolenShare) {
    causes.push_back(fmt::format("the host took {:.1f} % of the processors away, {:.0f} % allowed",
                                 100 * seen.stolen_share, 100 * kStolenShare));
  }
  if (const double pressure = seen.pressure_share.value_or(0);
      !evidence.open_loop && pressure > kPressureShare) {
    causes.push_back(
        fmt::format("programs waited for a processor for {:.0f} % of the run, {:.0f} % allowed: "
                    "too few of them",
                    100 * pressure, 100 * kPressureShare));
  }
  if (evidence.out_of_descriptors > 0) {
    causes.push_back(fmt::format("{} connections found no descriptor left: raise ulimit -n",
                                 evidence.out_of_descriptors));
  }
  if (evidence.out_of_ports > 0) {
    causes.push_back(fmt::format(
        "{} connections found no local port left: keep connections open, or use more source "
        "addresses",
        evidence.out_of_ports));
  }
}

}  // namespace

std::vector<std::string> causes_of_invalidity(const Evidence& evidence) {
  std::vector<std::string> causes;
  const double share = kLatenessShare * static_cast<double>(evidence.response_p50.count());
  const Duration allowed = std::max(kLatenessFloor, Duration{static_cast<std::int64_t>(share)});
  if (evidence.open_loop && evidence.lateness_p99 > allowed) {
    causes.push_back(fmt::format(
        "the generator sent late: p99 {:.3f} ms with a connection free, {:.3f} ms allowed",
        milliseconds(evidence.lateness_p99), milliseconds(allowed)));
  }
  const auto scheduled = static_cast<double>(std::max<std::uint64_t>(evidence.scheduled, 1));
  const double overdue = static_cast<double>(evidence.overdue) / scheduled;
  if (evidence.open_loop && overdue > kOverdueShare) {
    causes.push_back(
        fmt::format("the generator fell behind: {:.1f} % of the schedule was overdue at its end",
                    100 * overdue));
  }
  if (evidence.cpu_share_max > kCpuShare) {
    causes.push_back(fmt::format(
        "a generator thread used {:.0f} % of a core, over {:.0f} %: it may have set the pace",
        100 * evidence.cpu_share_max, 100 * kCpuShare));
  }
  add_causes_of_machine(evidence, causes);
  return causes;
}

}  // namespace headgate::load
