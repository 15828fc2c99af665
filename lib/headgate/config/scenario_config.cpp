#include "headgate/config/scenario_config.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "headgate/config/scenario_changes.hpp"
#include "headgate/config/scenario_form.hpp"
#include "headgate/config/value.hpp"
#include "headgate/core/check.hpp"
#include "headgate/core/hash.hpp"
#include "headgate/core/text.hpp"

namespace headgate::config {
namespace {

/// More combinations than anyone waits for.
constexpr std::size_t kPointsMax = 10'000;

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

/// Reads one point: the scenario's own fields, then its gateway and what that changes to.
std::optional<WrittenScenario> read_point(const ScenarioFiles& files,
                                          std::vector<Diagnostic>& found) {
  static const Form<WrittenScenario> form = scenario_form();
  const Node& root = files.scenario.root;
  Reading reading{files.scenario.file, {}, found};
  auto written = form.read(root, reading);
  if (!written) return std::nullopt;
  if (written->config.requests.empty()) written->config.requests.emplace_back();
  if (auto gateway = files.load("gateway")) {
    found.insert(found.end(), gateway->diagnostics.begin(), gateway->diagnostics.end());
    written->config.gateway = std::move(gateway->value);
  }
  read_changes(files, written->config, reading, found);
  if (!written->config.gateway) return written;
  for (const StationConfig& station : written->config.services) {
    if (!station.balance) continue;
    const std::string path = fmt::format("services.{}.balance", station.name);
    reading.within(path, [&] {
      reading.error("GW001", position_of(root, path), "the gateway has the balancer already",
                    "leave it out here");
    });
  }
  return written;
}

/// All points share their positions, so what is wrong in each is reported once.
void add_new(std::vector<Diagnostic>& all, const std::vector<Diagnostic>& found) {
  for (const Diagnostic& diagnostic : found) {
    const bool is_known = std::ranges::any_of(all, [&](const Diagnostic& other) {
      return other.id == diagnostic.id && other.file == diagnostic.file &&
             other.at == diagnostic.at && other.path == diagnostic.path &&
             other.message == diagnostic.message;
    });
    if (!is_known) all.push_back(diagnostic);
  }
}

/// Which value every dimension has at point `index`; the last dimension is the fastest.
std::vector<std::size_t> places_of(const std::vector<WrittenDimension>& sweep, std::size_t index) {
  std::vector<std::size_t> places(sweep.size());
  for (std::size_t i = sweep.size(); i-- > 0;) {
    places[i] = index % sweep[i].values.size();
    index /= sweep[i].values.size();
  }
  return places;
}

using At = std::vector<std::pair<std::string, std::string>>;

At at_of(const std::vector<WrittenDimension>& sweep, const std::vector<std::size_t>& places) {
  At at;
  for (std::size_t i = 0; i < sweep.size(); ++i) {
    at.emplace_back(sweep[i].name, flow_text(sweep[i].values[places[i]]));
  }
  std::ranges::sort(at);
  return at;
}

/// Whether the sweep's constraint lets the point be; nothing if it cannot say, which is reported.
std::optional<bool> is_allowed(const WrittenSweep& sweep, const At& at, const Tree& tree,
                               Reading& reading) {
  if (!sweep.constraint) return true;
  const auto allowed = sweep.constraint->allows(at);
  if (allowed) return *allowed;
  const auto is_it = [&](const auto& entry) { return entry.first == allowed.error().where; };
  if (std::ranges::none_of(at, is_it)) return true;  // not swept: the form says so, with a hint
  const std::string path = "sweep.constraint";
  reading.within(path, [&] {
    reading.error("GW003", position_of(tree.root, path), allowed.error().why,
                  "compare numbers with numbers and durations with durations");
  });
  return std::nullopt;
}

/// Puts the point's values into the trees: first those that say which files there are.
bool place_point(const std::vector<WrittenDimension>& sweep, const std::vector<std::size_t>& places,
                 ScenarioFiles& files, Reading& reading) {
  const auto place = [&](const WrittenDimension& dimension, std::size_t at, bool naming) {
    WrittenDimension::Settings settings;
    if (!dimension.path.empty()) settings = {{dimension.path, dimension.values[at]}};
    if (!dimension.variants.empty()) settings = dimension.variants[at];
    for (const auto& [path, value] : settings) {
      if (names_gateway(path) != naming) continue;
      const auto fault = files.set(path, flow_text(value));
      if (!fault) continue;
      reading.within("sweep." + dimension.name, [&] {
        reading.error("GW003", position_of(files.scenario.root, "sweep." + dimension.name), *fault);
      });
      return false;
    }
    return true;
  };
  for (const bool naming : {true, false}) {
    for (std::size_t i = sweep.size(); i-- > 0;) {
      if (!place(sweep[i], places[i], naming)) return false;
    }
  }
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

/// Reads every point that the constraint allows; stops at the first that is wrong.
void read_points(const ScenarioFiles& files, const WrittenSweep& sweep, Loaded<Scenario>& loaded) {
  Reading reading{files.scenario.file, {}, loaded.diagnostics};
  const std::size_t count = point_count(sweep.dimensions);
  if (count > kPointsMax) {
    reading.error("GW001", position_of(files.scenario.root, "sweep"),
                  fmt::format("the sweep has more than {} points", kPointsMax));
    return;
  }
  for (std::size_t index = 0; index < count; ++index) {
    if (!loaded.value.points.empty() && has_errors(loaded.diagnostics)) return;
    const auto places = places_of(sweep.dimensions, index);
    ScenarioPoint point{.at = at_of(sweep.dimensions, places), .scenario = {}};
    const auto allowed = is_allowed(sweep, point.at, files.scenario, reading);
    if (!allowed) return;
    if (!*allowed) continue;
    ScenarioFiles placed = files;
    if (!place_point(sweep.dimensions, places, placed, reading)) return;
    std::vector<Diagnostic> found;
    auto written = read_point(placed, found);
    add_new(loaded.diagnostics, found);
    if (!written) return;
    point.scenario = std::move(written->config);
    point.scenario.load = load_of(point);
    loaded.value.points.push_back(std::move(point));
  }
  if (loaded.value.points.empty()) {
    reading.error("GW001", position_of(files.scenario.root, "sweep.constraint"),
                  "the constraint leaves no point of the sweep");
  }
}

/// Only what is swept, from the tree as it stands; everything else is read point by point.
WrittenSweep read_sweep(const ScenarioFiles& files) {
  std::vector<Diagnostic> ignored;  // each point finds them again
  const auto written = read_point(files, ignored);
  return written ? written->sweep : WrittenSweep{};
}

/// Puts in those of the settings that name gateway configs, or the others.
void apply(const std::vector<Setting>& settings, bool naming, ScenarioFiles& files,
           std::vector<Diagnostic>& found) {
  for (const Setting& setting : settings) {
    if (names_gateway(setting.path) != naming) continue;
    // The files that are named first are read when all are.
    const auto fault = naming ? set_path(files.scenario.root, setting.path, setting.value)
                              : files.set(setting.path, setting.value);
    if (!fault) continue;
    found.push_back({.id = "GW003",
                     .file = "--set",
                     .at = {},
                     .path = setting.path,
                     .message = *fault,
                     .hint = {}});
  }
}

Loaded<Scenario> load_tree(Loaded<Tree> tree, const std::vector<Setting>& settings) {
  if (!tree.readable) return {.diagnostics = std::move(tree.diagnostics), .readable = false};
  ScenarioFiles files{.scenario = std::move(tree.value)};
  Loaded<Scenario> loaded{.diagnostics = std::move(tree.diagnostics)};
  apply(settings, true, files, loaded.diagnostics);
  if (!files.read_gateways(loaded.diagnostics)) {
    loaded.readable = false;
    return loaded;
  }
  apply(settings, false, files, loaded.diagnostics);
  loaded.value.file = files.scenario.file;
  const WrittenSweep sweep = read_sweep(files);
  for (const WrittenDimension& dimension : sweep.dimensions) {
    SweepDimension& shown = loaded.value.sweep.emplace_back();
    shown.name = dimension.name;
    shown.path = dimension.path;
    for (const Node& value : dimension.values) shown.values.push_back(flow_text(value));
  }
  read_points(files, sweep, loaded);
  loaded.value.files = std::move(files);
  return loaded;
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

Diagnostic Scenario::diagnostic(std::string_view path, std::string message,
                                std::string hint) const {
  const ScenarioFiles::Place place = files.place_of(path);
  return {.id = "GW003",
          .file = place.tree.file,
          .at = position_of(place.tree.root, place.path),
          .path = std::string{place.path},
          .message = std::move(message),
          .hint = std::move(hint)};
}

std::uint64_t Scenario::fingerprint() const {
  std::uint64_t print = hash64(flow_text(files.scenario.root));
  for (const GatewayFile& named : files.gateways) {
    print = combine64(print, hash64(flow_text(named.tree.root)));
  }
  return print;
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
