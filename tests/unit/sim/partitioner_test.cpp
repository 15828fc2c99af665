// Kafka's partitioner, against the vectors of Kafka's own tests and a second program.
#include "headgate/sim/partitioner.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <numeric>
#include <string_view>

namespace headgate::sim {
namespace {

TEST_CASE("murmur2 is that of Kafka's clients") {
  // From the tests of org.apache.kafka.common.utils.Utils.
  const auto hash = [](std::string_view key) { return static_cast<std::int32_t>(murmur2(key)); };
  CHECK(hash("21") == -973932308);
  CHECK(hash("foobar") == -790332482);
  CHECK(hash("a-little-bit-long-string") == -985981536);
  CHECK(hash("a-little-bit-longer-string") == -1486304829);
  CHECK(hash("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8") == -58897971);
  CHECK(hash("abc") == 479470107);
}

TEST_CASE("a hundred thousand keys by Zipf's law fill the hottest of 12 partitions with a sixth") {
  // The first key alone is 1 / H(100000) = 8.27 %; on average over hash functions its partition
  // has a twelfth of the rest as well, 15.9 %. With these keys: a Python program of 20 lines.
  const auto shares = partition_shares({.count = 100'000, .zipf = 1}, 12);
  REQUIRE(shares.size() == 12);
  CHECK(std::accumulate(shares.begin(), shares.end(), 0.0) == Approx(1));
  CHECK(*std::ranges::max_element(shares) == Approx(0.1645).margin(0.00005));
  CHECK(shares[(murmur2("0") & 0x7fffffffU) % 12] == *std::ranges::max_element(shares));
  CHECK(partition_shares({.count = 1, .zipf = 1}, 3)[(murmur2("0") & 0x7fffffffU) % 3] == 1);
}

TEST_CASE("keys that are all alike fill partitions evenly") {
  for (const double share : partition_shares({.count = 100'000, .zipf = 0}, 4)) {
    CHECK(share == Approx(0.25).epsilon(0.02));
  }
}

}  // namespace
}  // namespace headgate::sim
