// The places that a request holds in limits of concurrency, until it is over.
#pragma once

#include <cstdint>
#include <vector>

#include "headgate/core/time.hpp"
#include "headgate/ratelimit/catalog.hpp"

namespace headgate::gateway {

/// Gives back what it holds at the latest when it dies, so that no way to end a request can forget
/// it. Allocates only when a connection's requests hold more places than any of its before.
class Places {
 public:
  Places() = default;
  ~Places() { release(); }
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;

  /// `limiter` has admitted the caller `key`; it outlives the request.
  void add(ratelimit::Limiter& limiter, std::uint64_t key) { held_.push_back({&limiter, key}); }

  void release() noexcept {
    for (const Place& place : held_) {
      place.limiter->refund(place.key, TimePoint{});  // a place knows no time
    }
    held_.clear();
  }

 private:
  struct Place {
    ratelimit::Limiter* limiter;
    std::uint64_t key;
  };
  std::vector<Place> held_;
};

}  // namespace headgate::gateway
