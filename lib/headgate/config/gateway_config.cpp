#include "headgate/config/gateway_config.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "headgate/config/gateway_form.hpp"
#include "headgate/config/lint/rules.hpp"
#include "headgate/config/value.hpp"

namespace headgate::config {
namespace {

template <class Items>
auto find_name(const Items& items, std::string_view name) noexcept {
  const auto found =
      std::ranges::find_if(items, [&](const auto& item) { return item.name == name; });
  return found == items.end() ? nullptr : &*found;
}

/// Items that could not be read are not in the model; then index i of the model is not index i of
/// the file, and the rules could not say where.
bool is_aligned(const GatewayConfig& config, const Node& root) {
  const auto same_size = [](const Node* list, std::size_t size) {
    return list == nullptr || list->items.size() == size;
  };
  const auto same_filters = [&](const Node* routes) {
    for (std::size_t i = 0; i < config.routes.size(); ++i) {
      if (!same_size(routes->items[i].find("filters"), config.routes[i].filters.size()))
        return false;
    }
    return true;
  };
  const Node* routes = root.find("routes");
  return same_size(root.find("listeners"), config.listeners.size()) &&
         same_size(routes, config.routes.size()) &&
         same_size(root.find("tests"), config.tests.size()) &&
         (routes == nullptr || same_filters(routes));
}

void name_targets(GatewayConfig& config) {
  for (ServiceConfig& service : config.services) {
    for (std::size_t i = 0; i < service.targets.size(); ++i) {
      std::string& name = service.targets[i].name;
      if (name.empty()) name = fmt::format("{}/{}", service.name, i);
    }
  }
}

void run_rules(const GatewayConfig& config, const Node& root, std::vector<Diagnostic>& found,
               Reading& reading) {
  if (!is_aligned(config, root)) return;
  lint::Subject subject{config, root, found, reading};
  lint::check_names(subject);
  lint::check_references(subject);
  lint::check_addresses(subject);
  lint::check_routes(subject);
  lint::check_limits(subject);
}

Loaded<GatewayConfig> load_tree(Loaded<Tree> tree) {
  if (!tree.readable) return {.diagnostics = std::move(tree.diagnostics), .readable = false};
  auto loaded = load_gateway(tree.value.root, tree.value.file);
  // Keys that stand twice were found with the tree.
  loaded.diagnostics.insert(loaded.diagnostics.begin(), tree.diagnostics.begin(),
                            tree.diagnostics.end());
  sort_by_place(loaded.diagnostics);
  return loaded;
}

}  // namespace

const ServiceConfig* GatewayConfig::find_service(std::string_view name) const noexcept {
  return find_name(services, name);
}
const TopicConfig* GatewayConfig::find_topic(std::string_view name) const noexcept {
  return find_name(topics, name);
}
const QueueConfig* GatewayConfig::find_queue(std::string_view name) const noexcept {
  return find_name(queues, name);
}
const StoreConfig* GatewayConfig::find_store(std::string_view name) const noexcept {
  return find_name(stores, name);
}

Loaded<GatewayConfig> load_gateway(const Node& node, const std::string& file,
                                   const std::string& path) {
  static const Form<GatewayConfig> form = gateway_form();
  Loaded<GatewayConfig> loaded;
  Reading reading{file, path, loaded.diagnostics};
  if (auto config = form.read(node, reading)) {
    loaded.value = std::move(*config);
    name_targets(loaded.value);
    run_rules(loaded.value, node, loaded.diagnostics, reading);
  }
  sort_by_place(loaded.diagnostics);
  return loaded;
}

Loaded<GatewayConfig> load_gateway_text(std::string_view text, const std::string& file) {
  return load_tree(read_text(text, file));
}

Loaded<GatewayConfig> load_gateway_file(const std::string& file) {
  return load_tree(read_file(file));
}

std::string gateway_schema() {
  return document_schema("Headgate gateway config", gateway_form().schema);
}

}  // namespace headgate::config
