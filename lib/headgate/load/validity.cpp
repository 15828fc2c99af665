#include "headgate/load/validity.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace headgate::load {
namespace {

double milliseconds(Duration duration) { return static_cast<double>(duration.count()) / 1e6; }

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
  return causes;
}

}  // namespace headgate::load
