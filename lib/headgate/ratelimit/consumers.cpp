#include "headgate/ratelimit/consumers.hpp"

#include <algorithm>

namespace headgate::ratelimit {

Consumers::Consumers(std::span<const Consumer> consumers) {
  for (const Consumer& consumer : consumers) {
    for (const std::string& key : consumer.keys) names_by_key_.emplace_back(key, consumer.name);
  }
  std::ranges::sort(names_by_key_);
}

std::string_view Consumers::find(std::string_view api_key) const noexcept {
  const auto found =
      std::ranges::lower_bound(names_by_key_, api_key, {},
                               [](const auto& entry) -> std::string_view { return entry.first; });
  if (found == names_by_key_.end() || found->first != api_key) return {};
  return found->second;
}

}  // namespace headgate::ratelimit
