// Requests that are due and wait for a free connection, oldest first.
//
// Waiting here is part of the response time: the clock of a request runs from its intended time, so
// a stalled target shows in every request that fell due meanwhile, not just in those it held
// (G. Tene, "How NOT to measure latency": coordinated omission). The backlog is bounded twice: by
// the timeout, after which a request is given up unsent, and by `kBacklogMax`, where the oldest is
// given up, since its age says most about how long requests have to wait.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "headgate/core/time.hpp"

namespace headgate::load {

/// A request that has fallen due.
struct Due {
  std::uint64_t sequence = 0;  ///< its place in the whole schedule, from 0
  TimePoint intended{};        ///< when it should be sent
  friend bool operator==(const Due&, const Due&) = default;
};

inline constexpr std::size_t kBacklogMax = 1'000'000;  ///< per thread; 16 bytes each

class Backlog {
 public:
  explicit Backlog(std::size_t max = kBacklogMax) : max_{max} {}

  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }

  /// Adds the newest; returns the oldest, given up, if that makes one too many.
  /// Requires: not intended before the last one pushed.
  [[nodiscard]] std::optional<Due> push(const Due& due);
  /// Removes and returns the oldest. Requires: not empty.
  Due pop();
  /// Removes and returns the oldest if it was intended at or before `limit`; call until it is
  /// empty-handed.
  [[nodiscard]] std::optional<Due> expire(TimePoint limit);
  /// The intended time of the oldest. Requires: not empty.
  [[nodiscard]] TimePoint oldest() const noexcept { return waiting_.front().intended; }

 private:
  std::deque<Due> waiting_;  // in order of intended time; at most max_
  std::size_t max_;
};

}  // namespace headgate::load
