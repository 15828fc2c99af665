// A station: c equal servers behind one first-come-first-served queue, the model of one target.
//
// It is work-conserving by construction: a request waits only while every server is busy, and a
// server that becomes free takes the head of the queue at that instant. The station knows neither
// the engine nor the service times; it says who starts, and its host schedules the end.
//
// Beside the decisions it keeps two time integrals in whole nanoseconds, of busy servers and of
// waiting requests. Over a run that ends empty they must equal the sums of the service and waiting
// times of the requests that passed, exactly: that is Little's law as an identity of integers, and
// every run asserts it (see replication.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "headgate/core/check.hpp"
#include "headgate/core/time.hpp"
#include "headgate/core/wide.hpp"
#include "headgate/sim/fifo.hpp"

namespace headgate::sim {

class Station {
 public:
  static constexpr std::size_t kUnlimited = ~std::size_t{0};

  struct Options {
    std::uint32_t servers = 1;           ///< requests served at once; 1 or more
    std::size_t queue_max = kUnlimited;  ///< requests that may wait; beyond it they are refused
  };

  enum class Arrival { kStarts, kWaits, kRefused };

  /// Time integrals since the start of the run, in request-nanoseconds.
  struct Integrals {
    Int128 busy = 0;     ///< of servers that work
    Int128 waiting = 0;  ///< of requests in the queue
  };

  explicit Station(const Options& options) noexcept : options_(options) {
    HG_ASSERT(options.servers >= 1);
  }

  /// A request arrives. kStarts: its service begins now. Requires: now never goes back.
  Arrival arrive(TimePoint now, std::uint32_t request) {
    advance(now);
    if (busy_ < options_.servers) {
      ++busy_;
      return Arrival::kStarts;
    }
    if (queue_.size() >= options_.queue_max) return Arrival::kRefused;
    queue_.push(request);
    return Arrival::kWaits;
  }

  /// A service ends; returns the request whose service begins now, if one waited.
  std::optional<std::uint32_t> finish(TimePoint now) noexcept {
    HG_ASSERT(busy_ > 0);
    advance(now);
    if (queue_.size() > 0) return queue_.pop();
    --busy_;
    return std::nullopt;
  }

  [[nodiscard]] std::uint32_t busy() const noexcept { return busy_; }
  [[nodiscard]] std::size_t waiting() const noexcept { return queue_.size(); }
  [[nodiscard]] const Options& options() const noexcept { return options_; }

  /// The integrals up to `now`.
  [[nodiscard]] Integrals integrals(TimePoint now) noexcept {
    advance(now);
    return integrals_;
  }

 private:
  void advance(TimePoint now) noexcept {
    const std::int64_t passed_ns = (now - latest_).count();
    HG_ASSERT(passed_ns >= 0);
    integrals_.busy += static_cast<Int128>(passed_ns) * busy_;
    integrals_.waiting += static_cast<Int128>(passed_ns) * static_cast<Int128>(queue_.size());
    latest_ = now;
  }

  Options options_;
  std::uint32_t busy_ = 0;  // 0 to servers; below servers only if the queue is empty
  Fifo queue_;
  Integrals integrals_;  // up to latest_
  TimePoint latest_{};
};

}  // namespace headgate::sim
