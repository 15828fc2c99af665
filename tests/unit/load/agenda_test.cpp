#include "headgate/load/agenda.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <vector>

namespace headgate::load {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{5s};

Agenda::Options constant(std::int64_t per_second, Duration duration) {
  return {.arrivals = {arrival::ConstantArrivals{make_rate(per_second, 1s)}},
          .start = kStart,
          .duration = duration};
}

std::vector<Due> all(const Agenda::Options& options) {
  Agenda agenda{options};
  std::vector<Due> list;
  while (!agenda.finished()) {
    CHECK(agenda.next() ==
          (list.empty() ? agenda.next() : std::max(agenda.next(), list.back().intended)));
    list.push_back(agenda.take());
  }
  return list;
}

TEST_CASE("agenda: a constant rate falls due at even distances from the start") {
  const std::vector<Due> list = all(constant(1000, 1s));
  REQUIRE(list.size() == 1000);
  for (std::uint64_t i = 0; i < list.size(); ++i) {
    REQUIRE(list[i] == Due{.sequence = i, .intended = kStart + i * 1ms});
  }
}

TEST_CASE("agenda: the end is not part of the run") {
  CHECK(all(constant(10, 300ms)).size() == 3);        // 0, 100 and 200 ms
  CHECK(all(constant(10, 300ms + 1ns)).size() == 4);  // and 300 ms
  CHECK(all(constant(10, 0ms)).empty());
}

TEST_CASE("agenda: a count ends it as well") {
  Agenda::Options options = constant(1000, kNever);
  options.count = 7;
  CHECK(all(options).size() == 7);
  options.duration = 3ms;
  CHECK(all(options).size() == 3);  // whichever comes first
}

TEST_CASE("agenda: the threads' shares together are the schedule of one thread") {
  const auto threads = GENERATE(2U, 3U, 8U);
  Agenda::Options options{.arrivals = {arrival::PoissonArrivals{make_rate(5000, 1s)}},
                          .seed = 9,
                          .start = kStart,
                          .duration = 200ms};
  std::map<std::uint64_t, TimePoint> whole;
  for (const Due& due : all(options)) whole[due.sequence] = due.intended;
  CHECK(whole.size() > 900);  // 1000 are expected, with a deviation of 32
  std::map<std::uint64_t, TimePoint> shares;
  options.threads = threads;
  for (options.thread = 0; options.thread < threads; ++options.thread) {
    for (const Due& due : all(options)) {
      CHECK(due.sequence % threads == options.thread);
      CHECK(shares.emplace(due.sequence, due.intended).second);
    }
  }
  CHECK(shares == whole);
}

TEST_CASE("agenda: another seed is another Poisson schedule") {
  Agenda::Options options{
      .arrivals = {arrival::PoissonArrivals{make_rate(1000, 1s)}}, .seed = 1, .duration = 1s};
  const std::vector<Due> one = all(options);
  CHECK(all(options) == one);
  options.seed = 2;
  CHECK(all(options) != one);
}

}  // namespace
}  // namespace headgate::load
