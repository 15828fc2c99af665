// Load balancers and a circuit breaker as others build them, written anew for comparison: the
// design of the original, without what surrounds it there.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <queue>
#include <span>
#include <utility>
#include <vector>

#include "headgate/core/hash.hpp"
#include "headgate/core/random.hpp"

namespace headgate::study {

/// nginx's smooth weighted round robin: every pick looks at every target.
class NginxSmooth {
 public:
  explicit NginxSmooth(std::span<const std::uint32_t> weights) {
    for (const std::uint32_t weight : weights) peers_.push_back({.weight = weight});
  }
  std::size_t pick() {
    std::int64_t total = 0;
    Peer* best = nullptr;
    for (Peer& peer : peers_) {
      peer.current += peer.weight;
      total += peer.weight;
      if (best == nullptr || peer.current > best->current) best = &peer;
    }
    best->current -= total;
    return static_cast<std::size_t>(best - peers_.data());
  }

 private:
  struct Peer {
    std::int64_t weight = 1;
    std::int64_t current = 0;
  };
  std::vector<Peer> peers_;
};

/// Envoy's EdfScheduler: a heap of deadlines; what is picked comes back 1/weight later.
class EnvoyEdf {
 public:
  explicit EnvoyEdf(std::span<const std::uint32_t> weights) {
    for (std::size_t i = 0; i < weights.size(); ++i) {
      queue_.push({1.0 / weights[i], order_++, i, static_cast<double>(weights[i])});
    }
  }
  std::size_t pick() {
    Entry entry = queue_.top();
    queue_.pop();
    now_ = entry.deadline;
    queue_.push({now_ + 1.0 / entry.weight, order_++, entry.target, entry.weight});
    return entry.target;
  }

 private:
  struct Entry {
    double deadline;
    std::uint64_t order;
    std::size_t target;
    double weight;
    bool operator<(const Entry& other) const {
      return deadline > other.deadline || (deadline == other.deadline && order > other.order);
    }
  };
  std::priority_queue<Entry> queue_;
  double now_ = 0;
  std::uint64_t order_ = 0;
};

/// A ketama ring: sorted points, a binary search per pick.
class KetamaRing {
 public:
  KetamaRing(std::size_t targets, std::size_t points) {
    for (std::size_t target = 0; target < targets; ++target) {
      for (std::size_t point = 0; point < points; ++point) {
        ring_.emplace_back(mix64(target * points + point + 1), static_cast<std::uint32_t>(target));
      }
    }
    std::ranges::sort(ring_);
  }
  std::size_t pick(std::uint64_t hash) const {
    const auto found =
        std::ranges::lower_bound(ring_, hash, {}, &std::pair<std::uint64_t, std::uint32_t>::first);
    return (found == ring_.end() ? ring_.front() : *found).second;
  }

 private:
  std::vector<std::pair<std::uint64_t, std::uint32_t>> ring_;
};

/// Envoy's MaglevTable, reduced to its lookup: 64-bit entries and a division by a prime that is
/// only known at run time.
class EnvoyMaglev {
 public:
  EnvoyMaglev(std::size_t targets, std::uint64_t size) : size_(size) {
    for (std::uint64_t i = 0; i < size; ++i) table_.push_back(mix64(i) % targets);
  }
  std::size_t pick(std::uint64_t hash) const { return table_[hash % size_]; }

 private:
  std::uint64_t size_;
  std::vector<std::uint64_t> table_;
};

/// Envoy's unweighted least request: two draws, with replacement.
class EnvoyTwoChoices {
 public:
  explicit EnvoyTwoChoices(std::vector<std::uint32_t> in_flight) : active_(std::move(in_flight)) {}
  std::size_t pick(Random& random) const {
    const std::size_t a = random.bits() % active_.size();
    const std::size_t b = random.bits() % active_.size();
    return active_[b] < active_[a] ? b : a;
  }

 private:
  std::vector<std::uint32_t> active_;
};

/// tower's p2c over PeakEwma: each load is read under its lock and aged by exp().
class TowerPeakEwma {
 public:
  explicit TowerPeakEwma(std::span<const std::uint32_t> in_flight) : targets_(in_flight.size()) {
    for (std::size_t i = 0; i < in_flight.size(); ++i) targets_[i].pending = in_flight[i];
  }
  std::size_t pick(std::int64_t now, Random& random) {
    const std::size_t a = random.below(targets_.size());
    std::size_t b = random.below(targets_.size() - 1);
    if (b >= a) ++b;
    return load(targets_[b], now) < load(targets_[a], now) ? b : a;
  }

 private:
  struct Target {
    std::mutex mutex;
    double rtt = 1e6;  // ns
    std::int64_t updated = 0;
    std::uint32_t pending = 0;
  };
  static double load(Target& target, std::int64_t now) {
    constexpr double kDecay = 10e9;  // ns
    const std::scoped_lock lock(target.mutex);
    const auto elapsed = static_cast<double>(now - target.updated);
    const double rtt = target.rtt * std::exp(-elapsed / kDecay);
    return rtt * (target.pending + 1);
  }
  std::vector<Target> targets_;
};

/// After sony/gobreaker: counts and a state under one mutex, taken before and after each request.
class MutexBreaker {
 public:
  bool allow(std::int64_t now) {
    const std::scoped_lock lock(mutex_);
    if (open_ && now < expiry_) return false;
    ++requests_;
    return true;
  }
  void record(bool success, std::int64_t now) {
    const std::scoped_lock lock(mutex_);
    if (success) {
      ++successes_;
      consecutive_failures_ = 0;
      return;
    }
    ++failures_;
    if (++consecutive_failures_ >= 5) {
      open_ = true;
      expiry_ = now + 10'000'000'000;
    }
  }

 private:
  std::mutex mutex_;
  bool open_ = false;
  std::int64_t expiry_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t successes_ = 0;
  std::uint64_t failures_ = 0;
  std::uint64_t consecutive_failures_ = 0;
};

}  // namespace headgate::study
