#include "headgate/sim/admit_replay.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/sim/csv.hpp"

namespace headgate::sim {
namespace {

using ratelimit::Decision;

bool is_global(const ratelimit::Spec& spec) {
  return std::ranges::all_of(spec.key, [](const ratelimit::KeyPart& part) {
    return part.source == ratelimit::KeySource::kGlobal;
  });
}

std::uint64_t key_for(const ratelimit::Limiter& limiter, std::string_view caller) {
  const std::array<std::string_view, 1> parts{is_global(limiter.spec()) ? "" : caller};
  return limiter.key(parts);
}

void append_field(std::string& out, std::int64_t value) {
  out += ',';
  append_integer(out, value);
}

void append_field(std::string& out, Duration duration) {
  append_field(out, duration == kNever ? -1 : duration.count());
}

void append_decision(std::string& out, const Decision& decision) {
  out += decision.admitted ? ",1," : ",0,";
  out += ratelimit::to_text(decision.reason);
  append_field(out, decision.remaining.count);
  append_field(out, decision.retry_after);
  append_field(out, decision.reset_after);
}

}  // namespace

Result<AdmitReplay> AdmitReplay::make(std::span<const ratelimit::Spec> limits) {
  HG_ASSERT(!limits.empty() && limits.size() <= ratelimit::Chain::kLimitsMax);
  std::vector<ratelimit::Limiter> limiters;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    auto limiter = ratelimit::make(limits[i], {.seed = 1});
    if (!limiter) {
      Error error = limiter.error();
      error.where = limits.size() == 1 ? fmt::format("rate_limit.{}", error.where)
                                       : fmt::format("rate_limits.{}.{}", i, error.where);
      return std::unexpected(std::move(error));
    }
    limiters.push_back(std::move(*limiter));
  }
  const bool delays = std::ranges::any_of(
      limits, [](const ratelimit::Spec& spec) { return spec.algorithm == "leaky_queue"; });
  return AdmitReplay{ratelimit::Chain{std::move(limiters)}, delays};
}

AdmitReplay::AdmitReplay(ratelimit::Chain chain, bool delays)
    : chain_(std::move(chain)), delays_(delays), keys_(chain_.limiters().size()) {}

std::string_view AdmitReplay::row_header() const noexcept {
  constexpr std::string_view kWithDelay =
      "t_ns,key,cost,admitted,reason,remaining,retry_after_ns,reset_after_ns,delay_ns";
  return delays_ ? kWithDelay : kWithDelay.substr(0, kWithDelay.rfind(','));
}

Result<void> AdmitReplay::take(std::string_view line, std::string& out) {
  const auto fields = split_csv<3>(line);
  if (!fields) {
    return wrong_line(
        fmt::format("expected the three fields {}; a key with a comma stands in quotes", kHeader));
  }
  const auto& [time, key, cost_text] = *fields;
  const auto now = parse_integer(time);
  if (!now) return wrong_line(fmt::format("t_ns '{}' is no whole number of nanoseconds", time));
  const auto cost = parse_integer(cost_text);
  if (!cost || *cost == std::numeric_limits<std::int64_t>::min()) {
    return wrong_line(fmt::format("cost '{}' is no whole number", cost_text));
  }
  const std::string_view caller = unquoted(key, scratch_);
  for (std::size_t i = 0; i < keys_.size(); ++i) keys_[i] = key_for(chain_.limiters()[i], caller);
  const Decision decision = decide(TimePoint{Duration{*now}}, *cost);
  out += line;
  append_decision(out, decision);
  if (delays_) append_field(out, decision.delay);
  out += '\n';
  return {};
}

Decision AdmitReplay::decide(TimePoint now, std::int64_t cost) noexcept {
  if (cost > 0) return chain_.admit(keys_, now, {.count = cost}).decision;
  if (cost < 0) chain_.refund(keys_, now, {.count = -cost});
  return chain_.peek(keys_, now, {.count = 1}).decision;
}

}  // namespace headgate::sim
