#include "headgate/resilience/retry.hpp"

#include <algorithm>
#include <charconv>
#include <string>

#include "headgate/core/check.hpp"

namespace headgate::resilience {
namespace {

constexpr std::array<std::string_view, 3> kKinds{"connect_failure", "reset", "timeout"};

std::unexpected<Error> within(std::string_view part, Error error) {
  error.where = std::string{part} + "." + error.where;
  return std::unexpected(std::move(error));
}

using AnyBudget = RetryPolicy::Budget;

template <class Budget>
Result<AnyBudget> any_of(const Result<Budget>& made) {
  if (!made) return std::unexpected(made.error());
  return AnyBudget{*made};
}

Result<AnyBudget> make_budget(const RetryPolicy::BudgetConfig& config) {
  if (const auto* tokens = std::get_if<TokenBudget::Config>(&config)) {
    return any_of(TokenBudget::make(*tokens));
  }
  if (const auto* percent = std::get_if<PercentBudget::Config>(&config)) {
    return any_of(PercentBudget::make(*percent));
  }
  return AnyBudget{};
}

}  // namespace

// --- the faults ---------------------------------------------------------------------------------

Result<void> FaultSet::add(std::string_view word) {
  if (const auto* kind = std::ranges::find(kKinds, word); kind != kKinds.end()) {
    kinds_[static_cast<std::size_t>(kind - kKinds.begin())] = true;
    return {};
  }
  if (word.size() == 3 && word[0] >= '1' && word[0] <= '5') {
    const int first = (word[0] - '0') * 100;
    if (word.substr(1) == "xx") {
      for (int status = first; status < first + 100; ++status) add_status(status);
      return {};
    }
    int status = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), status);
    if (error == std::errc{} && end == word.data() + word.size()) {
      add_status(status);
      return {};
    }
  }
  return failed(Errc::kInvalidConfig, "on",
                "'" + std::string{word} +
                    "' is not known; there are: connect_failure, reset, timeout, a status such as "
                    "503, a class such as 5xx");
}

void FaultSet::add_status(int status) noexcept {
  const auto bit = static_cast<std::size_t>(status - kStatusMin);
  statuses_[bit / 64] |= std::uint64_t{1} << (bit % 64);
}

bool FaultSet::has(const Fault& fault) const noexcept {
  if (fault.kind != Fault::Kind::kStatus) return kinds_[static_cast<std::size_t>(fault.kind)];
  if (fault.status < kStatusMin || fault.status > kStatusMax) return false;
  const auto bit = static_cast<std::size_t>(fault.status - kStatusMin);
  return (statuses_[bit / 64] >> (bit % 64) & 1) != 0;
}

std::vector<std::string> FaultSet::words() const {
  std::vector<std::string> words;
  for (std::size_t i = 0; i < kinds_.size(); ++i) {
    if (kinds_[i]) words.emplace_back(kKinds[i]);
  }
  const auto has_status = [this](int status) {
    return has({.kind = Fault::Kind::kStatus, .status = status});
  };
  for (int hundreds = 1; hundreds <= 5; ++hundreds) {
    std::vector<std::string> some;
    for (int status = 100 * hundreds; status < 100 * (hundreds + 1); ++status) {
      if (has_status(status)) some.push_back(std::to_string(status));
    }
    if (some.size() == 100) some = {std::to_string(hundreds) + "xx"};
    words.insert(words.end(), some.begin(), some.end());
  }
  return words;
}

// --- the policy ---------------------------------------------------------------------------------

Result<RetryPolicy> RetryPolicy::make(const Config& config) {
  if (config.attempts > kAttemptsMax) {
    return failed(Errc::kInvalidConfig, "attempts", "must be 0 to 10");
  }
  const auto backoff = Backoff::make(config.backoff);
  if (!backoff) return within("backoff", backoff.error());
  const auto budget = make_budget(config.budget);
  if (!budget) return within("budget", budget.error());
  return RetryPolicy{config, *backoff, *budget};
}

void RetryPolicy::on_call(TimePoint now) noexcept {
  if (auto* percent = std::get_if<PercentBudget>(&budget_)) percent->on_call(now);
}

void RetryPolicy::on_success() noexcept {
  if (auto* tokens = std::get_if<TokenBudget>(&budget_)) tokens->on_success();
}

std::optional<Duration> RetryPolicy::on_fault(const Fault& fault, bool repeatable,
                                              RetryState& state, Deadline deadline, TimePoint now,
                                              Random& random) noexcept {
  if (!on_.has(fault)) return std::nullopt;
  // Every failure takes its token, whether this call may be repeated or not: it says how the target
  // fares.
  auto* tokens = std::get_if<TokenBudget>(&budget_);
  const bool has_token = tokens == nullptr || tokens->on_failure();
  if (!repeatable || state.retries >= attempts_) return std::nullopt;
  const Duration wait = backoff_.delay(state.retries, state.wait, random);
  if (wait >= deadline.left(now)) return std::nullopt;
  auto* percent = std::get_if<PercentBudget>(&budget_);
  if (!has_token || (percent != nullptr && !percent->withdraw(now))) {
    ++over_budget_;
    return std::nullopt;
  }
  ++retries_;
  ++state.retries;
  state.wait = wait;
  return wait;
}

}  // namespace headgate::resilience
