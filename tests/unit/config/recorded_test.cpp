// Distributions whose measurements stand in a file of their own, beside the document.
#include <catch2/catch.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "headgate/config/text.hpp"
#include "headgate/config/value.hpp"
#include "headgate/stats/histogram.hpp"
#include "support/process.hpp"

namespace headgate::config {
namespace {

/// Reads `text` as a distribution of a document that stands in `folder`.
std::optional<arrival::Distribution> read(const std::string& text,
                                          const headgate::test::TempDir& folder,
                                          std::vector<Diagnostic>& found) {
  const std::string file = folder.path() + "/plan.yaml";
  const auto tree = read_text(text, file);
  REQUIRE(tree.ok());
  Reading reading{file, "", found};
  return distribution().read(tree.value.root, reading);
}

TEST_CASE("recorded: samples and a histogram are found beside the document that names them") {
  const headgate::test::TempDir folder;
  stats::Histogram histogram;
  histogram.record(std::chrono::nanoseconds{1000});
  static_cast<void>(folder.write("times.csv", "10ms\n30ms\n"));
  static_cast<void>(folder.write("times.hlog", "0,1,0.001," + histogram.encode() + "\n"));
  std::vector<Diagnostic> found;
  const auto samples = read("{samples: times.csv}", folder, found);
  REQUIRE(samples);
  CHECK(samples->mean_ns() == 20e6);
  const auto recorded = read("{histogram: times.hlog}", folder, found);
  REQUIRE(recorded);
  CHECK(recorded->mean_ns() == 1000);
  CHECK(found.empty());
}

TEST_CASE("recorded: a file that is missing or wrong is an error with its line and its place") {
  const headgate::test::TempDir folder;
  static_cast<void>(folder.write("times.csv", "10ms\n30\n"));
  std::vector<Diagnostic> found;
  CHECK_FALSE(read("{samples: none.csv}", folder, found));
  CHECK_FALSE(read("{samples: times.csv}", folder, found));
  CHECK_FALSE(read("{histogram: times.csv}", folder, found));
  REQUIRE(found.size() == 3);
  CHECK(found[0].message == folder.path() + "/none.csv cannot be read");
  CHECK(found[0].at.column == 11);
  CHECK(found[1].message.starts_with(folder.path() + "/times.csv: line 2 '30' has no unit"));
  CHECK(found[2].message.starts_with(folder.path() + "/times.csv: line 1 "));
}

}  // namespace
}  // namespace headgate::config
