#include "headgate/stats/warmup.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

#include "headgate/core/random.hpp"

namespace headgate::stats {
namespace {

using namespace std::chrono_literals;

// The definition, slowly: for each cut the squared standard error of the mean of the rest.
std::size_t slow_cut(const std::vector<double>& batches) {
  std::size_t best = 0;
  double least = -1;
  for (std::size_t cut = 0; batches.size() - cut >= batches.size() / 8; ++cut) {
    const auto begin = batches.begin() + static_cast<std::ptrdiff_t>(cut);
    const auto kept = static_cast<double>(batches.end() - begin);
    const double mean = std::accumulate(begin, batches.end(), 0.0) / kept;
    double squares = 0;
    for (auto it = begin; it != batches.end(); ++it) squares += (*it - mean) * (*it - mean);
    const double error = squares / (kept * kept);
    if (least >= 0 && error >= least) continue;
    least = error;
    best = cut;
  }
  return best;
}

// Rises from 0 to 100 like 1 - e^(-i / 40), under noise of deviation 5.
std::vector<double> rising(std::uint64_t seed, std::size_t size) {
  Random random{seed};
  std::vector<double> batches(size);
  for (std::size_t i = 0; i < size; ++i) {
    double noise = -6;
    for (int k = 0; k < 12; ++k) noise += random.uniform();
    batches[i] = 100 * (1 - std::exp(-static_cast<double>(i) / 40)) + 5 * noise;
  }
  return batches;
}

TEST_CASE("warmup: the quick cut is that of the definition") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    const std::vector<double> batches = rising(seed, 400);
    const std::size_t expected = slow_cut(batches);
    const WarmupCut cut = mser(batches);
    CAPTURE(seed, expected);
    CHECK(cut.found == (2 * expected <= batches.size()));
    if (cut.found) CHECK(cut.batches == expected);
    // What is left of the rise at the cut, 100 e^(-i / 40), is within the noise.
    CHECK(expected > 60);
    CHECK(expected < 350);
  }
}

TEST_CASE("warmup: a run that starts as it goes on loses nothing") {
  CHECK(mser(std::vector<double>(100, 7.0)).batches == 0);
  std::vector<double> turns(100);
  for (std::size_t i = 0; i < turns.size(); ++i) turns[i] = i % 2 == 0 ? 1 : -1;
  CHECK(mser(turns).batches == 0);
  CHECK(mser(turns).found);
}

TEST_CASE("warmup: a step is cut off where it ends") {
  std::vector<double> step(100, 5.0);
  for (std::size_t i = 0; i < 23; ++i) step[i] = 0;
  CHECK(mser(step).batches == 23);
}

TEST_CASE("warmup: a run that is all start is not cut but said to be too short") {
  std::vector<double> slope(100);
  std::iota(slope.begin(), slope.end(), 0.0);
  const WarmupCut cut = mser(slope);
  CHECK_FALSE(cut.found);
  CHECK(cut.batches == 50);
  CHECK_FALSE(mser({}).found);
}

TEST_CASE("course: batches of five, and what was not timed counts as a request without a time") {
  Course course;
  for (int i = 1; i <= 5; ++i) course.add(Duration{i});
  course.add(std::nullopt);
  for (int i = 0; i < 4; ++i) course.add(20ns);
  for (int i = 0; i < 5; ++i) course.add(std::nullopt);
  course.add(1s);  // begins a batch that never fills
  CHECK(course.batch_size() == 5);
  CHECK(course.means_ns() == std::vector<double>{3, 20, 20});
}

TEST_CASE("course: runs are averaged request by request") {
  Course a;
  Course b;
  for (int i = 0; i < 10; ++i) a.add(10ns);
  for (int i = 0; i < 7; ++i) b.add(30ns);
  a.merge(b);
  CHECK(a.means_ns() == std::vector<double>{20});
  Course none;
  none.merge(a);
  CHECK(none.means_ns() == a.means_ns());
}

TEST_CASE("course: a long run has longer batches instead of more") {
  Course course;
  const auto requests = static_cast<int>(Course::kBatchSize * Course::kBatchesMax);
  for (int i = 0; i < requests; ++i) course.add(Duration{i});
  CHECK(course.batch_size() == 10);
  const std::vector<double> means = course.means_ns();
  REQUIRE(means.size() == Course::kBatchesMax / 2);
  CHECK(means.front() == 4.5);
  CHECK(means.back() == requests - 5.5);
}

}  // namespace
}  // namespace headgate::stats
