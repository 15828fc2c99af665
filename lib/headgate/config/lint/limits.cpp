// Limits, timeouts and weights that are legal and hardly meant.
#include <fmt/format.h>

#include <algorithm>

#include "headgate/config/lint/rules.hpp"
#include "headgate/core/text.hpp"

namespace headgate::config::lint {
namespace {

/// Browsers, proxies and load balancers commonly give up after 30 to 60 seconds.
constexpr Duration kTimeoutLong = std::chrono::seconds{30};

void check_timeout(Subject& subject, const std::string& path, Duration timeout) {
  if (timeout <= kTimeoutLong) return;
  subject.report("GW404", path,
                 fmt::format("{} is longer than most clients wait", headgate::to_text(timeout)),
                 fmt::format("at most {} frees the connection while it still matters",
                             headgate::to_text(kTimeoutLong)));
}

void check_window(Subject& subject, const std::string& path, const ratelimit::Spec& limit) {
  if (!limit.window || *limit.window >= std::chrono::seconds{1}) return;
  subject.report(
      "GW402", path,
      fmt::format("a window of {} cannot be told to clients", headgate::to_text(*limit.window)),
      "Retry-After counts whole seconds");
}

/// Weights that differ, under a policy to which all targets are equal.
void check_weights(Subject& subject, const ServiceConfig& service) {
  if (service.targets.empty() || balance::reads_weights(service.balance)) return;
  if (!subject.is_sound(fmt::format("services.{}.balance", service.name))) return;
  const auto is_odd = [&](const TargetConfig& target) {
    return target.weight != service.targets.front().weight;
  };
  const auto odd = std::ranges::find_if(service.targets, is_odd);
  if (odd == service.targets.end()) return;
  const std::string targets = fmt::format("services.{}.targets.", service.name);
  const std::string path = fmt::format("{}{}.weight", targets, odd - service.targets.begin());
  subject.report("GW408", subject.is_written(path) ? path : targets + "0.weight",
                 fmt::format("{} does not look at weights", service.balance.policy),
                 "weighted_round_robin and weighted_least_requests do");
}

}  // namespace

void check_limits(Subject& subject) {
  for (const ServiceConfig& service : subject.config().services) {
    const std::string path = fmt::format("services.{}.timeouts.", service.name);
    check_timeout(subject, path + "connect", service.timeouts.connect);
    check_timeout(subject, path + "response", service.timeouts.response);
    check_weights(subject, service);
  }
  const std::vector<RouteConfig>& routes = subject.config().routes;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    for (std::size_t k = 0; k < routes[i].filters.size(); ++k) {
      const auto* filter = std::get_if<RateLimitFilter>(&routes[i].filters[k]);
      if (filter == nullptr) continue;
      const std::string path = fmt::format("routes.{}.filters.{}.rate_limit.window", i, k);
      for (const ratelimit::Spec& limit : filter->limits) check_window(subject, path, limit);
    }
  }
}

}  // namespace headgate::config::lint
