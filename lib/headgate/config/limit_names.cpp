#include "headgate/config/limit_names.hpp"

#include <fmt/format.h>

#include <set>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/ratelimit/fields.hpp"

namespace headgate::config {
namespace {

std::vector<ratelimit::Spec*> limits_of(RouteConfig& route) {
  std::vector<ratelimit::Spec*> limits;
  for (FilterConfig& filter : route.filters) {
    auto* of_filter = std::get_if<RateLimitFilter>(&filter);
    if (of_filter == nullptr) continue;
    for (ratelimit::Spec& limit : of_filter->limits) limits.push_back(&limit);
  }
  return limits;
}

}  // namespace

void name_limits(const Node& node, Reading& reading, RouteConfig& route) {
  const std::vector<ratelimit::Spec*> limits = limits_of(route);
  if (limits.empty()) return;
  const Node* filters = node.find("filters");
  HG_ASSERT(filters != nullptr);
  const auto complain = [&](std::string_view id, std::string message, std::string hint) {
    reading.within("filters",
                   [&] { reading.error(id, filters->at, std::move(message), std::move(hint)); });
  };
  std::set<std::string_view> names;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    std::string& name = limits[i]->name;
    if (name.empty()) {
      name = limits.size() == 1 ? route.name : fmt::format("{}.{}", route.name, i + 1);
    }
    bytes += name.size();
    if (names.insert(name).second) continue;
    complain("GW002", fmt::format("two limits of the route are called '{}'", name),
             "clients know limits by their names");
  }
  if (ratelimit::fields_size_max(limits.size(), bytes) <= ratelimit::kFieldsMax) return;
  complain(
      "GW001", "the route has too many limits, or their names are too long",
      fmt::format("the fields that tell clients of them may take {} bytes", ratelimit::kFieldsMax));
}

}  // namespace headgate::config
