// What the words behind flags mean, for the commands that have flags alike.
#pragma once

#include <cstdio>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "headgate/arrival/schedule.hpp"
#include "headgate/config/diagnostic.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/units.hpp"
#include "headgate/stats/expectation.hpp"

namespace headgate::loadgen {

/// `place` gets what `parse` makes of the text of `flag`; an empty text leaves it as it is.
template <class T, class Parse>
[[nodiscard]] Result<void> put(const char* flag, const std::string& text, Parse parse, T& place) {
  if (text.empty()) return {};
  auto value = parse(text);
  if (!value) return failed(value.error().code, std::string{flag} + " " + text, value.error().why);
  place = *std::move(value);
  return {};
}

/// The document, after its diagnostics are on stderr; nothing if they are errors.
template <class T>
[[nodiscard]] std::optional<T> accept(config::Loaded<T> loaded) {
  for (const config::Diagnostic& diagnostic : loaded.diagnostics) {
    std::fprintf(stderr, "%s\n", config::to_text(diagnostic).c_str());
  }
  if (!loaded.ok()) return std::nullopt;
  return std::move(loaded.value);
}

/// A rate; a bare number is one a second, as wrk2 has it.
[[nodiscard]] Result<Rate> parse_flag_rate(const std::string& text);
/// --rate, which is above zero, and --arrival; without a rate `place` is left as it is.
[[nodiscard]] Result<void> put_arrivals(const std::string& rate, const std::string& arrival,
                                        std::optional<arrival::Arrivals>& place);
/// Each --expect, behind what is there.
[[nodiscard]] Result<void> put_expectations(const std::vector<std::string>& texts,
                                            std::vector<stats::Expectation>& place);

}  // namespace headgate::loadgen
