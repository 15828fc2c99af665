// The files that a scenario is made of: its own, and a gateway config wherever it names one instead
// of having the tree inside: at `gateway`, and at the `gateway` of an entry of `faults`.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "headgate/config/diagnostic.hpp"
#include "headgate/config/gateway_config.hpp"
#include "headgate/config/text.hpp"

namespace headgate::config {

/// A gateway config that is a file of its own.
struct GatewayFile {
  std::string path;  ///< where the scenario names it: `gateway`, `faults.0.gateway`
  Tree tree;
};

struct ScenarioFiles {
  Tree scenario;
  std::vector<GatewayFile> gateways = {};

  /// Reads every gateway config that the scenario names as a file, relative to its own folder. What
  /// is wrong with them goes to `found`. Returns whether all are readable.
  [[nodiscard]] bool read_gateways(std::vector<Diagnostic>& found);
  /// set_path() in the scenario, or in the file of a gateway config if `path` leads into it. A path
  /// that names such a file reads it. Returns why it cannot be, or nothing.
  [[nodiscard]] std::optional<std::string> set(std::string_view path, std::string_view text);
  /// The gateway config at `path` of the scenario, inline or a file; nothing if none stands there.
  [[nodiscard]] std::optional<Loaded<GatewayConfig>> load(std::string_view path) const;
  /// The tree that holds what is at `path` of the scenario, and the rest of the path in it.
  struct Place {
    const Tree& tree;
    std::string_view path;
  };
  [[nodiscard]] Place place_of(std::string_view path) const noexcept;

 private:
  bool read_gateway(const std::string& path, std::vector<Diagnostic>& found);
};

/// Where an entry of `faults` has the config that it changes to.
[[nodiscard]] std::string change_path(std::size_t fault);
/// Whether the value at `path` may say which file a gateway config is.
[[nodiscard]] bool names_gateway(std::string_view path) noexcept;

}  // namespace headgate::config
