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

// What stands around every policy: see pool.hpp.
constexpr std::array kCommonOptions = std::to_array<OptionInfo>({
    {.name = "slow_start",
     .kind = ValueKind::kDuration,
     .fallback = "0s",
     .doc = "a target that joins or recovers has its full share after this time"},
    {.name = "panic",
     .kind = ValueKind::kShare,
     .fallback = "0%",
     .doc = "with less than this share of the targets available, all count as available"},
    {.name = "stale",
     .kind = ValueKind::kDuration,
     .fallback = "0s",
     .doc = "how old the in-flight counts are that the policy sees; for simulations"},
    {.name = "sticky",
     .kind = ValueKind::kText,
     .fallback = "none",
     .doc = "name of the cookie that keeps a client at its target while that is available"},
});

}  // namespace

std::span<const CatalogEntry> catalog() noexcept { return kCatalog; }

std::span<const OptionInfo> common_options() noexcept { return kCommonOptions; }

Result<Balancer> make(const Spec& spec) {
  const auto entry = find_entry(kCatalog, "policy", spec.policy);
  if (!entry) return std::unexpected(entry.error());
  if ((*entry)->name == "round_robin") return Balancer{spec, RoundRobin{}};
  if ((*entry)->name == "two_choices") return Balancer{spec, TwoChoices{}};
  return Balancer{spec, RandomChoice{}};
}

}  // namespace headgate::balance
