// Addresses and folders: what two parts want at once, and what goes round in a circle.
#include <fmt/format.h>

#include <filesystem>
#include <map>
#include <set>

#include "headgate/config/lint/rules.hpp"

namespace headgate::config::lint {
namespace {

bool is_loopback(const HostPort& address) {
  return address.host == "localhost" || address.host == "::1" || address.host.starts_with("127.");
}

/// One spelling for the addresses that mean one socket here.
HostPort spelled(HostPort address) {
  if (address.host == "localhost") address.host = "127.0.0.1";
  return address;
}

void no_bind_twice(Subject& subject) {
  std::set<std::string> taken;
  const auto take = [&](const HostPort& bind, const std::string& path) {
    // Port 0 is another one each time.
    if (bind.port == 0 || taken.insert(to_text(spelled(bind))).second) return;
    subject.report("GW009", path, fmt::format("another listener has {} already", to_text(bind)));
  };
  const GatewayConfig& config = subject.config();
  for (std::size_t i = 0; i < config.listeners.size(); ++i) {
    if (!config.listeners[i].bind.host.empty()) {
      take(config.listeners[i].bind, fmt::format("listeners.{}.bind", i));
    }
  }
  if (config.admin) take(*config.admin, "admin.bind");
}

void no_folder_twice(Subject& subject) {
  std::map<std::string, std::string> taken;
  for (const StoreConfig& store : subject.config().stores) {
    const auto* journal = std::get_if<JournalStore>(&store.kind);
    if (journal == nullptr || journal->dir.empty()) continue;
    const std::string folder = std::filesystem::path{journal->dir}.lexically_normal().string();
    const auto [first, is_new] = taken.emplace(folder, store.name);
    if (is_new) continue;
    subject.report("GW010", fmt::format("stores.{}.journal.dir", store.name),
                   fmt::format("the store '{}' has this folder already", first->second));
  }
}

void check_targets(Subject& subject, const ServiceConfig& service) {
  std::map<std::string, std::string> taken;
  for (std::size_t i = 0; i < service.targets.size(); ++i) {
    const TargetConfig& target = service.targets[i];
    if (target.url.empty()) continue;
    const std::string path = fmt::format("services.{}.targets.{}.url", service.name, i);
    const std::string address = to_text(spelled(target.address));
    const auto [first, is_new] = taken.emplace(address, target.name);
    if (!is_new) {
      subject.report("GW411", path,
                     fmt::format("'{}' and '{}' are one address", first->second, target.name));
    }
    for (const ListenerConfig& listener : subject.config().listeners) {
      if (listener.bind.port == 0 || to_text(spelled(listener.bind)) != address) continue;
      subject.report("GW412", path,
                     fmt::format("this is the gateway's own listener '{}'", listener.name));
    }
  }
}

}  // namespace

void check_addresses(Subject& subject) {
  no_bind_twice(subject);
  no_folder_twice(subject);
  const auto& admin = subject.config().admin;
  if (admin && !is_loopback(*admin)) {
    subject.report(
        "GW216", "admin.bind",
        fmt::format("other machines can reach {}, which asks for no password", to_text(*admin)),
        "bind it to 127.0.0.1");
  }
  for (const ServiceConfig& service : subject.config().services) check_targets(subject, service);
}

}  // namespace headgate::config::lint
