// The page of `sim run --html`, as a browser sees it: every chart is drawn, nothing complains, and
// nothing is fetched.
#include <algorithm>
#include <catch2/catch.hpp>
#include <regex>
#include <set>
#include <string>

#include "support/browser.hpp"

namespace headgate {
namespace {

using test::browse;
using test::Ended;
using test::TempDir;

// Two dimensions, one of them a number; load that goes up and down; a fault; several targets.
constexpr const char* kScenario = R"(
question: 'Does </script><b>every chart</b> appear?'
arrivals: {stages: [{poisson: 100/s, for: 10s}, {poisson: 700/s, for: 10s}, {poisson: 100/s, for: 10s}]}
services:
  orders:
    targets: 3
    queue: 50
    time: {exponential: 5ms}
    balance: {policy: random}
clients: {timeout: 200ms}
faults: [{at: 10s, for: 5s, target: orders/0, slow: 4}]
sweep:
  policy: {path: services.orders.balance.policy, values: [random, two_choices]}
  queue: {path: services.orders.queue, values: [5, 50]}
run: {duration: 30s, warmup: 3s, replications: 3, seed: 1}
expect:
- "response_time.mean: two_choices < random at queue=50"
- response_time.mean = 5ms within 1% at policy=random,queue=5
)";

// One load that stays: here the warm-up is looked for.
constexpr const char* kSteady = R"(
arrivals: {poisson: 80/s}
services: {s: {time: {exponential: 10ms}}}
run: {jobs: 3k, replications: 2, seed: 1}
)";

std::string page_of(const TempDir& directory, const std::string& scenario) {
  const std::string file = directory.write("s.yaml", scenario);
  std::string page = directory.path() + "/page.html";
  const Ended ended = test::run({test::command("sim"), "run", file, "--html", page});
  CAPTURE(ended.err);
  REQUIRE((ended.exit_code == 0 || ended.exit_code == 1 || ended.exit_code == 3));
  return page;
}

std::set<std::string> charts(const std::string& dom, const std::string& pattern) {
  std::set<std::string> found;
  const std::regex regex(pattern);
  for (std::sregex_iterator match(dom.begin(), dom.end(), regex), end; match != end; ++match) {
    found.insert((*match)[1]);
  }
  return found;
}
std::set<std::string> all_charts(const std::string& dom) {
  return charts(dom, R"(<figure [^>]*data-chart="([a-z]+)\")");
}
std::set<std::string> drawn_charts(const std::string& dom) {
  return charts(dom, R"(<figure [^>]*data-chart="([a-z]+)\"[^>]* data-rendered="yes")");
}

// Adds a script that says how many things the page has loaded beside itself.
std::string with_count(const TempDir& directory, const std::string& page,
                       const std::string& element) {
  return directory.write(
      "counted.html", test::read_file(page) + element +
                          "<script>addEventListener('load', () => document.body.dataset.loaded = "
                          "performance.getEntriesByType('resource').length)</script>");
}

TEST_CASE("page: every chart is drawn, and the browser has nothing to complain of") {
  const TempDir directory;
  const std::string page = page_of(directory, kScenario);
  const Ended seen = browse(directory, page);
  const auto complaints = std::regex_search(seen.err, std::regex("CONSOLE"));
  CAPTURE(seen.err);
  CHECK_FALSE(complaints);
  CHECK_FALSE(seen.out.contains("data-error="));
  const std::set<std::string> expected{"against", "map",      "differences", "curves",
                                       "flow",    "response", "system",      "queues",
                                       "loop",    "sankey",   "replay"};
  CHECK(all_charts(seen.out) == expected);
  CHECK(drawn_charts(seen.out) == expected);
  // Text stays text, in the title and in the data.
  CHECK(seen.out.contains("<h1>Does &lt;/script&gt;&lt;b&gt;every chart&lt;/b&gt; appear?</h1>"));
}

TEST_CASE("page: a steady run shows its warm-up, and no loop or map") {
  const TempDir directory;
  const Ended seen = browse(directory, page_of(directory, kSteady));
  const std::set<std::string> expected{"curves", "flow",   "response", "system",
                                       "queues", "sankey", "warmup",   "replay"};
  CHECK(all_charts(seen.out) == expected);
  CHECK(drawn_charts(seen.out) == expected);
  CHECK_FALSE(seen.err.contains("CONSOLE"));
}

TEST_CASE("page: nothing is loaded from anywhere, and its policy forbids it") {
  const TempDir directory;
  const std::string page = page_of(directory, kSteady);
  const std::string picture = "<img src='http://127.0.0.1:18089/none.png'>";
  const Ended alone = browse(directory, with_count(directory, page, ""));
  CHECK(alone.out.contains("data-loaded=\"0\""));
  const Ended asked = browse(directory, with_count(directory, page, picture));
  CHECK(asked.err.contains("Content Security Policy"));
  // The count is no blind one: a page without the policy does load the picture.
  const std::string plain = directory.write("plain.html", "<body>");
  CHECK(browse(directory, with_count(directory, plain, picture)).out.contains("data-loaded=\"1\""));
}

TEST_CASE("page: a script that fails is seen by these tests") {
  const TempDir directory;
  std::string text = test::read_file(page_of(directory, kSteady));
  const std::string call = "\nbuild();\n";
  REQUIRE(text.contains(call));
  text.replace(text.rfind(call), call.size(), "\nbuild(); nothing.at.all();\n");
  const Ended seen = browse(directory, directory.write("broken.html", text));
  CHECK(seen.err.contains("CONSOLE"));
  CHECK(seen.out.contains("data-error="));
}

}  // namespace
}  // namespace headgate
