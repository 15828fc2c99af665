// All rules of this module by name, for the lists that people and tools read.
#pragma once

#include <span>

#include "headgate/core/catalog.hpp"

namespace headgate::resilience {

/// `breaker`, `outlier`, `retry`, `token_budget`, `percent_budget`, `backoff`, `hedge`, `deadline`,
/// `bulkhead`, `aimd`, `vegas`, `gradient`, `codel`, `adaptive_lifo`, `client_throttle`.
[[nodiscard]] std::span<const CatalogEntry> catalog() noexcept;

}  // namespace headgate::resilience
