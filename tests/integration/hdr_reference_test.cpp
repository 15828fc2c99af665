// Our histograms against the reference implementation, live: Java's HdrHistogram reads what we
// write and writes what we read. Maven fetches the pinned jar once per build folder (180 KB).
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cstdint>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "headgate/core/random.hpp"
#include "headgate/load/exports.hpp"
#include "headgate/report/hgrm.hpp"
#include "headgate/stats/histogram.hpp"
#include "support/process.hpp"

namespace headgate::stats {
namespace {

using std::chrono::nanoseconds;

constexpr double kQuantiles[] = {0.5, 0.9, 0.95, 0.99, 0.999, 1};

/// What Java says of one histogram.
struct Seen {
  std::uint64_t count = 0;
  std::int64_t quantiles[std::size(kQuantiles)] = {};
  std::int64_t mean_bits = 0;
  std::string text;  // written anew by Java
};

/// The path of the reference's jar, fetched if it is not there yet.
std::string reference_jar() {
  const std::string folder = std::string{HG_BUILD_DIR} + "/hdr";
  std::string jar = folder + "/HdrHistogram-2.2.2.jar";
  if (std::filesystem::exists(jar)) return jar;
  const test::Ended ended =
      test::run({"mvn", "-q", "-B", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy",
                 "-Dartifact=org.hdrhistogram:HdrHistogram:2.2.2", "-DoutputDirectory=" + folder},
                test::Milliseconds{240'000});
  INFO(ended.out << ended.err);
  REQUIRE(ended.exit_code == 0);
  return jar;
}

/// What the reference prints on `questions`, one line for each.
std::string answers_of_reference(const std::string& questions) {
  const test::TempDir folder;
  const test::Ended ended =
      test::run({"java", "-Xshare:auto", "-cp", reference_jar(),
                 std::string{HG_SOURCE_DIR} + "/tests/support/hdr/HdrCheck.java",
                 folder.write("questions", questions)});
  INFO(ended.err);
  REQUIRE(ended.exit_code == 0);
  return ended.out;
}

/// One answer of the reference per line of `questions`.
std::vector<Seen> ask_reference(const std::string& questions) {
  std::vector<Seen> answers;
  std::istringstream lines{answers_of_reference(questions)};
  for (std::string line; std::getline(lines, line);) {
    Seen& seen = answers.emplace_back();
    std::istringstream words{line};
    words >> seen.count;
    for (std::int64_t& quantile : seen.quantiles) words >> quantile;
    words >> seen.mean_bits >> seen.text;
    REQUIRE(words);
  }
  return answers;
}

Histogram drawn(std::uint64_t seed, int count, std::int64_t longest_ns) {
  Random random{seed};
  Histogram histogram;
  for (int i = 0; i < count; ++i) {
    // A uniform number of bits makes every power of two alike.
    const auto value = static_cast<std::int64_t>(random.bits() >> (22 + random.below(42)));
    histogram.record(nanoseconds{value % longest_ns});
  }
  return histogram;
}

void check_same(const Histogram& ours, const Seen& seen) {
  CHECK(seen.count == ours.count());
  for (std::size_t i = 0; i < std::size(kQuantiles); ++i) {
    // Java answers with the end of the bucket, ours with that or the greatest value in it.
    const std::int64_t java = seen.quantiles[i];
    const std::int64_t mine = ours.quantile(kQuantiles[i]).count();
    CAPTURE(kQuantiles[i], java, mine);
    CHECK(mine == std::min(java, ours.max().count()));
  }
}

TEST_CASE("reference: Java reads our histograms as we do, and writes them in the same bytes") {
  std::vector<Histogram> histograms;
  histograms.emplace_back();
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    histograms.push_back(drawn(seed, 1 << seed, Histogram::kLongest.count()));
  }
  Histogram large;
  large.record_n(nanoseconds{7}, 1ULL << 60);
  large.record_n(nanoseconds{1'000'000'007}, 3);
  histograms.push_back(large);

  std::string questions;
  for (const Histogram& histogram : histograms) questions += "read " + histogram.encode() + "\n";
  const std::vector<Seen> answers = ask_reference(questions);
  REQUIRE(answers.size() == histograms.size());
  for (std::size_t i = 0; i < answers.size(); ++i) {
    CAPTURE(i);
    check_same(histograms[i], answers[i]);
    // What Java writes of it we read as what we read of our own text: no count was lost or moved.
    const auto from_java = Histogram::decode(answers[i].text);
    const auto from_us = Histogram::decode(histograms[i].encode());
    REQUIRE(from_java);
    REQUIRE(from_us);
    CHECK(*from_java == *from_us);
    CHECK(from_us->mean_ns() == Approx(std::bit_cast<double>(answers[i].mean_bits)).epsilon(1e-12));
  }
}

TEST_CASE("reference: we read Java's histograms of the same values as Java does") {
  Histogram powers;
  for (std::int64_t i = 1; i <= 1500; ++i) powers.record(nanoseconds{i * i * i * 997});
  const std::vector<Seen> answers =
      ask_reference("powers 1500\nvalues 0 1 2047 2048 4095 4096 1000000\nvalues\n");
  REQUIRE(answers.size() == 3);
  for (const Seen& seen : answers) {
    const auto histogram = Histogram::decode(seen.text);
    REQUIRE(histogram);
    check_same(*histogram, seen);
    CHECK(histogram->mean_ns() == Approx(std::bit_cast<double>(seen.mean_bits)).epsilon(1e-12));
  }
  CHECK(Histogram::decode(answers[0].text)->buckets().size() == powers.buckets().size());
  check_same(powers, answers[0]);
}

TEST_CASE("reference: our percentile tables have the very rows of Java's") {
  std::string questions;
  std::vector<Histogram> histograms;
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    histograms.push_back(drawn(seed, 1 << (2 * seed - 2), 3'000'000'000'000));
    questions += "table " + histograms.back().encode() + "\n";
  }
  std::istringstream answers{answers_of_reference(questions)};
  for (const Histogram& histogram : histograms) {
    std::string java;
    REQUIRE(std::getline(answers, java));
    std::ranges::replace(java, '|', '\n');
    const std::string ours = report::hgrm_text(histogram);
    const auto rows = [](const std::string& text) { return text.substr(0, text.find('#')); };
    const auto last = [](const std::string& text) { return text.substr(text.find("Total count")); };
    CHECK(rows(ours) == rows(java));
    CHECK(last(ours) == last(java));
  }
}

TEST_CASE("reference: Java reads our log of intervals") {
  load::Summary summary;
  summary.manifest.started_at = "2026-11-22T01:02:03Z";
  Random random{5};
  CoarseHistogram whole;
  for (int second = 0; second < 5; ++second) {
    CoarseHistogram histogram;
    for (int i = 0; i < 100 * second; ++i) histogram.record(Duration{random.below(1'000'000'000)});
    summary.measured.tally.series.push_back(
        {.totals = {}, .bytes_in = 0, .response_time = histogram.pack()});
    whole.merge(histogram.pack());
  }
  const test::TempDir folder;
  const std::string file = folder.write("r.hlog", load::hlog_text(summary));
  const auto seen = ask_reference("log " + file + "\n").at(0);
  CHECK(seen.count == 1000);
  for (std::size_t i = 0; i < std::size(kQuantiles); ++i) {
    const auto java = static_cast<double>(seen.quantiles[i]);
    CHECK(static_cast<double>(whole.quantile(kQuantiles[i]).count()) == Approx(java).epsilon(0.01));
  }
}

}  // namespace
}  // namespace headgate::stats
