// An HTML page of one file: style, scripts, charts and data are in it, and its content policy
// forbids it to fetch anything from anywhere.
#pragma once

#include <string>
#include <string_view>

#include "headgate/report/json.hpp"

namespace headgate::report::html {

/// The page that base.js … main.js draw from `data`: see main.js for what they look for in it.
/// `title` is text, not markup. About 1.2 MB and the data. Cost: some 10 ms.
[[nodiscard]] std::string page(std::string_view title, const Json& data);

/// The same of a load run, that load.js draws.
[[nodiscard]] std::string load_page(std::string_view title, const Json& data);

}  // namespace headgate::report::html
