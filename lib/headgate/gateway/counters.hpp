// What the workers count. Each worker has its own set and is the only one to write it, so counting
// costs an ordinary addition; the admin thread adds up the sets when it is asked.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "headgate/core/time.hpp"
#include "headgate/gateway/outcome.hpp"
#include "headgate/http/reason.hpp"
#include "headgate/redis/session.hpp"

namespace headgate::gateway {

/// Written by one thread, read by any.
class Counter {
 public:
  void add(std::uint64_t amount = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  void subtract(std::uint64_t amount = 1) noexcept { add(0 - amount); }
  void set(std::uint64_t value) noexcept { value_.store(value, std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t value() const noexcept {
    return value_.load(std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Upper ends of the buckets of request durations, in microseconds; the last bucket has none.
inline constexpr std::array<std::int64_t, 17> kDurationBoundsUs = {
    100,     250,     500,     1'000,     2'500,     5'000,     10'000,     25'000,    50'000,
    100'000, 250'000, 500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000, 60'000'000};

struct DurationBuckets {
  std::array<Counter, kDurationBoundsUs.size() + 1> counts;
  Counter sum_ns;

  void add(Duration duration) noexcept {
    const std::int64_t ns = duration.count();
    std::size_t bucket = 0;
    while (bucket < kDurationBoundsUs.size() && ns > kDurationBoundsUs[bucket] * 1000) ++bucket;
    counts[bucket].add();
    sum_ns.add(static_cast<std::uint64_t>(ns));
  }
};

/// Requests by status class: 1 to 5 for 1xx to 5xx; 0 for those that got no answer.
inline constexpr std::size_t kStatusClasses = 6;
using ByClass = std::array<Counter, kStatusClasses>;

[[nodiscard]] constexpr std::size_t status_class(int status) noexcept {
  return static_cast<std::size_t>(status / 100);
}

struct RouteCounters {
  ByClass requests;
  DurationBuckets durations;  // of answered requests
};

struct TargetCounters {
  ByClass attempts;  // by the target's answer
  Counter connects;
  Counter connect_failures;
  Counter reuses;  // attempts on a connection that had served one before
  Counter retries;
};

/// Of the limits of a filter that are shared with other gateways.
struct SharedCounters {
  Counter asked;       // answers of Redis: decisions, and leases granted or refused
  Counter from_lease;  // decisions without asking
  std::array<Counter, redis::kFailureCount> failures;  // decisions by on_failure, by their cause
  Counter lease_taken;                                 // tokens, like the next two
  Counter lease_spent;
  Counter lease_returned;
  // Of the connection, at the first filter that uses it.
  Counter questions;
  Counter connects;
  Counter connected;  // 1 or 0
};

struct WorkerCounters {
  WorkerCounters(std::size_t route_count, std::size_t target_count, std::size_t shared_count)
      : routes(route_count), targets(target_count), shared(shared_count) {}

  std::vector<RouteCounters> routes;
  RouteCounters unrouted;  // bad requests, unknown paths
  std::vector<TargetCounters> targets;
  std::vector<SharedCounters> shared;  // by group
  std::array<Counter, kOutcomeCount> outcomes;
  std::array<Counter, http::kReasonCount> refused_bytes;  // of bad requests and invalid answers
  Counter client_connections;                             // accepted
  Counter client_connections_refused;                     // over the limit: closed at once
  Counter client_connections_open;                        // a gauge, like the next two
  Counter upstream_connections_open;
  Counter requests_in_flight;
  Counter bytes_in;   // of request bodies
  Counter bytes_out;  // of response bodies
};

}  // namespace headgate::gateway
