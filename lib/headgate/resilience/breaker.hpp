// A circuit breaker: calls to something that fails are refused at once, for a while, and then a few
// are let through to see whether it has recovered.
//
//          trips                     open_for has passed
//   closed ─────▶ open ─────────────────────────────────▶ half-open
//     ▲            ▲           a probe fails                 │ │
//     │            └─────────────────────────────────────────┘ │
//     └────────────────────── half_open probes succeed ────────┘
//
// It trips on failures in a row, on the share of failures, or on the share of slow calls; the
// shares are of exact counts over a window (window.hpp), for a moving average hides a total outage
// in a short burst. A permit knows under which state it was granted: the answer to a call from
// before the trip neither closes the breaker nor opens it again.
//
// Half-open is where breakers break. Without a bound all callers probe at once, and the target that
// had just come up goes down again; and a probe whose caller forgets to report keeps its place for
// ever, so that nobody probes again (resilience4j issues 903, 935, 1389). Here at most `half_open`
// probes are out, and a place is taken back after `probe_timeout`, whatever became of its permit.
//
// Source: M. Nygard, "Release It!", 2007; the rules and their words are those of Hystrix and
// resilience4j.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/units.hpp"
#include "headgate/resilience/outcome.hpp"
#include "headgate/resilience/ratio.hpp"
#include "headgate/resilience/window.hpp"

namespace headgate::resilience {

/// One thread at a time. No allocation after `make`.
class Breaker {
 public:
  static constexpr std::uint32_t kProbesMax = 1000;

  struct Config {
    std::uint32_t consecutive_failures = 5;      ///< in a row, that trip it; 0: not looked at
    std::optional<Share> error_ratio{};          ///< of the calls in the window; above 0
    std::optional<Share> slow_ratio{};           ///< of the calls in the window; above 0
    Duration slow = std::chrono::seconds{1};     ///< a call that takes longer is slow
    Duration window = std::chrono::seconds{10};  ///< of both ratios; at most an hour
    std::uint32_t min_requests = 20;  ///< in the window, before a ratio means anything; at least 1
    Duration open_for =
        std::chrono::seconds{10};  ///< from the trip to the first probe; at most a day
    std::uint32_t half_open = 1;   ///< probes at once, and successes to close
    Duration probe_timeout = std::chrono::seconds{10};  ///< then a probe's place is free again
  };

  enum class State : std::uint8_t { kClosed, kOpen, kHalfOpen };

  /// Leave to make one call; empty if there is none. Give it back with `record` or `abandon`.
  class [[nodiscard]] Permit {
   public:
    Permit() noexcept = default;
    Permit(Permit&& other) noexcept { *this = std::move(other); }
    Permit& operator=(Permit&& other) noexcept {
      epoch_ = other.epoch_;
      probe_ = other.probe_;
      serial_ = std::exchange(other.serial_, 0);
      return *this;
    }
    Permit(const Permit&) = delete;
    Permit& operator=(const Permit&) = delete;
    ~Permit() = default;
    explicit operator bool() const noexcept { return serial_ != 0; }

   private:
    friend class Breaker;
    Permit(std::uint32_t epoch, std::uint32_t probe, std::uint64_t serial) noexcept
        : epoch_(epoch), probe_(probe), serial_(serial) {}
    std::uint32_t epoch_ = 0;   // the breaker's when it was granted
    std::uint32_t probe_ = 0;   // which place, if half-open
    std::uint64_t serial_ = 0;  // of the probe; 0: no permit
  };

  /// Fails with kInvalidConfig at the field that is out of its range, or at "consecutive_failures"
  /// if nothing could ever trip it.
  [[nodiscard]] static Result<Breaker> make(const Config& config);

  /// A permit, or an empty one while the breaker is open or all probes are out. O(1); O(half_open)
  /// while half-open.
  [[nodiscard]] Permit allow(TimePoint now) noexcept;
  /// The call that `permit` allowed has ended. An empty, expired or outdated permit says nothing.
  void record(Permit permit, const Outcome& outcome, TimePoint now) noexcept;
  /// The call was not made after all: nothing is learned, a probe's place is free.
  void abandon(Permit permit) noexcept;

  /// When the state changes by the clock alone; the greatest TimePoint if it does not.
  [[nodiscard]] TimePoint next_timeout() const noexcept;
  /// Half-opens, or takes back the places of lost probes, if it is time. `allow` and `record` do
  /// it by themselves: a host without timers decides the same.
  void on_timeout(TimePoint now) noexcept;

  [[nodiscard]] State state() const noexcept { return state_; }
  /// The longest until a refused caller may be let through: 0 if it may be now.
  [[nodiscard]] Duration retry_after(TimePoint now) const noexcept;
  [[nodiscard]] std::uint64_t trips() const noexcept { return trips_; }
  [[nodiscard]] std::uint64_t refusals() const noexcept { return refusals_; }

 private:
  struct Counts {
    std::uint32_t all = 0;
    std::uint32_t failed = 0;
    std::uint32_t slow = 0;
    void operator+=(const Counts& other) noexcept {
      all += other.all;
      failed += other.failed;
      slow += other.slow;
    }
    void operator-=(const Counts& other) noexcept {
      all -= other.all;
      failed -= other.failed;
      slow -= other.slow;
    }
  };
  struct Probe {
    std::uint64_t serial = 0;  // of the permit that is out; 0: the place is free
    TimePoint expires{};
  };

  explicit Breaker(const Config& config);
  [[nodiscard]] bool is_slow(const Outcome& outcome) const noexcept {
    return has_slow_ratio_ && outcome.latency > slow_;
  }
  void count(const Outcome& outcome, TimePoint now) noexcept;
  [[nodiscard]] bool ratio_reached() const noexcept;
  [[nodiscard]] Permit allow_probe(TimePoint now) noexcept;
  [[nodiscard]] std::uint32_t probes_out() const noexcept;
  void settle_probe(const Permit& permit, const Outcome& outcome, TimePoint now) noexcept;
  void open(TimePoint now) noexcept;
  void enter(State state) noexcept;

  State state_ = State::kClosed;
  bool has_error_ratio_;
  bool has_slow_ratio_;
  std::uint32_t consecutive_max_;  // 0: not looked at
  std::uint32_t consecutive_ = 0;  // failures since the last success
  std::uint32_t min_requests_;
  std::uint32_t epoch_ = 0;      // number of changes of state
  std::uint32_t successes_ = 0;  // of probes since it is half-open
  Duration slow_;
  Ratio error_ratio_;
  Ratio slow_ratio_;
  Window<Counts> window_;
  TimePoint open_until_{};
  Duration open_for_;
  Duration probe_timeout_;
  std::uint64_t serial_ = 1;  // of the last permit for a probe; 1 is that of every other permit
  std::uint64_t trips_ = 0;
  std::uint64_t refusals_ = 0;
  std::vector<Probe> probes_;  // half_open places
};

/// `closed`, `open`, `half_open`.
[[nodiscard]] std::string_view to_text(Breaker::State state) noexcept;

}  // namespace headgate::resilience
