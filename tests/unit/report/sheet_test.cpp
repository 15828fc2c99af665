// A sheet's three texts, character by character; tests/integration/sim_outputs_test.cpp reads them
// with other people's parsers.
#include "headgate/report/sheet.hpp"

#include <catch2/catch.hpp>

namespace headgate::report {
namespace {

using stats::MetricKind;

Sheet small_sheet() {
  Sheet sheet;
  sheet.title = "Which <b> | policy?";
  sheet.dimensions = {"policy"};
  sheet.rows = {{.at = {"a,\"b\""},
                 .figure = "response_time.mean",
                 .kind = MetricKind::kDuration,
                 .estimate = {.value = 1.5e6, .low = 1.25e6, .high = 1.75e6, .confidence = 0.95}},
                {.at = {"c"},
                 .figure = "failed_share",
                 .kind = MetricKind::kShare,
                 .estimate = stats::single_value(0.1)}};
  sheet.checks = {
      {.expect = "failed_share < 1%", .why = "", .observed = "0%", .passed = true, .certain = true},
      {.expect = "offered > 1/s",
       .why = "R&D",
       .observed = "0/s",
       .passed = false,
       .certain = true},
      {.expect = "offered > 2/s", .why = "", .observed = "2/s", .passed = true, .certain = false}};
  return sheet;
}

TEST_CASE("sheet: csv quotes what it must and leaves cells without an interval empty") {
  CHECK(csv_text(small_sheet()) ==
        "policy,figure,unit,value,low,high,confidence\r\n"
        "\"a,\"\"b\"\"\",response_time.mean,ns,1500000,1250000,1750000,0.95\r\n"
        "c,failed_share,share,0.1,,,\r\n");
}

TEST_CASE("sheet: csv without a sweep has no column for it") {
  Sheet sheet;
  sheet.rows = {{.at = {},
                 .figure = "offered",
                 .kind = MetricKind::kRate,
                 .estimate = stats::single_value(1.0 / 3)}};
  CHECK(csv_text(sheet) ==
        "figure,unit,value,low,high,confidence\r\noffered,per_second,0.3333333333333333,,,\r\n");
}

TEST_CASE("sheet: markdown escapes what would end a cell or start markup") {
  CHECK(markdown_text(small_sheet()) ==
        "## Which \\<b> \\| policy?\n\n"
        "| policy | figure | value | low | high |\n"
        "| --- | --- | ---: | ---: | ---: |\n"
        "| a,\"b\" | response\\_time.mean | 1.5ms | 1.25ms | 1.75ms |\n"
        "| c | failed\\_share | 10% | | |\n"
        "\n"
        "| holds | expected | observed | why |\n"
        "| --- | --- | --- | --- |\n"
        "| yes | failed\\_share \\< 1% | 0% |  |\n"
        "| no | offered > 1/s | 0/s | R&D |\n"
        "| unsure | offered > 2/s | 2/s |  |\n");
}

TEST_CASE("sheet: in junit a no is a failure and a doubt is an error, and both say what was seen") {
  CHECK(junit_text(small_sheet()) ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites tests=\"3\" failures=\"1\" errors=\"1\">\n"
        "  <testsuite name=\"Which &lt;b&gt; | policy?\" tests=\"3\" failures=\"1\" errors=\"1\">\n"
        "    <testcase classname=\"Which &lt;b&gt; | policy?\" name=\"failed_share &lt; 1%\"/>\n"
        "    <testcase classname=\"Which &lt;b&gt; | policy?\" name=\"offered &gt; 1/s\">\n"
        "      <failure type=\"failed\" message=\"0/s\">expected: offered &gt; 1/s&#10;observed: "
        "0/s&#10;why: R&amp;D</failure>\n"
        "    </testcase>\n"
        "    <testcase classname=\"Which &lt;b&gt; | policy?\" name=\"offered &gt; 2/s\">\n"
        "      <error type=\"inconclusive\" message=\"2/s\">expected: offered &gt; 2/s&#10;"
        "observed: 2/s</error>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n");
}

TEST_CASE("sheet: a character that XML has no form for is replaced") {
  Sheet sheet;
  sheet.checks = {{.expect = "a\x01z", .why = "", .observed = "", .passed = true}};
  CHECK(junit_text(sheet).contains("name=\"a\uFFFDz\""));
  CHECK(junit_text(sheet).contains("<testsuite name=\"scenario\""));
}

}  // namespace
}  // namespace headgate::report
