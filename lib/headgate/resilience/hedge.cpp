#include "headgate/resilience/hedge.hpp"

#include <utility>

namespace headgate::resilience {

Result<Hedge> Hedge::make(const Config& config) {
  if (config.percentile.of_one < 1e-9 || config.percentile.of_one >= 1) {
    return failed(Errc::kInvalidConfig, "percentile", "must be above 0% and below 100%");
  }
  if (config.delay && *config.delay <= Duration::zero()) {
    return failed(Errc::kInvalidConfig, "delay", "must be longer than 0s");
  }
  if (config.window < std::chrono::seconds{1} || config.window > std::chrono::hours{1}) {
    return failed(Errc::kInvalidConfig, "window", "must be 1s to 1h");
  }
  auto budget = PercentBudget::make(config.budget);
  if (!budget) {
    budget.error().where = "budget." + budget.error().where;
    return std::unexpected(std::move(budget.error()));
  }
  return Hedge{config, *budget};
}

Hedge::Hedge(const Config& config, const PercentBudget& budget) noexcept
    : delay_(config.delay),
      latencies_(Ratio{config.percentile}, config.min_samples, config.window),
      budget_(budget) {}

Hedge::Call Hedge::start(TimePoint now) noexcept {
  budget_.on_call(now);
  const Duration delay = delay_ ? *delay_ : latencies_.percentile(now);
  Call call;
  if (delay < TimePoint::max() - now) call.due_ = now + delay;
  return call;
}

bool Hedge::on_timeout(Call& call, TimePoint now) noexcept {
  if (now < call.due_) return false;
  call.due_ = TimePoint::max();
  if (!budget_.withdraw(now)) {
    ++over_budget_;
    return false;
  }
  ++hedges_;
  return true;
}

void Hedge::done(Duration latency, TimePoint now) noexcept { latencies_.record(latency, now); }

}  // namespace headgate::resilience
