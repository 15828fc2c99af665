// Whether a call that failed is made again, and when: the rules of a retry in one place.
//
// A retry is made if its kind of failure is listed, if the call can be repeated without doing its
// work twice, if not all attempts are used up, if the wait still ends before the deadline, and if
// the budget has one left. The budget is asked last, so that what another rule refuses costs
// nothing, and it pays before the wait.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "headgate/core/random.hpp"
#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/resilience/backoff.hpp"
#include "headgate/resilience/deadline.hpp"
#include "headgate/resilience/retry_budget.hpp"

namespace headgate::resilience {

/// How one attempt failed.
struct Fault {
  enum class Kind : std::uint8_t {
    kConnectFailure,  ///< no connection: the request was not sent
    kReset,           ///< the connection ended before an answer
    kTimeout,         ///< no answer in time
    kStatus,          ///< an answer with this status
  };
  Kind kind = Kind::kStatus;
  int status = 0;  ///< 100 to 599, of kStatus only
};

/// A set of faults.
class FaultSet {
 public:
  FaultSet() noexcept = default;
  /// One fault that is not kStatus.
  explicit FaultSet(Fault::Kind kind) noexcept { kinds_[static_cast<std::size_t>(kind)] = true; }

  /// Adds what a word names: `connect_failure`, `reset`, `timeout`, a status such as `503`, or a
  /// class of them such as `5xx`. Fails with kInvalidConfig at "on".
  [[nodiscard]] Result<void> add(std::string_view word);
  [[nodiscard]] bool has(const Fault& fault) const noexcept;
  /// Words that add up to this set, classes where they are whole.
  [[nodiscard]] std::vector<std::string> words() const;

 private:
  static constexpr int kStatusMin = 100;
  static constexpr int kStatusMax = 599;
  void add_status(int status) noexcept;

  std::array<bool, 3> kinds_{};  // all but kStatus
  std::array<std::uint64_t, 8> statuses_{};
};

/// What a request remembers between its attempts.
struct RetryState {
  std::uint32_t retries = 0;  ///< made so far
  Duration wait{};            ///< before the last one
};

/// One thread at a time. No allocation.
class RetryPolicy {
 public:
  static constexpr std::uint32_t kAttemptsMax = 10;

  struct NoBudget {};
  using Budget = std::variant<NoBudget, TokenBudget, PercentBudget>;
  using BudgetConfig = std::variant<NoBudget, TokenBudget::Config, PercentBudget::Config>;
  struct Config {
    std::uint32_t attempts = 1;  ///< retries of one call, beyond the first time; at most 10
    FaultSet on{Fault::Kind::kConnectFailure};
    Backoff::Config backoff{};
    BudgetConfig budget = PercentBudget::Config{};
  };

  /// Fails with kInvalidConfig at "attempts", "backoff.FIELD" or "budget.FIELD".
  [[nodiscard]] static Result<RetryPolicy> make(const Config& config);

  // Of each call: on_call (on_fault ...)* [on_success]

  void on_call(TimePoint now) noexcept;
  void on_success() noexcept;
  /// An attempt has failed. The wait until the next one, which is then paid for and noted in
  /// `state`; nothing if there is to be none. `repeatable`: the request can be sent once more
  /// without harm. At most one draw.
  [[nodiscard]] std::optional<Duration> on_fault(const Fault& fault, bool repeatable,
                                                 RetryState& state, Deadline deadline,
                                                 TimePoint now, Random& random) noexcept;

  [[nodiscard]] std::uint64_t retries() const noexcept { return retries_; }
  /// Retries that only the budget has refused.
  [[nodiscard]] std::uint64_t over_budget() const noexcept { return over_budget_; }

 private:
  RetryPolicy(const Config& config, const Backoff& backoff, const Budget& budget) noexcept
      : attempts_(config.attempts), on_(config.on), backoff_(backoff), budget_(budget) {}

  std::uint32_t attempts_;
  FaultSet on_;
  Backoff backoff_;
  Budget budget_;
  std::uint64_t retries_ = 0;
  std::uint64_t over_budget_ = 0;
};

}  // namespace headgate::resilience
