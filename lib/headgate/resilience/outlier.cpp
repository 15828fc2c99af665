#include "headgate/resilience/outlier.hpp"

#include <algorithm>

#include "headgate/core/check.hpp"
#include "headgate/core/wide.hpp"

namespace headgate::resilience {
namespace {

constexpr std::int64_t kMillion = 1'000'000;
constexpr Duration kTimeMax = std::chrono::hours{24};

Result<void> check(const Outlier::Config& config, std::size_t count) {
  const auto wrong = [](const char* field, const char* why) {
    return failed(Errc::kInvalidConfig, field, why);
  };
  if (count > Outlier::kTargetsMax) return wrong("targets", "must be at most 100'000");
  if (config.stdev_factor < 0.1 || config.stdev_factor > 100) {
    return wrong("stdev_factor", "must be 0.1 to 100");
  }
  if (config.failure_percent.of_one < 1e-9 || config.failure_percent.of_one > 1) {
    return wrong("failure_percent", "must be above 0% and at most 100%");
  }
  if (config.min_requests < 1) return wrong("min_requests", "must be at least 1");
  if (config.interval < std::chrono::milliseconds{1} || config.interval > std::chrono::hours{1}) {
    return wrong("interval", "must be 1ms to 1h");
  }
  if (config.base_time <= Duration::zero() || config.base_time > kTimeMax) {
    return wrong("base_time", "must be above 0s and at most 24h");
  }
  if (config.max_time < config.base_time || config.max_time > kTimeMax) {
    return wrong("max_time", "must be at least base_time and at most 24h");
  }
  if (config.max_ejected.of_one < 1e-9 || config.max_ejected.of_one > 1) {
    return wrong("max_ejected", "must be above 0% and at most 100%");
  }
  return {};
}

/// At least one if there is more than one, never all.
std::size_t cap(Share share, std::size_t count) {
  if (count < 2) return 0;
  const std::int64_t part = Ratio{share}.of(static_cast<std::int64_t>(count));
  return std::clamp<std::size_t>(static_cast<std::size_t>(part), 1, count - 1);
}

std::int64_t success_rate(std::uint32_t all, std::uint32_t failed) {
  return static_cast<std::int64_t>(all - failed) * kMillion / all;
}

}  // namespace

Result<Outlier> Outlier::make(const Config& config, std::size_t count) {
  if (auto checked = check(config, count); !checked) return std::unexpected(checked.error());
  return Outlier{config, count};
}

Outlier::Outlier(const Config& config, std::size_t count)
    : config_(config),
      factor_(static_cast<std::int64_t>(config.stdev_factor * 2000 + 1) / 2),
      failure_percent_(config.failure_percent),
      ejected_max_(cap(config.max_ejected, count)),
      interval_end_(TimePoint{} + config.interval),
      targets_(count) {}

bool Outlier::record(std::size_t index, bool failed, TimePoint now) noexcept {
  HG_ASSERT(index < targets_.size());
  Target& target = targets_[index];
  if (target.ejected) return false;
  ++target.all;
  if (!failed) {
    target.consecutive = 0;
    return false;
  }
  ++target.failed;
  ++target.consecutive;
  const std::uint32_t most = config_.consecutive_failures;
  return most != 0 && target.consecutive >= most && eject(target, now);
}

bool Outlier::eject(Target& target, TimePoint now) noexcept {
  if (ejected_ >= ejected_max_) return false;
  target.times = std::min(target.times + 1, std::uint32_t{1} << 20);
  // Asked by division, the product cannot overflow.
  const bool longest = target.times > config_.max_time / config_.base_time;
  target.until = now + (longest ? config_.max_time : config_.base_time * target.times);
  target.ejected = true;
  ++ejected_;
  ++ejections_;
  return true;
}

// --- by the clock -------------------------------------------------------------------------------

TimePoint Outlier::next_timeout() const noexcept {
  TimePoint next = interval_end_;
  if (ejected_ == 0) return next;
  for (const Target& target : targets_) {
    if (target.ejected) next = std::min(next, target.until);
  }
  return next;
}

bool Outlier::on_timeout(TimePoint now) noexcept {
  bool changed = ejected_ > 0 && readmit(now);
  if (now < interval_end_) return changed;
  changed = compare(now) || changed;
  for (Target& target : targets_) {
    if (!target.ejected && target.times > 0 && target.until <= now - config_.interval) {
      --target.times;
    }
    target.all = target.failed = 0;
  }
  interval_end_ += config_.interval * ((now - interval_end_) / config_.interval + 1);
  return changed;
}

/// A target comes back with a clean sheet, but for how often it was out.
bool Outlier::readmit(TimePoint now) noexcept {
  bool changed = false;
  for (Target& target : targets_) {
    if (!target.ejected || now < target.until) continue;
    target.ejected = false;
    target.all = target.failed = target.consecutive = 0;
    --ejected_;
    changed = true;
  }
  return changed;
}

Outlier::Rates Outlier::rates() const noexcept {
  Rates rates;
  for (const Target& target : targets_) {
    if (!has_volume(target)) continue;
    const std::int64_t rate = success_rate(target.all, target.failed);
    ++rates.count;
    rates.sum += rate;
    rates.squares += rate * rate;
  }
  return rates;
}

bool Outlier::is_outlier(const Target& target, const Rates& of) const noexcept {
  if (failure_percent_.reached_by(target.failed, target.all)) return true;
  if (!config_.success_rate) return false;
  const std::int64_t below = of.sum - of.count * success_rate(target.all, target.failed);
  if (below <= 0) return false;
  const Int128 variance = static_cast<Int128>(of.count) * of.squares -
                          static_cast<Int128>(of.sum) * of.sum;  // times count squared
  return static_cast<Int128>(below) * below * kMillion >
         variance * factor_ * factor_;  // at most 1e32: see kTargetsMax
}

bool Outlier::compare(TimePoint now) noexcept {
  const Rates of = rates();
  if (of.count < config_.min_targets) return false;
  const auto worse = [](const Target& one, const Target& other) {
    return static_cast<std::uint64_t>(one.failed) * other.all >
           static_cast<std::uint64_t>(other.failed) * one.all;
  };
  bool changed = false;
  while (ejected_ < ejected_max_) {
    Target* worst = nullptr;
    for (Target& target : targets_) {
      if (!has_volume(target) || !is_outlier(target, of)) continue;
      if (worst == nullptr || worse(target, *worst)) worst = &target;
    }
    if (worst == nullptr) break;
    changed = eject(*worst, now);
  }
  return changed;
}

}  // namespace headgate::resilience
