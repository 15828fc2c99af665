// A call back to an object without allocation or virtual table: one function pointer and its owner.
#pragma once

#include "headgate/core/time.hpp"

namespace headgate::net {

struct Callback {
  void (*call)(void* owner, TimePoint now) noexcept = nullptr;
  void* owner = nullptr;

  void operator()(TimePoint now) const noexcept { call(owner, now); }
};

/// `callback<&Worker::on_tick>(this)`; the method takes the loop's TimePoint.
template <auto kMethod, class Owner>
[[nodiscard]] constexpr Callback callback(Owner* owner) noexcept {
  return {[](void* self, TimePoint now) noexcept { (static_cast<Owner*>(self)->*kMethod)(now); },
          owner};
}

}  // namespace headgate::net
