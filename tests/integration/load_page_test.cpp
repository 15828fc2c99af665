// The page of `loadgen run --html` and `loadgen report --html`, as a browser sees it: every chart
// is drawn, nothing complains, nothing is fetched, and the figures are those of the result.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "support/browser.hpp"
#include "support/faulty_server.hpp"
#include "support/loadgen.hpp"

namespace headgate::test {
namespace {

std::set<std::string> charts(const std::string& dom, const std::string& rest) {
  std::set<std::string> found;
  const std::regex regex(R"(<figure [^>]*data-chart="([a-z]+)\")" + rest);
  for (std::sregex_iterator match(dom.begin(), dom.end(), regex), end; match != end; ++match) {
    found.insert((*match)[1]);
  }
  return found;
}

std::string whole_number(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, "\u202f");
  return text;
}

TEST_CASE("load page: every chart is drawn from one file, and it says what the result says") {
  const FaultyServer server;
  TestUpstream upstream{{"--time", "exponential:2ms", "--workers", "16"}};
  const TempDir directory;
  const std::string page = directory.path() + "/page.html";
  const LoadResult result =
      run_load({"--url", upstream.url(), "--url", "http://" + server.address() + "/500", "-R",
                "600/s", "-d", "3s", "-c", "16", "--html", page, "--expect",
                "response_time.p50 < 10s", "--expect", "failed_share < 1%"});
  REQUIRE(result.total("ok") > 300);
  // The page counts what it loads; its content policy would not let it load anything.
  const std::string counted = directory.write(
      "counted.html", read_file(page) +
                          "<script>addEventListener('load', () => document.body.dataset.loaded = "
                          "performance.getEntriesByType('resource').length)</script>");
  const Ended seen = browse(directory, counted);
  CAPTURE(seen.err);
  CHECK_FALSE(seen.err.contains("CONSOLE"));
  CHECK_FALSE(seen.out.contains("data-error="));
  CHECK(seen.out.contains("data-loaded=\"0\""));
  CHECK(seen.out.contains("Content-Security-Policy"));
  const std::set<std::string> expected{"rate", "latency", "heat", "curves", "errors"};
  CHECK(charts(seen.out, "") == expected);
  CHECK(charts(seen.out, "[^>]* data-rendered=\"yes\"") == expected);
  CHECK(seen.out.contains(whole_number(result.total("scheduled")) + " scheduled = "));
  CHECK(seen.out.contains("failed_share &lt; 1%"));
  CHECK(seen.out.contains("not as expected"));
  CHECK(seen.out.contains("answers 5xx"));
}

TEST_CASE("load page: a run in which nothing was served has a page too, and text stays text") {
  const FaultyServer server;
  const TempDir directory;
  const std::string page = directory.path() + "/page.html";
  LoadResult result = run_load({"--url", "http://" + server.address() + "/500", "-n", "10"});
  result.json["load"] = "</script><b>bold</b>";
  const std::string stored = directory.write("r.json", result.json.dump());
  const Ended ended = loadgen({"report", stored, "--html", page});
  REQUIRE(ended.err.empty());
  const Ended seen = browse(directory, page);
  CAPTURE(seen.err);
  CHECK_FALSE(seen.err.contains("CONSOLE"));
  CHECK_FALSE(seen.out.contains("data-error="));
  CHECK(charts(seen.out, "[^>]* data-rendered=\"yes\"") == charts(seen.out, ""));
  CHECK(charts(seen.out, "").contains("errors"));
  CHECK(seen.out.contains("&lt;/script&gt;&lt;b&gt;bold&lt;/b&gt;"));
}

}  // namespace
}  // namespace headgate::test
