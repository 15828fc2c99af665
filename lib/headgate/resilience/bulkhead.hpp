// A bulkhead: at most `limit` calls at once to one place, so that a place which hangs takes no more
// than its share of what they all need; and a short waiting line in front of it.
//
// Source: M. Nygard, "Release It!", 2007; resilience4j, whose line has no bound (here it has one).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "headgate/core/result.hpp"
#include "headgate/core/time.hpp"

namespace headgate::resilience {

/// For each id: enter (leave | on_timeout's answer | leave after leave's answer). One thread at a
/// time. No allocation after `make`.
class Bulkhead {
 public:
  struct Config {
    std::uint32_t limit = 25;                     ///< calls at once; 1 to 1M
    std::uint32_t queue = 0;                      ///< calls that wait; at most 1M
    Duration max_wait = std::chrono::seconds{1};  ///< then they are refused; above 0, at most 1h
  };
  enum class Entry : std::uint8_t { kEntered, kWaits, kFull };

  /// Fails with kInvalidConfig at "limit", "queue" or "max_wait".
  [[nodiscard]] static Result<Bulkhead> make(const Config& config);

  /// The call `id` enters, waits for a place, or is refused. O(1).
  [[nodiscard]] Entry enter(std::uint64_t id, TimePoint now) noexcept;
  /// A call that was in is over. The call that has its place now, if one waits: the oldest that has
  /// not waited too long. First refuse those that `on_timeout` names. O(1).
  [[nodiscard]] std::optional<std::uint64_t> leave() noexcept;

  /// When the oldest will have waited too long; the greatest TimePoint if none waits.
  [[nodiscard]] TimePoint next_timeout() const noexcept;
  /// The oldest, if it has waited too long: refuse it, and ask again. O(1).
  [[nodiscard]] std::optional<std::uint64_t> on_timeout(TimePoint now) noexcept;

  [[nodiscard]] std::uint32_t in_flight() const noexcept { return in_flight_; }
  [[nodiscard]] std::size_t waiting() const noexcept { return size_; }

 private:
  struct Waiting {
    std::uint64_t id = 0;
    TimePoint until{};
  };
  explicit Bulkhead(const Config& config) : config_(config), ring_(config.queue) {}
  std::uint64_t take_oldest() noexcept;

  Config config_;
  std::uint32_t in_flight_ = 0;
  std::size_t oldest_ = 0;
  std::size_t size_ = 0;
  std::vector<Waiting> ring_;
};

}  // namespace headgate::resilience
