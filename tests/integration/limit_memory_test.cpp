// What a table of callers takes of the machine, in a process of its own so that nothing else moves
// the figure: at most 24 bytes a caller, and no more however many callers come by.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <fstream>
#include <string>

#include "headgate/core/hash.hpp"
#include "headgate/ratelimit/catalog.hpp"

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HG_SANITIZED
#endif
#endif

namespace headgate::ratelimit {
namespace {

using namespace std::chrono_literals;

#ifdef HG_SANITIZED  // their shadow memory counts as ours, and each step is ten
constexpr bool kMeasured = false;
constexpr std::int64_t kLive = 1'000'000;
constexpr std::uint64_t kDistinct = 1'000'000;
#else
constexpr bool kMeasured = true;
constexpr std::int64_t kLive = 10'000'000;
constexpr std::uint64_t kDistinct = 100'000'000;
#endif

Limiter bucket_for(std::int64_t max_keys) {
  Spec spec;
  spec.algorithm = "token_bucket";
  spec.rate = make_rate(1, 1h);
  spec.burst = Tokens{5};
  spec.max_keys = max_keys;
  return make(spec, {.seed = 1, .sharing = Sharing::kMulti}).value();
}

std::int64_t resident_bytes() {
  std::ifstream statm{"/proc/self/statm"};
  std::int64_t total = 0;
  std::int64_t resident = 0;
  statm >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

TEST_CASE("limit memory: ten million live callers take 24 bytes each at most, and all have room") {
  // 149 slots for 100 callers: 16 bytes each make 23.84 bytes a caller. The mean field of two
  // choices (ds_k/dt = s_{k-1}^2 - s_k^2 for the share of sets with k callers or more) then expects
  // 0.13 of the ten million to find both their sets full; of these callers it is none.
  const std::int64_t before = resident_bytes();
  Limiter limiter = bucket_for(kLive / 100 * 149);
  const TimePoint now{1h};
  std::int64_t refused = 0;
  for (std::int64_t caller = 0; caller < kLive; ++caller) {
    refused += limiter.admit(mix64(static_cast<std::uint64_t>(caller) + 1), now).admitted ? 0 : 1;
  }
  const std::int64_t taken = resident_bytes() - before;
  CHECK(refused == 0);
  const TableCounters counters = limiter.counters(now);
  CHECK(counters.live == kLive);
  CHECK(counters.steals == 0);
  WARN("bytes per live caller: " << static_cast<double>(taken) / static_cast<double>(kLive));
  if (kMeasured) CHECK(taken <= 24 * kLive);
}

TEST_CASE("limit memory: callers never seen before do not make a table grow") {
  Limiter limiter = bucket_for(65'536);
  TimePoint now{1h};
  const auto come_by = [&](std::uint64_t first, std::uint64_t end) {
    for (std::uint64_t caller = first; caller < end; ++caller) {
      if (!limiter.admit(mix64(caller + 1), now += 1ns).admitted) FAIL("within its limit");
    }
  };
  come_by(0, kDistinct / 20);  // fills the table
  const std::int64_t before = resident_bytes();
  come_by(kDistinct / 20, kDistinct);
  const std::int64_t grown = resident_bytes() - before;
  WARN("resident bytes grown over " << kDistinct << " callers: " << grown);
  if (kMeasured) CHECK(grown < 1'000'000);
  const TableCounters counters = limiter.counters(now);
  CHECK(counters.capacity == 65'536);
  CHECK(counters.live + counters.steals == kDistinct);  // each either is there or made room
}

}  // namespace
}  // namespace headgate::ratelimit
