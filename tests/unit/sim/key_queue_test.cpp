// The order of events beyond what one heap holds, against a sorted set.
#include "headgate/sim/key_queue.hpp"

#include <catch2/catch.hpp>
#include <cstdint>
#include <set>
#include <vector>

#include "headgate/core/random.hpp"

namespace headgate::sim {
namespace {

using Key = KeyQueue::Key;

constexpr std::size_t kMany = 10 * KeyQueue::kHeapMax;

/// Keys that are all different, however often their upper part is the same.
class Keys {
 public:
  Key next(std::uint64_t upper) { return static_cast<Key>(upper) << 64 | lower_++; }

 private:
  std::uint64_t lower_ = 0;
};

bool is_ready(KeyQueue& queue) {
  return queue.ready([](Key) {});
}

/// A queue and the definition of one, side by side.
struct Both {
  KeyQueue queue;
  std::set<Key> sorted;

  void push(Key key) {
    queue.push(key);
    sorted.insert(key);
  }
  Key take() {
    REQUIRE(is_ready(queue));
    const Key key = queue.take();
    REQUIRE(key == *sorted.begin());
    sorted.erase(sorted.begin());
    return key;
  }
  void drain() {
    while (!sorted.empty()) take();
    CHECK_FALSE(is_ready(queue));
    CHECK(queue.size() == 0);
  }
};

TEST_CASE("key queue: many keys come out in order, whatever order they were put in") {
  const auto upper = GENERATE(0, 1, 2, 3);
  CAPTURE(upper);
  Random random{7};
  Keys keys;
  Both both;
  for (std::uint64_t i = 0; i < kMany; ++i) {
    const std::uint64_t uppers[] = {i, kMany - i, random.below(kMany), random.below(3)};
    both.push(keys.next(uppers[upper]));
  }
  CHECK(both.queue.size() == kMany);
  both.drain();
}

TEST_CASE("key queue: a hundred thousand pending, each succeeded by one, near or far") {
  Random random{3};
  Keys keys;
  Both both;
  for (std::size_t i = 0; i < kMany; ++i) both.push(keys.next(random.below(1000)));
  for (std::size_t i = 0; i < kMany; ++i) {
    const auto now = static_cast<std::uint64_t>(both.take() >> 64);
    // Most come soon, some long after all others: ten thousand times as far.
    both.push(keys.next(now + random.below(random.below(10) == 0 ? 10'000'000 : 1000)));
  }
  CHECK(both.queue.size() == kMany);
  both.drain();
}

TEST_CASE("key queue: what is erased never comes out, also if all of a stretch is") {
  Random random{5};
  Keys keys;
  Both both;
  for (std::size_t i = 0; i < kMany; ++i) both.push(keys.next(random.below(1'000'000)));
  for (std::size_t i = 0; i < kMany / 4; ++i) both.take();
  const auto now = static_cast<std::uint64_t>(*both.sorted.begin() >> 64);
  // Half of the rest, in one piece, so that whole runs vanish; and every third beyond it.
  const auto is_gone = [now](Key key) {
    const auto upper = static_cast<std::uint64_t>(key >> 64);
    return upper < now + 400'000 || key % 3 == 0;
  };
  both.queue.erase_if(is_gone);
  std::erase_if(both.sorted, is_gone);
  CHECK(both.queue.size() == both.sorted.size());
  for (std::size_t i = 0; i < 1000; ++i) both.push(keys.next(now + random.below(1'000'000)));
  both.drain();
}

}  // namespace
}  // namespace headgate::sim
