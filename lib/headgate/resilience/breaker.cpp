#include "headgate/resilience/breaker.hpp"

#include <algorithm>

namespace headgate::resilience {
namespace {

constexpr std::uint64_t kNoProbe = 1;  // the serial of a permit granted while closed

Result<void> check_ratio(const std::optional<Share>& ratio, const char* field) {
  if (!ratio || (ratio->of_one >= 1e-9 && ratio->of_one <= 1)) return {};
  return failed(Errc::kInvalidConfig, field, "must be above 0% and at most 100%");
}

bool is_wait(Duration wait) { return wait > Duration::zero() && wait <= std::chrono::hours{24}; }

Result<void> check(const Breaker::Config& config) {
  const auto wrong = [](const char* field, const char* why) {
    return failed(Errc::kInvalidConfig, field, why);
  };
  if (config.consecutive_failures == 0 && !config.error_ratio && !config.slow_ratio) {
    return wrong("consecutive_failures",
                 "must be at least 1, unless error_ratio or slow_ratio is given");
  }
  if (auto checked = check_ratio(config.error_ratio, "error_ratio"); !checked) return checked;
  if (auto checked = check_ratio(config.slow_ratio, "slow_ratio"); !checked) return checked;
  if (config.slow <= Duration::zero()) return wrong("slow", "must be longer than 0s");
  if (config.window < std::chrono::milliseconds{1} || config.window > std::chrono::hours{1}) {
    return wrong("window", "must be 1ms to 1h");
  }
  if (config.min_requests < 1) return wrong("min_requests", "must be at least 1");
  if (!is_wait(config.open_for)) return wrong("open_for", "must be above 0s and at most 24h");
  if (config.half_open < 1 || config.half_open > Breaker::kProbesMax) {
    return wrong("half_open", "must be 1 to 1000");
  }
  if (!is_wait(config.probe_timeout)) {
    return wrong("probe_timeout", "must be above 0s and at most 24h");
  }
  return {};
}

}  // namespace

Result<Breaker> Breaker::make(const Config& config) {
  if (auto checked = check(config); !checked) return std::unexpected(checked.error());
  return Breaker{config};
}

Breaker::Breaker(const Config& config)
    : has_error_ratio_(config.error_ratio.has_value()),
      has_slow_ratio_(config.slow_ratio.has_value()),
      consecutive_max_(config.consecutive_failures),
      min_requests_(config.min_requests),
      slow_(config.slow),
      error_ratio_(config.error_ratio.value_or(Share{})),
      slow_ratio_(config.slow_ratio.value_or(Share{})),
      window_(config.window),
      open_for_(config.open_for),
      probe_timeout_(config.probe_timeout),
      probes_(config.half_open) {}

Breaker::Permit Breaker::allow(TimePoint now) noexcept {
  if (state_ == State::kClosed) [[likely]]
    return {epoch_, 0, kNoProbe};
  on_timeout(now);
  Permit permit = state_ == State::kHalfOpen ? allow_probe(now) : Permit{};
  if (!permit) ++refusals_;
  return permit;
}

void Breaker::record(Permit permit, const Outcome& outcome, TimePoint now) noexcept {
  if (!permit || permit.epoch_ != epoch_) return;
  if (permit.serial_ == kNoProbe) return count(outcome, now);
  on_timeout(now);
  settle_probe(permit, outcome, now);
}

void Breaker::abandon(Permit permit) noexcept {
  if (!permit || permit.epoch_ != epoch_) return;
  Probe& probe = probes_[permit.probe_];
  if (probe.serial == permit.serial_) probe.serial = 0;
}

// --- closed -------------------------------------------------------------------------------------

void Breaker::count(const Outcome& outcome, TimePoint now) noexcept {
  consecutive_ = outcome.failed ? consecutive_ + 1 : 0;
  bool trips = consecutive_max_ != 0 && consecutive_ >= consecutive_max_;
  if (has_error_ratio_ || has_slow_ratio_) {
    window_.advance(now);
    window_.add({.all = 1, .failed = outcome.failed ? 1U : 0U, .slow = is_slow(outcome) ? 1U : 0U});
    trips = trips || ratio_reached();
  }
  if (trips) open(now);
}

bool Breaker::ratio_reached() const noexcept {
  const Counts& counts = window_.sum();
  if (counts.all < min_requests_) return false;
  return (has_error_ratio_ && error_ratio_.reached_by(counts.failed, counts.all)) ||
         (has_slow_ratio_ && slow_ratio_.reached_by(counts.slow, counts.all));
}

// --- half-open ----------------------------------------------------------------------------------

std::uint32_t Breaker::probes_out() const noexcept {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(probes_, [](const Probe& probe) { return probe.serial != 0; }));
}

Breaker::Permit Breaker::allow_probe(TimePoint now) noexcept {
  // No more are out than can still count: with the last successes on their way nobody else probes.
  if (probes_out() + successes_ >= probes_.size()) return {};
  const auto place = std::ranges::find(probes_, std::uint64_t{0}, &Probe::serial);
  *place = {.serial = ++serial_, .expires = now + probe_timeout_};
  return {epoch_, static_cast<std::uint32_t>(place - probes_.begin()), serial_};
}

void Breaker::settle_probe(const Permit& permit, const Outcome& outcome, TimePoint now) noexcept {
  Probe& probe = probes_[permit.probe_];
  if (probe.serial != permit.serial_) return;  // it came too late: its place was taken back
  probe.serial = 0;
  if (outcome.failed || is_slow(outcome)) return open(now);
  if (++successes_ == probes_.size()) enter(State::kClosed);
}

// --- the states ---------------------------------------------------------------------------------

void Breaker::open(TimePoint now) noexcept {
  open_until_ = now + open_for_;
  ++trips_;
  enter(State::kOpen);
}

void Breaker::enter(State state) noexcept {
  state_ = state;
  ++epoch_;
  consecutive_ = 0;
  successes_ = 0;
  window_.clear();
  std::ranges::fill(probes_, Probe{});
}

TimePoint Breaker::next_timeout() const noexcept {
  if (state_ == State::kOpen) return open_until_;
  TimePoint next = TimePoint::max();
  for (const Probe& probe : probes_) {
    if (probe.serial != 0) next = std::min(next, probe.expires);
  }
  return next;
}

void Breaker::on_timeout(TimePoint now) noexcept {
  if (state_ == State::kOpen && now >= open_until_) return enter(State::kHalfOpen);
  if (state_ != State::kHalfOpen) return;
  for (Probe& probe : probes_) {
    if (probe.serial != 0 && now >= probe.expires) probe.serial = 0;
  }
}

Duration Breaker::retry_after(TimePoint now) const noexcept {
  const bool full = state_ == State::kOpen || probes_out() + successes_ >= probes_.size();
  if (!full) return Duration::zero();
  const TimePoint next = next_timeout();
  return next > now ? next - now : Duration::zero();
}

std::string_view to_text(Breaker::State state) noexcept {
  switch (state) {
    case Breaker::State::kClosed:
      return "closed";
    case Breaker::State::kOpen:
      return "open";
    case Breaker::State::kHalfOpen:
      break;
  }
  return "half_open";
}

}  // namespace headgate::resilience
