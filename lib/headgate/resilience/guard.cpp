#include "headgate/resilience/guard.hpp"

#include <string>
#include <string_view>

namespace headgate::resilience {
namespace {

/// A place falls free when a request ends, which nobody knows the time of.
constexpr Duration kSoon = std::chrono::seconds{1};

/// Makes `rule` out of `config`, if there is one. The error's place is below `name`.
template <class Any, class Config, class Make>
Result<void> make_rule(Any& rule, const std::optional<Config>& config, std::string_view name,
                       Make make) {
  if (!config) return {};
  auto made = make(*config);
  if (!made) {
    made.error().where = std::string{name} + "." + made.error().where;
    return std::unexpected(std::move(made.error()));
  }
  rule = *std::move(made);
  return {};
}

}  // namespace

Result<Guard> Guard::make(const Config& config, std::size_t targets, std::uint64_t seed) {
  Guard guard{seed};
  guard.targets_ = targets;
  const auto eject_of = [targets](const Outlier::Config& of) { return Outlier::make(of, targets); };
  if (auto made = make_rule(guard.breaker_, config.breaker, "breaker", Breaker::make); !made) {
    return std::unexpected(made.error());
  }
  if (auto made = make_rule(guard.outlier_, config.outlier, "outlier", eject_of); !made) {
    return std::unexpected(made.error());
  }
  if (auto made = make_rule(guard.retry_, config.retry, "retry", RetryPolicy::make); !made) {
    return std::unexpected(made.error());
  }
  if (auto made = make_rule(guard.concurrency_, config.concurrency, "concurrency",
                            AdaptiveConcurrency::make);
      !made) {
    return std::unexpected(made.error());
  }
  if (auto made = make_rule(guard.throttle_, config.throttle, "throttle", ClientThrottle::make);
      !made) {
    return std::unexpected(made.error());
  }
  return guard;
}

std::expected<Guard::Pass, Guard::Refusal> Guard::admit(TimePoint now) noexcept {
  Pass pass;
  if (breaker_) {
    pass.breaker = breaker_->allow(now);
    if (!pass.breaker) {
      return std::unexpected(Refusal{Rule::kBreaker, breaker_->retry_after(now)});
    }
  }
  if (concurrency_) {
    pass.place = concurrency_->enter();
    if (!pass.place) {
      abandon(std::move(pass));
      return std::unexpected(Refusal{Rule::kConcurrency, kSoon});
    }
  }
  if (throttle_ && !throttle_->allow(now, random_)) {
    abandon(std::move(pass));
    return std::unexpected(Refusal{Rule::kThrottle, kSoon});
  }
  return pass;
}

void Guard::abandon(Pass pass) noexcept {
  if (breaker_) breaker_->abandon(std::move(pass.breaker));
}

/// Whether other targets are ejected now than before.
bool Guard::learn(Pass pass, std::size_t target, const AttemptEnd& end, TimePoint now) noexcept {
  if (breaker_) {
    breaker_->record(std::move(pass.breaker), {.latency = end.latency, .failed = end.failed}, now);
  }
  if (concurrency_) concurrency_->done(std::move(pass.place), end.latency, end.refused, random_);
  if (throttle_ && !end.refused) throttle_->accepted(now);
  if (retry_ && !end.failed) retry_->on_success();
  return judge(target, end.failed, now);
}

bool Guard::judge(std::size_t target, bool failed, TimePoint now) noexcept {
  if (!outlier_) return false;
  const bool due = now >= outlier_due_;
  bool changed = due && outlier_->on_timeout(now);
  changed = outlier_->record(target, failed, now) || changed;
  if (due || changed) outlier_due_ = outlier_->next_timeout();
  return changed;
}

std::optional<Duration> Guard::retry(const Fault& fault, bool repeatable, RetryState& state,
                                     TimePoint now) noexcept {
  if (!retry_) return std::nullopt;
  return retry_->on_fault(fault, repeatable, state, {}, now, random_);
}

Guard::Figures Guard::figures() const noexcept {
  Figures figures;
  if (breaker_) {
    figures.breaker = breaker_->state();
    figures.breaker_trips = breaker_->trips();
  }
  if (concurrency_) figures.concurrency_limit = concurrency_->limit();
  if (outlier_) {
    figures.ejected = static_cast<std::uint32_t>(outlier_->ejected_count());
    figures.ejections = outlier_->ejections();
  }
  if (retry_) {
    figures.retries = retry_->retries();
    figures.retries_over_budget = retry_->over_budget();
  }
  return figures;
}

}  // namespace headgate::resilience
