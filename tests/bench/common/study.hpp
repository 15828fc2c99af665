// What all studies have in common: how they end, and what they leave behind.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "headgate/report/json.hpp"

namespace headgate::study {

/// A file's name and its text.
using Files = std::vector<std::pair<std::string, std::string>>;

/// Writes the files and manifest.json, which says on what machine and by which command they came
/// about and has the members of `more` (or null) besides, into `folder`, and says so on stdout. An
/// empty `folder`: nothing is written. Throws std::runtime_error with the path and the reason.
void leave(const std::string& folder, const std::vector<std::string>& command, const Files& files,
           const report::Json& more);

/// The exit code of `work`; 2, with what it threw on stderr, if it throws.
[[nodiscard]] int ending(const char* name, const std::function<int()>& work);

}  // namespace headgate::study
