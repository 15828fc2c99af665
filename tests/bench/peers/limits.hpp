// Rate limiters as others build them, written anew for comparison: same compiler, same flags, same
// clock handed in. Each is the design of its original without what surrounds it there (logging,
// options, a clock of its own), which flatters the peer.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace headgate::study {

/// What every peer is set to: `rate` tokens a second, `burst` at once.
struct BucketOptions {
  double rate = 1e6;
  double burst = 20;
};

/// A token bucket as it stands in most tutorials: tokens and the time they were counted at.
struct PlainBucket {
  double tokens = 0;
  std::int64_t at = 0;  // ns
  bool seen = false;

  bool admit(const BucketOptions& options, std::int64_t now) {
    if (!seen) *this = {.tokens = options.burst, .at = now, .seen = true};
    const double earned = static_cast<double>(now - at) * 1e-9 * options.rate;
    tokens = std::min(options.burst, tokens + earned);
    at = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  }
};

/// One such bucket under a mutex.
class MutexBucket {
 public:
  explicit MutexBucket(BucketOptions options) : options_(options) {}
  bool admit(std::int64_t now) {
    const std::scoped_lock lock(mutex_);
    return bucket_.admit(options_, now);
  }

 private:
  BucketOptions options_;
  std::mutex mutex_;
  PlainBucket bucket_;
};

/// After folly::DynamicTokenBucket: the time at which the bucket was empty, in seconds, in one
/// atomic double.
class FollyBucket {
 public:
  explicit FollyBucket(BucketOptions options) : options_(options) {}
  bool admit(std::int64_t now_ns) {
    const double now = static_cast<double>(now_ns) * 1e-9;
    double zero_old = zero_.load(std::memory_order_relaxed);
    double zero_new = 0;
    do {
      const double tokens = std::min((now - zero_old) * options_.rate, options_.burst);
      if (tokens < 1) return false;
      zero_new = now - (tokens - 1) / options_.rate;
    } while (!zero_.compare_exchange_weak(zero_old, zero_new, std::memory_order_relaxed));
    return true;
  }

 private:
  BucketOptions options_;
  std::atomic<double> zero_{-1e9};
};

/// After governor's InMemoryState: the theoretical arrival time in whole nanoseconds in one atomic
/// word, with release and acquire as there.
class GovernorBucket {
 public:
  explicit GovernorBucket(BucketOptions options)
      : t_(static_cast<std::uint64_t>(1e9 / options.rate)),
        tau_(t_ * static_cast<std::uint64_t>(options.burst)) {}
  bool admit(std::int64_t now_ns) {
    const auto now = static_cast<std::uint64_t>(now_ns);
    std::uint64_t previous = tat_.load(std::memory_order_acquire);
    while (true) {
      const std::uint64_t tat = previous == 0 ? now : previous;
      const std::uint64_t earliest = tat + t_ > tau_ ? tat + t_ - tau_ : 0;
      if (now < earliest) return false;
      const std::uint64_t next = std::max(tat, now) + t_;
      if (tat_.compare_exchange_weak(previous, next, std::memory_order_release,
                                     std::memory_order_relaxed)) {
        return true;
      }
    }
  }

 private:
  std::uint64_t t_;    // a token's time, ns
  std::uint64_t tau_;  // of a whole burst
  std::atomic<std::uint64_t> tat_{0};
};

/// A hash map of buckets under one mutex.
class MutexMap {
 public:
  MutexMap(BucketOptions options, std::size_t keys) : options_(options) { buckets_.reserve(keys); }
  bool admit(std::uint64_t key, std::int64_t now) {
    const std::scoped_lock lock(mutex_);
    return buckets_[key].admit(options_, now);
  }

 private:
  BucketOptions options_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, PlainBucket> buckets_;
};

/// The same in shards, each with its own mutex: what a map of a concurrent library does.
class ShardedMap {
 public:
  ShardedMap(BucketOptions options, std::size_t keys) : options_(options) {
    for (Shard& shard : shards_) shard.buckets.reserve(keys / kShards + 1);
  }
  bool admit(std::uint64_t key, std::int64_t now) {
    Shard& shard = shards_[key >> 58];
    const std::scoped_lock lock(shard.mutex);
    return shard.buckets[key].admit(options_, now);
  }

 private:
  static constexpr std::size_t kShards = 64;
  struct alignas(64) Shard {
    std::mutex mutex;
    std::unordered_map<std::uint64_t, PlainBucket> buckets;
  };
  BucketOptions options_;
  std::array<Shard, kShards> shards_;
};

/// After nginx's limit_req: nodes in a red-black tree (here std::map, which is one) by the hash of
/// the key, a queue from the latest to the oldest, thousandths of a request and milliseconds, and
/// one lock around it.
class NginxLimitReq {
 public:
  NginxLimitReq(BucketOptions options, std::size_t /*keys*/)
      : rate_(static_cast<std::int64_t>(options.rate * 1000)),
        burst_(static_cast<std::int64_t>(options.burst * 1000)) {
    queue_.next = queue_.previous = &queue_;
  }
  bool admit(std::uint64_t key, std::int64_t now_ns) {
    const std::int64_t now = now_ns / 1'000'000;
    const std::scoped_lock lock(mutex_);
    const auto [place, is_new] = nodes_.try_emplace(key);
    Node& node = place->second;
    if (is_new) {
      node.last = now;
      push_front(node);
      return true;
    }
    unlink(node);
    push_front(node);
    const std::int64_t elapsed = std::max<std::int64_t>(0, now - node.last);
    const std::int64_t excess =
        std::max<std::int64_t>(0, node.excess - rate_ * elapsed / 1000 + 1000);
    if (excess > burst_) return false;
    node.excess = excess;
    if (elapsed > 0) node.last = now;
    return true;
  }

 private:
  struct Link {
    Link* next = nullptr;
    Link* previous = nullptr;
  };
  struct Node : Link {
    std::int64_t excess = 0;
    std::int64_t last = 0;  // ms
  };
  static void unlink(Link& link) {
    link.next->previous = link.previous;
    link.previous->next = link.next;
  }
  void push_front(Link& link) {
    link.next = queue_.next;
    link.previous = &queue_;
    queue_.next->previous = &link;
    queue_.next = &link;
  }

  std::int64_t rate_;
  std::int64_t burst_;
  std::mutex mutex_;
  std::map<std::uint64_t, Node> nodes_;
  Link queue_;
};

/// Several limits on one request, each a sharded map, asked one after the other.
class ShardedChain {
 public:
  ShardedChain(std::size_t limits, BucketOptions options, std::size_t keys) {
    for (std::size_t i = 0; i < limits; ++i) limits_.emplace_back(options, keys);
  }
  bool admit(std::uint64_t key, std::int64_t now) {
    bool admitted = true;
    for (Owned& limit : limits_) admitted = limit.map->admit(key, now) && admitted;
    return admitted;
  }

 private:
  struct Owned {
    Owned(BucketOptions options, std::size_t keys)
        : map(std::make_unique<ShardedMap>(options, keys)) {}
    std::unique_ptr<ShardedMap> map;
  };
  std::vector<Owned> limits_;
};

}  // namespace headgate::study
