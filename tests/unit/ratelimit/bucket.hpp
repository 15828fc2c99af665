// One caller's bucket, as its tests see it.
#pragma once

#include <chrono>
#include <cstdint>

#include "headgate/ratelimit/token_bucket.hpp"
#include "support/time.hpp"

namespace headgate::ratelimit {

using headgate::test::at;

/// A policy with the state of one caller, to write tests as a caller sees it.
struct Bucket {
  TokenBucket policy;
  TokenBucket::State state{};

  Decision admit(TimePoint now, std::int64_t cost = 1) {
    return policy.admit(state, now, {.count = cost});
  }
};

inline Bucket bucket(const Rate& rate, std::int64_t burst) {
  return {TokenBucket::make({.rate = rate, .burst = {burst}}).value()};
}
inline Bucket bucket(std::int64_t per_second, std::int64_t burst) {
  return bucket(Rate{.count = per_second, .per = std::chrono::seconds{1}}, burst);
}

}  // namespace headgate::ratelimit
