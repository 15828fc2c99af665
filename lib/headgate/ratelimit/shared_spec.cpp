#include "headgate/ratelimit/shared_spec.hpp"

#include <algorithm>
#include <array>

namespace headgate::ratelimit {
namespace {

constexpr std::array<std::string_view, 2> kModes{"exact", "lease"};
constexpr std::array<std::string_view, 3> kRules{"admit", "refuse", "local"};

constexpr std::array kOptions = std::to_array<OptionInfo>({
    {.name = "redis",
     .kind = ValueKind::kText,
     .fallback = {},
     .doc = "HOST:PORT of the Redis that every gateway with this limit asks"},
    {.name = "mode",
     .kind = ValueKind::kChoice,
     .fallback = "exact",
     .doc = "ask for each decision, or take tokens in advance",
     .choices = kModes},
    {.name = "lease",
     .kind = ValueKind::kCount,
     .fallback = "a tenth of the burst",
     .doc = "mode lease: tokens that a worker takes at once; 1 to the burst"},
    {.name = "lease_time",
     .kind = ValueKind::kDuration,
     .fallback = "1s",
     .doc = "mode lease: after this long what is unspent is given back; 1ms to 1h"},
    {.name = "timeout",
     .kind = ValueKind::kDuration,
     .fallback = "50ms",
     .doc = "for one answer of Redis; 1ms to 10s"},
    {.name = "on_failure",
     .kind = ValueKind::kChoice,
     .fallback = "local",
     .doc = "who passes while Redis does not answer: all, none, or by a limiter in each gateway",
     .choices = kRules},
    {.name = "gateways",
     .kind = ValueKind::kCount,
     .fallback = "1",
     .doc = "on_failure local: the limit is divided by this; 1 to 10k"},
    {.name = "prefix",
     .kind = ValueKind::kText,
     .fallback = "hg:",
     .doc = "how the keys in Redis start; at most 64 bytes"},
});

}  // namespace

std::span<const OptionInfo> shared_options() noexcept { return kOptions; }

Result<SharedMode> parse_shared_mode(std::string_view text) {
  const auto* found = std::ranges::find(kModes, text);
  if (found == kModes.end()) {
    return failed(Errc::kInvalidConfig, "mode", "must be exact or lease");
  }
  return static_cast<SharedMode>(found - kModes.begin());
}

Result<OnFailure> parse_on_failure(std::string_view text) {
  const auto* found = std::ranges::find(kRules, text);
  if (found == kRules.end()) {
    return failed(Errc::kInvalidConfig, "on_failure", "must be admit, refuse or local");
  }
  return static_cast<OnFailure>(found - kRules.begin());
}

std::string_view to_text(SharedMode mode) noexcept {
  return kModes[static_cast<std::size_t>(mode)];
}
std::string_view to_text(OnFailure rule) noexcept { return kRules[static_cast<std::size_t>(rule)]; }

}  // namespace headgate::ratelimit
