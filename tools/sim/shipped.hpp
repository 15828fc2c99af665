// The scenarios that come with the program, inside of it: they are where it is, whatever was
// installed. The build makes the list from the folder `scenarios` (cmake/shipped.cmake).
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace headgate::sim_tool {

struct ShippedFile {
  std::string_view path;  ///< in the folder: `mm1.yaml`, `gateways/limited.yaml`
  std::string_view text;
};

/// Scenarios and what they refer to, by path.
[[nodiscard]] std::span<const ShippedFile> shipped_files() noexcept;

inline constexpr std::string_view kScenarioSuffix = ".yaml";

/// Scenarios lie in the folder itself, what they refer to in folders below.
[[nodiscard]] inline std::vector<const ShippedFile*> shipped_scenarios() {
  std::vector<const ShippedFile*> scenarios;
  for (const ShippedFile& file : shipped_files()) {
    if (file.path.ends_with(kScenarioSuffix) && !file.path.contains('/'))
      scenarios.push_back(&file);
  }
  return scenarios;
}

/// What sim list calls it.
[[nodiscard]] inline std::string_view name_of(const ShippedFile& file) {
  return file.path.substr(0, file.path.size() - kScenarioSuffix.size());
}

}  // namespace headgate::sim_tool
