#include "headgate/ratelimit/catalog.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "headgate/ratelimit/shared_limit.hpp"

namespace headgate::ratelimit {
namespace {

constexpr std::array kTokenBucketOptions = std::to_array<OptionInfo>({
    {.name = "rate",
     .kind = ValueKind::kRate,
     .fallback = {},
     .doc = "tokens earned in the long run; at most 1G/s"},
    {.name = "burst",
     .kind = ValueKind::kCount,
     .fallback = {},
     .doc = "most tokens spent at one instant; 1 to 1G"},
});
constexpr std::array kFixedWindowOptions = std::to_array<OptionInfo>({
    {.name = "limit",
     .kind = ValueKind::kCount,
     .fallback = {},
     .doc = "tokens in each window; at least 1"},
    {.name = "window",
     .kind = ValueKind::kDuration,
     .fallback = {},
     .doc = "length of a window; windows start at its multiples"},
});

constexpr std::array kCatalog = std::to_array<CatalogEntry>({
    {.name = "token_bucket",
     .summary = "bursts up to a fixed size, a fixed rate in the long run (GCRA)",
     .guarantee =
         "at most burst + rate * t tokens in any interval of length t; the most generous such",
     .options = kTokenBucketOptions,
     .source = "ITU-T I.371 annex A; J. Turner, IEEE Comm. Mag. 24(10), 1986"},
    {.name = "fixed_window",
     .summary = "a quota for each window of the clock",
     .guarantee = "at most limit tokens in a window, 2 * limit in any interval of its length",
     .options = kFixedWindowOptions,
     .source = "folklore; envoyproxy/ratelimit"},
});

constexpr std::array<std::string_view, 3> kOverflows{"steal_oldest", "admit", "refuse"};

constexpr std::array kCommonOptions = std::to_array<OptionInfo>({
    {.name = "key",
     .kind = ValueKind::kKey,
     .fallback = "client_ip",
     .doc = "who is counted as one caller, or a list of parts"},
    {.name = "max_keys",
     .kind = ValueKind::kCount,
     .fallback = "65536",
     .doc = "callers remembered at once; 1 to 100M, 24 bytes each"},
    {.name = "overflow",
     .kind = ValueKind::kChoice,
     .fallback = "steal_oldest",
     .doc = "what a new caller meets when no room is left",
     .choices = kOverflows},
});

constexpr std::int64_t kMaxKeys = 100'000'000;

/// Says which option `entry` needs and lacks, or has been given and does not know.
Result<void> check_options(const Spec& spec, const CatalogEntry& entry) {
  const std::array<std::pair<std::string_view, bool>, 4> given{
      {{"rate", spec.rate.has_value()},
       {"burst", spec.burst.has_value()},
       {"limit", spec.limit.has_value()},
       {"window", spec.window.has_value()}}};
  std::string has;
  for (const OptionInfo& option : entry.options)
    has.append(has.empty() ? "" : ", ").append(option.name);
  for (const auto& [name, present] : given) {
    const bool known =
        std::ranges::find(entry.options, name, &OptionInfo::name) != entry.options.end();
    if (known && !present) {
      return failed(Errc::kInvalidConfig, std::string{name},
                    "is required by " + std::string{entry.name});
    }
    if (!known && present) {
      return failed(Errc::kInvalidConfig, std::string{name},
                    "is no option of " + std::string{entry.name} + ", which has: " + has);
    }
  }
  return {};
}

bool only_global(const KeySpec& key) {
  return std::ranges::all_of(key,
                             [](const KeyPart& part) { return part.source == KeySource::kGlobal; });
}

template <Policy P>
typename Keyed<P>::Options table_options(const Spec& spec) {
  return {.max_keys = only_global(spec.key) ? 1 : static_cast<std::size_t>(spec.max_keys),
          .overflow = spec.overflow};
}

}  // namespace

std::span<const CatalogEntry> catalog() noexcept { return kCatalog; }
std::span<const OptionInfo> common_options() noexcept { return kCommonOptions; }

Result<Overflow> parse_overflow(std::string_view text) {
  const auto* found = std::ranges::find(kOverflows, text);
  if (found == kOverflows.end()) {
    return failed(Errc::kInvalidConfig, "overflow", "must be steal_oldest, admit or refuse");
  }
  return static_cast<Overflow>(found - kOverflows.begin());
}

std::string_view to_text(Overflow overflow) noexcept {
  return kOverflows[static_cast<std::size_t>(overflow)];
}

Result<Limiter> make(const Spec& spec, std::uint64_t seed) {
  const auto entry = find_entry(kCatalog, "algorithm", spec.algorithm);
  if (!entry) return std::unexpected(entry.error());
  if (const auto checked = check_options(spec, **entry); !checked) {
    return std::unexpected(checked.error());
  }
  if (spec.key.empty()) return failed(Errc::kInvalidConfig, "key", "must have at least one part");
  if (spec.max_keys < 1 || spec.max_keys > kMaxKeys) {
    return failed(Errc::kInvalidConfig, "max_keys", "must be 1 to 100M");
  }
  if (spec.shared) {
    if (const auto shared = SharedLimit::make(spec); !shared) {
      return std::unexpected(shared.error());
    }
  }
  const auto build = [&]<Policy P>(const Result<P>& policy) -> Result<Limiter> {
    if (!policy) return std::unexpected(policy.error());
    return Limiter{spec, seed, Keyed<P>{*policy, table_options<P>(spec)}};
  };
  // check_options() has seen to it that what the algorithm needs is there.
  if ((*entry)->name == "token_bucket") {
    return build(TokenBucket::make(
        {.rate = spec.rate.value_or(Rate{}), .burst = spec.burst.value_or(Tokens{})}));
  }
  return build(FixedWindow::make(
      {.limit = spec.limit.value_or(Tokens{}), .window = spec.window.value_or(Duration{})}));
}

}  // namespace headgate::ratelimit
