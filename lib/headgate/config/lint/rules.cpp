#include "headgate/config/lint/rules.hpp"

#include <algorithm>
#include <array>

#include "headgate/core/check.hpp"

namespace headgate::config::lint {
namespace {

constexpr auto kError = Severity::kError;
constexpr auto kWarning = Severity::kWarning;

constexpr std::array kRules = std::to_array<Rule>({
    {"GW000", kError, "the text cannot be read as one YAML or JSON document"},
    {"GW001", kError, "an unknown key, a missing one, or a value of the wrong type, unit or range"},
    {"GW002", kError, "a key, a name or an API key that stands twice"},
    {"GW003", kError, "a service, topic, queue, store, route or consumer that is not there"},
    {"GW004", kWarning, "a service, topic or store that nothing uses"},
    {"GW006", kWarning, "a bare scalar that not every YAML reader takes for a text"},
    {"GW007", kError, "a word of the grammar that this version does not carry out"},
    {"GW008", kError, "a test whose request goes to another route"},
    {"GW009", kError, "an address that two listeners want"},
    {"GW010", kError, "a folder that two journals want"},
    {"GW101", kError, "two routes that match the same requests"},
    {"GW102", kWarning, "a route that no request can reach"},
    {"GW103", kWarning, "a prefix that ends in a slash, which means nothing"},
    {"GW104", kError, "a path that is not canonical, so no request can have it"},
    {"GW216", kWarning, "an admin listener that other machines can reach, without a password"},
    {"GW402", kWarning, "a window shorter than a second, the least that Retry-After can say"},
    {"GW404", kWarning, "a timeout so long that clients have given up before"},
    {"GW408", kWarning, "weights that differ under a policy that does not look at them"},
    {"GW411", kWarning, "one address as two targets of a service: it gets two shares"},
    {"GW412", kError, "a target that is the gateway itself: its requests would go round"},
});

}  // namespace

std::span<const Rule> rules() noexcept { return kRules; }

void Subject::report(std::string_view id, std::string_view path, std::string message,
                     std::string hint) {
  const auto* const rule = std::ranges::find(kRules, id, &Rule::id);
  HG_ASSERT(rule != kRules.end());
  const Position at = position_of(root_, path);
  reading_.within(
      path, [&] { reading_.add(rule->severity, id, at, std::move(message), std::move(hint)); });
}

bool Subject::is_sound(std::string_view path) const {
  return reading_.within(path, [&] {
    const std::string& full = reading_.path();
    return std::ranges::none_of(found_, [&](const Diagnostic& diagnostic) {
      return diagnostic.severity == Severity::kError && diagnostic.path.starts_with(full) &&
             (diagnostic.path.size() == full.size() || diagnostic.path[full.size()] == '.');
    });
  });
}

}  // namespace headgate::config::lint
