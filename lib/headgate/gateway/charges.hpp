// What a request has spent in the limits of its route, until it is over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "headgate/core/time.hpp"
#include "headgate/ratelimit/catalog.hpp"

namespace headgate::gateway {

/// Gives back the places that it holds in limits of concurrency at the latest when it dies, so that
/// no way to end a request can forget them. Allocates only when a connection's requests pass more
/// limits than any of its before.
class Charges {
 public:
  Charges() = default;
  ~Charges() { settle(); }
  Charges(const Charges&) = delete;
  Charges& operator=(const Charges&) = delete;

  /// `limiter` has admitted the caller `key`; it outlives the request. `label` is its place among
  /// the limits of the route.
  void add(ratelimit::Limiter& limiter, std::uint64_t key, std::size_t label) {
    charges_.push_back({&limiter, key, label});
  }

  /// The request is over. What has been spent stays so; places are free again.
  void settle() noexcept {
    for (const Charge& charge : charges_) {
      // A place knows no time.
      if (charge.limiter->holds_places()) charge.limiter->refund(charge.key, TimePoint{});
    }
    charges_.clear();
  }

  /// The request was refused after all: gives everything back, and shows each charge to
  /// `f(limiter, key, label)` then.
  template <class F>
  void refund(TimePoint now, F&& f) noexcept {
    for (const Charge& charge : charges_) charge.limiter->refund(charge.key, now);
    for (const Charge& charge : charges_) f(*charge.limiter, charge.key, charge.label);
    charges_.clear();
  }

 private:
  struct Charge {
    ratelimit::Limiter* limiter;
    std::uint64_t key;
    std::size_t label;
  };
  std::vector<Charge> charges_;
};

}  // namespace headgate::gateway
