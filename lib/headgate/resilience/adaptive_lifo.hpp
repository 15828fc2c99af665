// A waiting line that turns round when it does not get empty any more.
//
// First come, first served is fair while everybody gets served. In an overload it serves, always
// too late, those who have waited longest and given up. So when the line has not been empty for
// `interval`, the newest is served first, and nobody is kept longer than `target`; while it gets
// empty now and then, the oldest comes first and may wait for `interval`. What has waited for
// longer than it was given is shed, never served.
//
// Source: B. Maurer, "Fail at scale", ACM Queue 13(8), 2015 (adaptive LIFO with controlled delay; M
// = target, N = interval).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"

namespace headgate::resilience {

/// One thread at a time. No allocation after `make`.
class AdaptiveLifo {
 public:
  struct Config {
    std::uint32_t capacity = 1000;                       ///< 1 to 1M; beyond it nobody waits
    Duration target = std::chrono::milliseconds{5};      ///< the longest wait in an overload
    Duration interval = std::chrono::milliseconds{100};  ///< the longest wait else; at most 1h
  };
  struct Taken {
    std::uint64_t id = 0;
    bool shed = false;  ///< it has waited too long: refuse it, and take the next
  };

  /// Fails with kInvalidConfig at "capacity", "target" or "interval".
  [[nodiscard]] static Result<AdaptiveLifo> make(const Config& config);

  /// `id` waits from now on. Returns false, and it does not, if the line is full. O(1).
  [[nodiscard]] bool push(std::uint64_t id, TimePoint now) noexcept;
  /// The next to be served, or to be refused; nothing if nobody waits. O(1).
  [[nodiscard]] std::optional<Taken> pop(TimePoint now) noexcept;

  /// When the oldest will have waited too long; the greatest TimePoint if nobody waits.
  [[nodiscard]] TimePoint next_timeout() const noexcept;
  /// The oldest, if it has waited too long: refuse it, and ask again. O(1).
  [[nodiscard]] std::optional<std::uint64_t> on_timeout(TimePoint now) noexcept;

  /// Whether the newest is served first.
  [[nodiscard]] bool is_overloaded(TimePoint now) const noexcept {
    return size_ > 0 && now - empty_at_ >= config_.interval;
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  struct Entry {
    std::uint64_t id = 0;
    TimePoint expires{};
  };
  explicit AdaptiveLifo(const Config& config) : config_(config), ring_(config.capacity) {}
  Entry take_oldest(TimePoint now) noexcept;
  Entry take_newest(TimePoint now) noexcept;
  void shrink(TimePoint now) noexcept;

  Config config_;
  TimePoint empty_at_{};  // the line was empty last
  std::size_t oldest_ = 0;
  std::size_t size_ = 0;
  std::vector<Entry> ring_;
};

}  // namespace headgate::resilience
