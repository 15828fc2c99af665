#include "headgate/balance/catalog.hpp"

#include <array>

namespace headgate::balance {
namespace {

constexpr std::array kCatalog = std::to_array<CatalogEntry>({
    {.name = "round_robin",
     .summary = "the targets take turns",
     .guarantee = "each available target once in a round",
     .options = {},
     .source = "folklore"},
    {.name = "two_choices",
     .summary = "the one with fewer requests in flight of two distinct targets drawn at random",
     .guarantee = "longest queue O(log log n) instead of O(log n / log log n)",
     .options = {},
     .source = "M. Mitzenmacher, IEEE TPDS 12(10), 2001"},
    {.name = "random",
     .summary = "each target as likely as any other",
     .guarantee = "equal shares in the mean",
     .options = {},
     .source = "folklore"},
});

}  // namespace

std::span<const CatalogEntry> catalog() noexcept { return kCatalog; }

Result<Balancer> make(const Spec& spec) {
  const auto entry = find_entry(kCatalog, "policy", spec.policy);
  if (!entry) return std::unexpected(entry.error());
  if ((*entry)->name == "round_robin") return Balancer{spec, RoundRobin{}};
  if ((*entry)->name == "two_choices") return Balancer{spec, TwoChoices{}};
  return Balancer{spec, RandomChoice{}};
}

}  // namespace headgate::balance
