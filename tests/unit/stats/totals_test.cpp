#include "headgate/stats/totals.hpp"

#include <catch2/catch.hpp>

namespace headgate::stats {
namespace {

constexpr Totals kSome{.scheduled = 28,
                       .ok = 10,
                       .refused = 5,
                       .failed = 3,
                       .timed_out = 2,
                       .in_flight = 7,
                       .not_sent = 1};

TEST_CASE("totals: they add up only if each scheduled request is in exactly one place") {
  CHECK(Totals{}.adds_up());
  CHECK(kSome.adds_up());
  Totals lost = kSome;
  lost.ok -= 1;
  CHECK_FALSE(lost.adds_up());
  Totals twice = kSome;
  twice.not_sent += 1;
  CHECK_FALSE(twice.adds_up());
}

TEST_CASE("totals: shares are of the requests that finished") {
  CHECK(kSome.finished() == 20);
  CHECK(kSome.share_of_finished(kSome.refused) == 0.25);
  CHECK(Totals{}.share_of_finished(0) == 0);
}

TEST_CASE("totals: the sum of two adds up too, place by place") {
  Totals sum = kSome;
  sum += kSome;
  CHECK(sum == Totals{.scheduled = 56,
                      .ok = 20,
                      .refused = 10,
                      .failed = 6,
                      .timed_out = 4,
                      .in_flight = 14,
                      .not_sent = 2});
  CHECK(sum.adds_up());
}

}  // namespace
}  // namespace headgate::stats
