// A station: c equal servers behind one line, the model of one target.
//
// It is work-conserving by construction: a request waits only while every server is busy or the
// whole station is paused, and a server that becomes free takes the next of the line at that
// instant. The station knows neither the engine nor the service times; it says who starts, and its
// host schedules the end.
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
#include "headgate/sim/waiting_line.hpp"

namespace headgate::sim {

/// Who is served next.
enum class Discipline : std::uint8_t {
  kFifo,              ///< who came first
  kLifo,              ///< who came last
  kPriority,          ///< the lowest level, then who came first; nobody is interrupted
  kProcessorSharing,  ///< all at once, each with its part of the servers (shared_station.hpp)
};

class Station {
 public:
  static constexpr std::size_t kUnlimited = ~std::size_t{0};

  struct Options {
    std::uint32_t servers = 1;           ///< requests served at once; 1 or more
    std::size_t queue_max = kUnlimited;  ///< requests that may wait; beyond it they are refused
    Discipline discipline = Discipline::kFifo;
  };

  enum class Arrival : std::uint8_t { kStarts, kWaits, kRefused };

  /// Time integrals since the start of the run, in request-nanoseconds.
  struct Integrals {
    Int128 busy = 0;     ///< of servers that work
    Int128 waiting = 0;  ///< of requests in the queue
  };

  /// `links` outlives the station.
  Station(const Options& options, Links& links) noexcept : options_(options), line_(links) {
    HG_ASSERT(options.servers >= 1);
  }

  /// A request arrives; `level` counts in kPriority only. kStarts: its service begins now.
  /// Requires: now never goes back.
  Arrival arrive(TimePoint now, std::uint32_t request, std::uint8_t level = 0) {
    advance(now);
    if (busy_ < options_.servers && !paused_) {
      ++busy_;
      return Arrival::kStarts;
    }
    if (line_.size() >= options_.queue_max) return Arrival::kRefused;
    if (options_.discipline == Discipline::kLifo) {
      line_.push_front(request);
    } else {
      line_.push_back(request, options_.discipline == Discipline::kPriority ? level : 0);
    }
    return Arrival::kWaits;
  }

  /// A service ends, or is broken off.
  void finish(TimePoint now) noexcept {
    HG_ASSERT(busy_ > 0);
    advance(now);
    --busy_;
  }
  /// The request whose service begins now, if one waits and a server is free. Ask after finish()
  /// and resume() until there is none.
  std::optional<std::uint32_t> start_next(TimePoint now) {
    if (line_.size() == 0 || busy_ >= options_.servers || paused_) return std::nullopt;
    advance(now);
    ++busy_;
    return line_.pop();
  }
  /// Takes the next one out of the line without serving it, or nothing if nobody waits.
  std::optional<std::uint32_t> drop_next(TimePoint now) {
    if (line_.size() == 0) return std::nullopt;
    advance(now);
    return line_.pop();
  }
  /// A request leaves the line. Returns false, and does nothing, if it does not wait.
  bool leave(TimePoint now, std::uint32_t request) {
    if (!line_.holds(request)) return false;
    advance(now);
    line_.remove(request);
    return true;
  }

  /// Nothing starts and no work is done until resume(); the host holds what is being served.
  void pause(TimePoint now) noexcept {
    advance(now);
    paused_ = true;
  }
  void resume(TimePoint now) noexcept {
    advance(now);
    paused_ = false;
  }

  [[nodiscard]] std::uint32_t busy() const noexcept { return busy_; }
  [[nodiscard]] std::size_t waiting() const noexcept { return line_.size(); }
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
    if (!paused_) integrals_.busy += static_cast<Int128>(passed_ns) * busy_;
    integrals_.waiting += static_cast<Int128>(passed_ns) * static_cast<Int128>(line_.size());
    latest_ = now;
  }

  Options options_;
  std::uint32_t busy_ = 0;  // 0 to servers; below servers only if the line is empty or it is paused
  bool paused_ = false;
  WaitingLine line_;
  Integrals integrals_;  // up to latest_
  TimePoint latest_{};
};

}  // namespace headgate::sim
