// Expectations come from flags and files: no text may crash the reader or the judge, and what is
// read must read the same again.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "headgate/core/check.hpp"
#include "headgate/stats/expectation.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace headgate::stats;
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const auto expectation = parse_expectation(text);
  if (!expectation) {
    HG_ASSERT(!expectation.error().why.empty());
    return 0;
  }
  const auto again = parse_expectation(expectation->text);
  HG_ASSERT(again.has_value() && again->at == expectation->at);
  std::vector<Point> points;
  for (const char* load : {"0.5", "0.9"}) {
    points.push_back({.at = {{"load", load}},
                      .metric = [](std::string_view) { return std::optional{single_value(1)}; }});
  }
  HG_ASSERT(!evaluate(*expectation, points).observed.empty());
  return 0;
}
