#include "headgate/config/scenario_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "headgate/config/scenario_form.hpp"
#include "headgate/config/value.hpp"
#include "headgate/core/check.hpp"
#include "headgate/core/text.hpp"

namespace headgate::config {
namespace {

/// More combinations than anyone waits for.
constexpr std::size_t kPointsMax = 10'000;

/// The scenario's tree, and that of its gateway if it is a file of its own.
struct Documents {
  Tree scenario;
  std::optional<Tree> gateway;

  [[nodiscard]] std::optional<std::string> set(std::string_view path, std::string_view text) {
    constexpr std::string_view kGateway = "gateway.";
    if (gateway && path.starts_with(kGateway)) {
      return set_path(gateway->root, path.substr(kGateway.size()), text);
    }
    return set_path(scenario.root, path, text);
  }
};

/// A value of a sweep in one line of YAML, as results name it and as set_path reads it back.
std::string flow_text(const Node& node) {
  std::string text;
  switch (node.kind) {
    case Node::Kind::kScalar:
      return node.text;
    case Node::Kind::kList:
      for (const Node& item : node.items) text += (text.empty() ? "" : ", ") + flow_text(item);
      return "[" + text + "]";
    case Node::Kind::kMap:
      break;
  }
  for (const Member& member : node.members) {
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", member.key, flow_text(member.value));
  }
  return "{" + text + "}";
}

/// Reads one point: the scenario's own fields, then its gateway.
std::optional<WrittenScenario> read_point(const Documents& documents,
                                          std::vector<Diagnostic>& found) {
  static const Form<WrittenScenario> form = scenario_form();
  Reading reading{documents.scenario.file, {}, found};
  auto written = form.read(documents.scenario.root, reading);
  if (!written) return std::nullopt;
  if (written->config.requests.empty()) written->config.requests.emplace_back();
  const Node* inline_gateway = documents.scenario.root.find("gateway");
  if (!documents.gateway && inline_gateway == nullptr) return written;

  auto gateway = documents.gateway
                     ? load_gateway(documents.gateway->root, documents.gateway->file)
                     : load_gateway(*inline_gateway, documents.scenario.file, "gateway");
  found.insert(found.end(), gateway.diagnostics.begin(), gateway.diagnostics.end());
  written->config.gateway = std::move(gateway.value);
  for (const StationConfig& station : written->config.services) {
    if (!station.balance) continue;
    const std::string path = fmt::format("services.{}.balance", station.name);
    reading.within(path, [&] {
      reading.error("GW001", position_of(documents.scenario.root, path),
                    "the gateway has the balancer already", "leave it out here");
    });
  }
  return written;
}

/// All points share their positions, so what is wrong in each is reported once.
void add_new(std::vector<Diagnostic>& all, const std::vector<Diagnostic>& found) {
  for (const Diagnostic& diagnostic : found) {
    const bool is_known = std::ranges::any_of(all, [&](const Diagnostic& other) {
      return other.id == diagnostic.id && other.at == diagnostic.at &&
             other.path == diagnostic.path && other.message == diagnostic.message;
    });
    if (!is_known) all.push_back(diagnostic);
  }
}

/// Puts the point's values into the trees. `index` counts the points, the last dimension fastest.
bool place_point(const std::vector<WrittenDimension>& sweep, std::size_t index,
                 Documents& documents, ScenarioPoint& point, Reading& reading) {
  for (auto dimension = sweep.rbegin(); dimension != sweep.rend(); ++dimension) {
    const Node& value = dimension->values[index % dimension->values.size()];
    index /= dimension->values.size();
    const std::string text = flow_text(value);
    point.at.emplace_back(dimension->name, text);
    if (dimension->path.empty()) continue;
    if (const auto fault = documents.set(dimension->path, text)) {
      reading.within("sweep." + dimension->name, [&] {
        reading.error("GW003", position_of(documents.scenario.root, "sweep." + dimension->name),
                      *fault);
      });
      return false;
    }
  }
  std::ranges::sort(point.at);
  return true;
}

std::optional<double> load_of(const ScenarioPoint& point) {
  for (const auto& [name, text] : point.at) {
    if (name == "load") return parse_number(text).value();
  }
  return std::nullopt;
}

std::size_t point_count(const std::vector<WrittenDimension>& sweep) {
  std::size_t count = 1;
  for (const WrittenDimension& dimension : sweep) {
    count = std::min(count * dimension.values.size(), kPointsMax + 1);
  }
  return count;
}

/// Reads every point of the sweep; stops at the first that is wrong.
void read_points(const Documents& documents, const std::vector<WrittenDimension>& sweep,
                 Loaded<Scenario>& loaded) {
  Reading reading{documents.scenario.file, {}, loaded.diagnostics};
  const std::size_t count = point_count(sweep);
  if (count > kPointsMax) {
    reading.error("GW001", position_of(documents.scenario.root, "sweep"),
                  fmt::format("the sweep has more than {} points", kPointsMax));
    return;
  }
  for (std::size_t index = 0; index < count; ++index) {
    if (index > 0 && has_errors(loaded.diagnostics)) return;
    Documents placed = documents;
    ScenarioPoint point;
    if (!place_point(sweep, index, placed, point, reading)) return;
    std::vector<Diagnostic> found;
    auto written = read_point(placed, found);
    add_new(loaded.diagnostics, found);
    if (!written) return;
    point.scenario = std::move(written->config);
    point.scenario.load = load_of(point);
    loaded.value.points.push_back(std::move(point));
  }
}

/// Only what is swept, from the tree as it stands; everything else is read point by point.
std::vector<WrittenDimension> read_sweep(const Documents& documents) {
  std::vector<Diagnostic> ignored;  // each point finds them again
  const auto written = read_point(documents, ignored);
  return written ? written->sweep : std::vector<WrittenDimension>{};
}

Loaded<Scenario> load_documents(Documents documents, std::vector<Diagnostic> found,
                                const std::vector<Setting>& settings) {
  Loaded<Scenario> loaded{.diagnostics = std::move(found)};
  loaded.value.file = documents.scenario.file;
  for (const Setting& setting : settings) {
    if (const auto fault = documents.set(setting.path, setting.value)) {
      loaded.diagnostics.push_back({.id = "GW003",
                                    .file = "--set",
                                    .at = {},
                                    .path = setting.path,
                                    .message = *fault,
                                    .hint = {}});
    }
  }
  const std::vector<WrittenDimension> sweep = read_sweep(documents);
  for (const WrittenDimension& dimension : sweep) {
    SweepDimension& shown = loaded.value.sweep.emplace_back();
    shown.name = dimension.name;
    shown.path = dimension.path;
    for (const Node& value : dimension.values) shown.values.push_back(flow_text(value));
  }
  read_points(documents, sweep, loaded);
  return loaded;
}

Loaded<Scenario> load_tree(Loaded<Tree> tree, const std::vector<Setting>& settings) {
  if (!tree.readable) return {.diagnostics = std::move(tree.diagnostics), .readable = false};
  Documents documents{.scenario = std::move(tree.value), .gateway = {}};
  std::vector<Diagnostic> found = std::move(tree.diagnostics);
  // `--set gateway=other.yaml` names the file that the other settings go into.
  for (const Setting& setting : settings) {
    if (setting.path == "gateway") static_cast<void>(documents.set("gateway", setting.value));
  }
  const Node* gateway = documents.scenario.root.find("gateway");
  if (gateway != nullptr && gateway->kind == Node::Kind::kScalar) {
    const std::filesystem::path folder =
        std::filesystem::path{documents.scenario.file}.parent_path();
    Loaded<Tree> file = read_file((folder / gateway->text).string());
    found.insert(found.end(), file.diagnostics.begin(), file.diagnostics.end());
    if (!file.readable) return {.diagnostics = std::move(found), .readable = false};
    documents.gateway = std::move(file.value);
  }
  return load_documents(std::move(documents), std::move(found), settings);
}

}  // namespace

const arrival::Distribution& StationConfig::time_of(std::uint32_t index) const {
  HG_ASSERT(time.has_value());
  for (const StationException& exception : except) {
    if (exception.target == index && exception.time) return *exception.time;
  }
  return *time;
}

std::uint32_t StationConfig::servers_of(std::uint32_t index) const noexcept {
  for (const StationException& exception : except) {
    if (exception.target == index && exception.servers) return *exception.servers;
  }
  return servers;
}

const StationConfig* ScenarioConfig::find_service(std::string_view name) const noexcept {
  const auto found = std::ranges::find(services, name, &StationConfig::name);
  return found == services.end() ? nullptr : &*found;
}

Loaded<Scenario> load_scenario_file(const std::string& file, const std::vector<Setting>& set) {
  return load_tree(read_file(file), set);
}

Loaded<Scenario> load_scenario_text(std::string_view text, const std::string& file,
                                    const std::vector<Setting>& set) {
  return load_tree(read_text(text, file), set);
}

std::string scenario_schema() {
  return document_schema("Headgate scenario", scenario_form().schema);
}

}  // namespace headgate::config
