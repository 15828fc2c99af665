// The files of this folder and the charting package, as they lie in the library.
#pragma once

#include <array>
#include <string_view>

namespace headgate::report::html {

/// page.css.
[[nodiscard]] std::string_view style() noexcept;
/// Our scripts for a simulation in the order in which they have to run.
[[nodiscard]] std::array<std::string_view, 7> scripts() noexcept;
/// Those of a load run's page.
[[nodiscard]] std::array<std::string_view, 4> load_scripts() noexcept;
/// Apache ECharts (Apache-2.0), minified, as gzip made it.
[[nodiscard]] std::string_view charts_gzip() noexcept;

}  // namespace headgate::report::html
