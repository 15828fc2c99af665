#include "headgate/config/scenario_files.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace headgate::config {
namespace {

/// Whether `path` is `above` or lies below it.
bool is_within(std::string_view path, std::string_view above) {
  return path.starts_with(above) && (path.size() == above.size() || path[above.size()] == '.');
}

/// Where the scenario may name a gateway config.
std::vector<std::string> gateway_paths(const Node& root) {
  std::vector<std::string> paths{"gateway"};
  const Node* faults = root.find("faults");
  const std::size_t count = faults == nullptr ? 0 : faults->items.size();
  for (std::size_t i = 0; i < count; ++i) paths.push_back(change_path(i));
  return paths;
}

}  // namespace

std::string change_path(std::size_t fault) {
  return "faults." + std::to_string(fault) + ".gateway";
}

bool names_gateway(std::string_view path) noexcept {
  constexpr std::string_view kFaults = "faults";
  if (path == "gateway") return true;
  if (!is_within(path, kFaults)) return false;
  const std::size_t index = path.find('.');
  const std::size_t field = index == path.npos ? index : path.find('.', index + 1);
  return field == path.npos || path.substr(field + 1) == "gateway";
}

bool ScenarioFiles::read_gateways(std::vector<Diagnostic>& found) {
  gateways.clear();
  bool readable = true;
  for (const std::string& path : gateway_paths(scenario.root)) {
    readable = read_gateway(path, found) && readable;
  }
  return readable;
}

bool ScenarioFiles::read_gateway(const std::string& path, std::vector<Diagnostic>& found) {
  const Node* node = find_path(scenario.root, path);
  if (node == nullptr || node->kind != Node::Kind::kScalar) return true;
  const std::filesystem::path folder = std::filesystem::path{scenario.file}.parent_path();
  Loaded<Tree> file = read_file((folder / node->text).string());
  found.insert(found.end(), file.diagnostics.begin(), file.diagnostics.end());
  if (file.readable) gateways.push_back({path, std::move(file.value)});
  return file.readable;
}

std::optional<std::string> ScenarioFiles::set(std::string_view path, std::string_view text) {
  for (GatewayFile& file : gateways) {
    if (path.size() <= file.path.size() || !is_within(path, file.path)) continue;
    return set_path(file.tree.root, path.substr(file.path.size() + 1), text);
  }
  if (auto fault = set_path(scenario.root, path, text)) return fault;
  std::erase_if(gateways, [&](const GatewayFile& file) { return is_within(file.path, path); });
  std::vector<Diagnostic> found;
  for (const std::string& named : gateway_paths(scenario.root)) {
    if (is_within(named, path)) static_cast<void>(read_gateway(named, found));
  }
  if (!has_errors(found)) return std::nullopt;
  return to_text(found.front());
}

std::optional<Loaded<GatewayConfig>> ScenarioFiles::load(std::string_view path) const {
  const auto file = std::ranges::find(gateways, path, &GatewayFile::path);
  if (file != gateways.end()) return load_gateway(file->tree.root, file->tree.file);
  const Node* node = find_path(scenario.root, path);
  if (node == nullptr) return std::nullopt;
  return load_gateway(*node, scenario.file, std::string{path});
}

ScenarioFiles::Place ScenarioFiles::place_of(std::string_view path) const noexcept {
  for (const GatewayFile& file : gateways) {
    if (path.size() > file.path.size() && is_within(path, file.path)) {
      return {file.tree, path.substr(file.path.size() + 1)};
    }
  }
  return {scenario, path};
}

}  // namespace headgate::config
