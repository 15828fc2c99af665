// A pool allocates when its list changes and at no other time: this program's operator new counts.
#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "headgate/balance/pool.hpp"
#include "support/allocations.hpp"

namespace headgate::balance {
namespace {

using headgate::test::allocations;

using namespace std::chrono_literals;

TEST_CASE("balance: no policy allocates between two changes of its list, whatever happens") {
  for (const CatalogEntry& entry : catalog()) {
    std::vector<TargetInfo> infos;
    for (std::uint64_t id = 1; id <= 100; ++id) infos.push_back({.id = id});
    Pool pool = Pool::make({.policy = std::string{entry.name},
                            .slow_start = {.window = 1s},
                            .panic = Share{0.5},
                            .stale = 5ms},
                           infos)
                    .value();
    Random random{1};
    std::array<std::size_t, 64> under_way{};
    const std::uint64_t before = allocations();
    for (std::size_t i = 0; i < 20'000; ++i) {
      const TimePoint now{static_cast<std::int64_t>(i) * 100us};
      pool.set_healthy(random.below(100), random.below(3) != 0, now);
      if (i % 7 == 0) pool.eject(random.below(100), now + 30ms, now);
      if (i % 11 == 0) pool.uneject(random.below(100), now);
      std::size_t& slot = under_way[i % under_way.size()];
      if (i >= under_way.size() && slot < 100) {
        pool.done(slot, {.latency = 6ms, .failed = i % 5 == 0}, now);
      }
      slot = pool.pick({.now = now, .key = mix64(i), .sticky = i % 3}, random).value_or(100);
    }
    const std::uint64_t allocated = allocations() - before;
    CAPTURE(entry.name);
    CHECK(allocated == 0);
  }
}

}  // namespace
}  // namespace headgate::balance
