// The scenarios that come with the program, inside of it: they are where it is, whatever was
// installed. The build makes the list from the folder `scenarios` (cmake/shipped.cmake).
#pragma once

#include <span>
#include <string_view>

namespace headgate::sim_tool {

struct ShippedFile {
  std::string_view path;  ///< in the folder: `mm1.yaml`, `gateways/limited.yaml`
  std::string_view text;
};

/// Scenarios and what they refer to, by path.
[[nodiscard]] std::span<const ShippedFile> shipped_files() noexcept;

}  // namespace headgate::sim_tool
