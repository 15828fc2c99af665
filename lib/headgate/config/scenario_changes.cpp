#include "headgate/config/scenario_changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace headgate::config {
namespace {

std::string target_list(const ServiceConfig& service) {
  std::string text;
  for (const TargetConfig& target : service.targets) {
    text += (text.empty() ? "" : ", ") + target.name;
  }
  return text;
}

/// Why `next` cannot take the place of `first`, or nothing.
std::optional<std::string> misfit(const GatewayConfig& first, const GatewayConfig& next) {
  for (const ServiceConfig& service : next.services) {
    if (first.find_service(service.name) != nullptr) continue;
    return fmt::format("has a service '{}', which the scenario's gateway has not", service.name);
  }
  for (const ServiceConfig& service : first.services) {
    const ServiceConfig* same = next.find_service(service.name);
    if (same == nullptr) {
      return fmt::format("has no service '{}', which the scenario's gateway has", service.name);
    }
    if (std::ranges::equal(same->targets, service.targets, {}, &TargetConfig::name,
                           &TargetConfig::name)) {
      continue;
    }
    return fmt::format("service '{}' has the targets {}, and {} in the scenario's gateway",
                       service.name, target_list(*same), target_list(service));
  }
  return std::nullopt;
}

std::vector<ServiceConfig> in_order_of(const GatewayConfig& first, const GatewayConfig& next) {
  std::vector<ServiceConfig> services;
  services.reserve(first.services.size());
  for (const ServiceConfig& service : first.services) {
    services.push_back(*next.find_service(service.name));
  }
  return services;
}

}  // namespace

void read_changes(const ScenarioFiles& files, ScenarioConfig& config, Reading& reading,
                  std::vector<Diagnostic>& found) {
  const Node& root = files.scenario.root;
  const Node* faults = root.find("faults");
  // An entry that could not be read has been reported, and is missing.
  if (faults == nullptr || faults->items.size() != config.faults.size()) return;
  for (std::size_t i = 0; i < config.faults.size(); ++i) {
    if (!config.faults[i].gateway) continue;
    const std::string path = change_path(i);
    const auto error = [&](std::string message, std::string hint) {
      reading.within(path, [&] {
        reading.error("GW003", position_of(root, path), std::move(message), std::move(hint));
      });
    };
    if (!config.gateway) {
      error("there is no gateway whose config could change",
            "give the config that it starts with as 'gateway' of the scenario");
      continue;
    }
    auto next = files.load(path);
    if (!next) continue;
    found.insert(found.end(), next->diagnostics.begin(), next->diagnostics.end());
    if (has_errors(found)) continue;  // of either config: then they say little of each other
    if (auto why = misfit(*config.gateway, next->value)) {
      error(*std::move(why), "a change of config keeps the services and their targets");
      continue;
    }
    next->value.services = in_order_of(*config.gateway, next->value);
    config.faults[i].gateway = std::move(next->value);
  }
}

}  // namespace headgate::config
