// What the tests of leases begin with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "headgate/ratelimit/leases.hpp"
#include "support/time.hpp"

namespace headgate::ratelimit {

using headgate::test::at;

inline Leases::Options options(std::int64_t lease, std::int64_t burst,
                               Duration lease_time = std::chrono::seconds{1},
                               std::size_t max_keys = 100) {
  return {.lease = {lease}, .burst = {burst}, .lease_time = lease_time, .max_keys = max_keys};
}

inline constexpr Decision kAfter{.admitted = true,
                                 .reason = Reason::kAdmitted,
                                 .remaining = {0},
                                 .retry_after = {},
                                 .reset_after = std::chrono::seconds{5}};

inline Decision refusal(Duration retry_after) {
  return {.admitted = false,
          .reason = Reason::kOverLimit,
          .remaining = {0},
          .retry_after = retry_after,
          .reset_after = retry_after};
}

inline std::vector<Leases::Return> time_out(Leases& leases, TimePoint now) {
  std::vector<Leases::Return> returns;
  leases.on_timeout(now, returns);
  return returns;
}

}  // namespace headgate::ratelimit
