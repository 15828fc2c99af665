#include "headgate/ratelimit/shared_limit.hpp"

#include <array>
#include <utility>

#include "headgate/core/check.hpp"
#include "headgate/core/text.hpp"
#include "headgate/ratelimit/catalog.hpp"

namespace headgate::ratelimit {
namespace {

constexpr std::string_view kShareable = "token_bucket or fixed_window";

Error within_shared(std::string field, std::string why) {
  return {
      .code = Errc::kInvalidConfig, .where = "shared." + std::move(field), .why = std::move(why)};
}

bool is_within(Duration value, Duration least, Duration most) {
  return value >= least && value <= most;
}

/// What does not depend on the algorithm.
Result<void> check_options(const SharedSpec& shared) {
  using namespace std::chrono_literals;
  if (!is_within(shared.timeout, 1ms, 10s)) {
    return std::unexpected(within_shared("timeout", "must be 1ms to 10s"));
  }
  if (!is_within(shared.lease_time, 1ms, 1h)) {
    return std::unexpected(within_shared("lease_time", "must be 1ms to 1h"));
  }
  if (shared.gateways < 1 || shared.gateways > 10'000) {
    return std::unexpected(within_shared("gateways", "must be 1 to 10k"));
  }
  if (shared.prefix.size() > 64) {
    return std::unexpected(within_shared("prefix", "must be at most 64 bytes"));
  }
  if (shared.lease && shared.mode != SharedMode::kLease) {
    return std::unexpected(within_shared("lease", "needs mode: lease"));
  }
  return {};
}

Result<void> check_lease(const SharedSpec& shared, Tokens burst) {
  if (!shared.lease || (shared.lease->count >= 1 && *shared.lease <= burst)) return {};
  return std::unexpected(
      within_shared("lease", "must be 1 to the burst, " + count_to_text(burst.count)));
}

}  // namespace

Result<SharedLimit> SharedLimit::make(const Spec& spec) {
  HG_ASSERT(spec.shared.has_value());
  if (const auto checked = check_options(*spec.shared); !checked) {
    return std::unexpected(checked.error());
  }
  if (spec.algorithm == "token_bucket") {
    const Rate rate = spec.rate.value_or(Rate{});
    const Tokens burst = spec.burst.value_or(Tokens{});
    auto bucket = SharedBucket::make({.rate = rate, .burst = burst});
    if (!bucket) return std::unexpected(bucket.error());
    if (const auto checked = check_lease(*spec.shared, burst); !checked) {
      return std::unexpected(checked.error());
    }
    return SharedLimit{*bucket, "b" + headgate::to_text(rate) + "+" + std::to_string(burst.count)};
  }
  if (spec.algorithm != "fixed_window") {
    return failed(Errc::kInvalidConfig, "algorithm",
                  "cannot be shared; take " + std::string{kShareable});
  }
  if (spec.shared->mode == SharedMode::kLease) {
    return std::unexpected(within_shared("mode", "lease needs algorithm: token_bucket"));
  }
  const Tokens limit = spec.limit.value_or(Tokens{});
  const Duration length = spec.window.value_or(Duration{});
  auto window = SharedWindow::make({.limit = limit, .window = length});
  if (!window) return std::unexpected(window.error());
  return SharedLimit{*window, "w" + std::to_string(limit.count) + "/" + headgate::to_text(length)};
}

Tokens SharedLimit::capacity() const noexcept {
  return std::visit([](const auto& kind) { return kind.capacity(); }, kind_);
}

void SharedLimit::append_question(std::vector<std::int64_t>& numbers, Tokens cost) const {
  if (const SharedBucket* bucket = this->bucket()) {
    bucket->append_question(numbers, std::array{cost});
  } else {
    std::get<SharedWindow>(kind_).append_question(numbers, cost);
  }
}

Decision SharedLimit::decision(const SharedSight& sight, Tokens cost, bool spent) const noexcept {
  return std::visit([&](const auto& kind) { return kind.decision(sight, cost, spent); }, kind_);
}

}  // namespace headgate::ratelimit
