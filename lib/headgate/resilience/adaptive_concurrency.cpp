#include "headgate/resilience/adaptive_concurrency.hpp"

#include <type_traits>
#include <utility>

namespace headgate::resilience {
namespace {

Result<FixedLimit> make_rule(const FixedLimit& fixed) {
  if (fixed.limit >= 1 && fixed.limit <= 1'000'000) return fixed;
  return failed(Errc::kInvalidConfig, "limit", "must be 1 to 1M");
}
Result<Aimd> make_rule(const Aimd::Config& config) { return Aimd::make(config); }
Result<Vegas> make_rule(const Vegas::Config& config) { return Vegas::make(config); }
Result<Gradient> make_rule(const Gradient::Config& config) { return Gradient::make(config); }

std::uint32_t limit_of(const FixedLimit& rule) { return rule.limit; }
template <class Rule>
std::uint32_t limit_of(const Rule& rule) {
  return rule.limit();
}

}  // namespace

Result<std::unique_ptr<AdaptiveConcurrency>> AdaptiveConcurrency::make(const Config& config) {
  return std::visit(
      [](const auto& of) -> Result<std::unique_ptr<AdaptiveConcurrency>> {
        const auto rule = make_rule(of);
        if (!rule) return std::unexpected(rule.error());
        return std::unique_ptr<AdaptiveConcurrency>{
            new AdaptiveConcurrency{Rule{*rule}, limit_of(*rule)}};
      },
      config);
}

void AdaptiveConcurrency::done(Gate::Permit permit, Duration rtt, bool dropped,
                               Random& random) noexcept {
  if (!permit) return;
  const CallSample sample{.rtt = rtt, .in_flight = permit.in_flight(), .dropped = dropped};
  permit.release();
  const std::uint32_t before = gate_.limit();
  const std::uint32_t after = std::visit(
      [&](auto& rule) -> std::uint32_t {
        using Kind = std::remove_cvref_t<decltype(rule)>;
        if constexpr (std::is_same_v<Kind, FixedLimit>) {
          return rule.limit;
        } else if constexpr (std::is_same_v<Kind, Vegas>) {
          return rule.update(sample, random);
        } else {
          return rule.update(sample);
        }
      },
      rule_);
  if (after != before) gate_.set_limit(after);
}

}  // namespace headgate::resilience
