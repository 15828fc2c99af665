#include "headgate/arrival/catalog.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "headgate/stats/histogram.hpp"

namespace headgate::arrival {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Distribution parsed(std::string_view text) {
  const auto distribution = parse_distribution(text);
  INFO(text);
  if (!distribution) FAIL(distribution.error().why);
  return *distribution;
}

std::string why_not(std::string_view text) {
  const auto distribution = parse_distribution(text);
  INFO(text);
  REQUIRE_FALSE(distribution);
  CHECK(distribution.error().code == Errc::kInvalidArgument);
  CHECK(distribution.error().where == text);
  return distribution.error().why;
}

TEST_CASE("catalog: every example with a flag form parses, and names its own entry") {
  for (const Entry& entry : distribution_catalog()) {
    CAPTURE(entry.name);
    CHECK_FALSE(entry.doc.empty());
    if (entry.example.starts_with("{")) {
      CHECK(entry.example.starts_with("{" + std::string{entry.name} + ": "));
      continue;
    }
    CHECK(entry.example.starts_with(std::string{entry.name} + ":"));
    CHECK(parse_distribution(entry.example));
  }
}

TEST_CASE("flag form: each distribution has the moments that its text says") {
  CHECK(parsed("exponential:10ms").mean_ns() == 10e6);
  CHECK(parsed("exponential:10ms").cv2() == Approx(1));
  CHECK(parsed("exponential:mean=10ms").mean_ns() == 10e6);
  CHECK(parsed("constant:10ms").cv2() == 0);
  CHECK(parsed("10ms").mean_ns() == 10e6);
  CHECK(parsed("10ms").cv2() == 0);
  CHECK(parsed("uniform:5ms..15ms").mean_ns() == 10e6);
  CHECK(parsed("uniform:5ms,15ms").mean_ns() == 10e6);
  CHECK(parsed("uniform:high=15ms,low=5ms").mean_ns() == 10e6);
  CHECK(parsed("lognormal:mean=10ms,cv=2").cv2() == Approx(4));
  CHECK(parsed("lognormal:p50=8ms,p99=60ms").mean_ns() > 8e6);
  CHECK(parsed("erlang:mean=10ms,stages=4").cv2() == Approx(0.25));
  CHECK(parsed("hyperexponential:mean=10ms,cv2=4").cv2() == Approx(4));
  CHECK(parsed("weibull:mean=10ms,shape=0.5").cv2() == Approx(5));
  CHECK(parsed("gamma:mean=10ms,cv2=0.5").cv2() == Approx(0.5));
  // 1 + cv² of the Pareto with exponent 1.5 from 3.396 ms to 10 s, see family_test.
  CHECK(parsed("pareto:mean=10ms,shape=1.5,max=10s").cv2() == Approx(17.4279455787));
}

TEST_CASE("flag form: an error names the option and what is wrong with it") {
  CHECK(why_not("exponental:10ms") == "exponental is no distribution; did you mean 'exponential'?");
  CHECK(why_not("zeta:10ms").find("there are constant, exponential") != std::string::npos);
  CHECK(why_not("exponential:10").starts_with("mean '10' has no unit; write it like 250us"));
  CHECK(why_not("exponential") == "mean is missing");
  CHECK(why_not("exponential:0ms") == "mean must be above 0");
  CHECK(why_not("exponential:10ms,20ms") == "must be written like exponential:10ms");
  CHECK(why_not("uniform:5ms") == "high is missing");
  CHECK(why_not("uniform:15ms,5ms") == "high must not be below low");
  CHECK(why_not("lognormal:10ms,2") == "must be written like lognormal:mean=10ms,cv=2");
  CHECK(why_not("lognormal:mean=10ms") == "cv is missing");
  CHECK(why_not("lognormal:mean=10ms,p99=20ms") == "takes either mean and cv or p50 and p99");
  CHECK(why_not("lognormal:mean=10ms,vc=2") == "vc is no option of lognormal; did you mean 'cv'?");
  CHECK(why_not("lognormal:mean=10ms,mean=2ms") == "mean comes twice");
  CHECK(why_not("lognormal:mean=10ms,cv=x").starts_with("cv 'x' must be a number"));
  CHECK(why_not("erlang:mean=10ms,stages=2.5").starts_with("stages '2.5' "));
  CHECK(why_not("erlang:mean=10ms,stages=0") == "stages must be from 1 to 1000");
  CHECK(why_not("erlang:10ms,4") == "must be written like erlang:mean=10ms,stages=4");
  CHECK(why_not("hyperexponential:mean=10ms,cv2=0.5") ==
        "cv2 must be from 1 to 10000; below 1, take erlang or gamma");
  CHECK(why_not("pareto:mean=10ms,shape=1.5") == "max is missing");
  CHECK(why_not("pareto:mean=10ms,shape=1.5,max=5ms") == "max must be above the mean");
  CHECK(why_not("mix:10ms").find("document") != std::string::npos);
  CHECK(why_not("").find("there are") != std::string::npos);
  CHECK(why_not(":").find("there are") != std::string::npos);
}

TEST_CASE("catalog: what a document writes as a map, a list or a scalar is one distribution") {
  const std::vector<Argument> scalar = {{.name = "", .text = "10ms"}};
  const std::vector<Argument> map = {{.name = "mean", .text = "10ms"}};
  CHECK(make_distribution("exponential", scalar).value().mean_ns() == 10e6);
  CHECK(make_distribution("exponential", map).value().mean_ns() == 10e6);
  const auto wrong = make_distribution("exponential", std::vector<Argument>{{"median", "10ms"}});
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().where == "median");
}

TEST_CASE("catalog: arrivals by name take a rate from above zero to one per nanosecond") {
  const Rate rate{.count = 300, .per = seconds{1}};
  CHECK(make_arrivals("poisson", rate).value().rate() == rate);
  CHECK(make_arrivals("constant", rate).value().rate() == rate);
  CHECK_FALSE(make_arrivals("poisson", Rate{.count = 0, .per = seconds{1}}));
  CHECK(make_arrivals("poisson", Rate{.count = 1'000'000'000, .per = seconds{1}}));
  CHECK_FALSE(make_arrivals("poisson", Rate{.count = 1'000'000'001, .per = seconds{1}}));
  CHECK_FALSE(make_arrivals("closed", rate));
  CHECK(make_arrivals("sine", rate).error().why ==
        "can only be written in a document: {sine: {mean: 300/s, amplitude: 200/s, period: 60s}}");
  const auto slip = make_arrivals("poison", rate);
  REQUIRE_FALSE(slip);
  CHECK(slip.error().why == "is no arrivals; did you mean 'poisson'?");
  for (const Entry& entry : arrivals_catalog()) CHECK(find_arrivals(entry.name));
}

TEST_CASE("catalog: help shows each distribution that a flag can say, and the open arrivals") {
  CHECK(distribution_examples() ==
        "constant:10ms, exponential:10ms, uniform:5ms,15ms, erlang:mean=10ms,stages=4, "
        "hyperexponential:mean=10ms,cv2=4, lognormal:mean=10ms,cv=2, weibull:mean=10ms,shape=0.5, "
        "gamma:mean=10ms,cv2=0.5, pareto:mean=10ms,shape=1.5,max=10s");
  CHECK(open_arrivals() == std::vector<std::string>{"poisson", "constant"});
}

TEST_CASE("recorded samples: durations a line, comments and further columns aside") {
  const auto distribution = read_distribution("samples", "# from production\n10ms\n\n30ms,x\r\n");
  REQUIRE(distribution);
  CHECK(distribution->mean_ns() == 20e6);
  const auto bare = read_distribution("samples", "response_ns,status\n100,200\n300,200");
  REQUIRE(bare);
  CHECK(bare->mean_ns() == 200);
}

TEST_CASE("recorded samples: a wrong line is named") {
  const auto no_unit = read_distribution("samples", "10ms\n20\n");
  REQUIRE_FALSE(no_unit);
  CHECK(no_unit.error().where == "line 2");
  CHECK(no_unit.error().why.find("no unit") != std::string::npos);
  CHECK(read_distribution("samples", "time\n10ms\n").value().mean_ns() == 10e6);
  CHECK_FALSE(read_distribution("samples", "20\n10ms\n"));  // no heading: a unit left out
  CHECK_FALSE(read_distribution("samples", "10ms\ntime\n"));
  CHECK_FALSE(read_distribution("samples", "t_ns\n1.5\n"));
  CHECK_FALSE(read_distribution("samples", "t_ns\n-1\n"));
  CHECK_FALSE(read_distribution("samples", ""));
  CHECK_FALSE(read_distribution("exponential", "10ms"));
}

TEST_CASE("recorded histogram: all rows of a log together, or base64 alone") {
  stats::Histogram one;
  one.record_n(std::chrono::nanoseconds{1000}, 3);
  stats::Histogram two;
  two.record(std::chrono::nanoseconds{2000});
  const std::string log =
      "#[Histogram log format version 1.3]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
      "\"Interval_Compressed_Histogram\"\n"
      "0.000,1.000,0.001," +
      one.encode() + "\nTag=b,1.000,1.000,0.002," + two.encode() + "\n";
  const auto distribution = read_distribution("histogram", log);
  REQUIRE(distribution);
  CHECK(distribution->mean_ns() == 1250);
  CHECK(read_distribution("histogram", two.encode()).value().mean_ns() == 2000);
  const auto wrong = read_distribution("histogram", "#\n0,1,2,HISTFAAAA");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().where == "line 2");
  CHECK_FALSE(read_distribution("histogram", "# nothing\n"));
}

}  // namespace
}  // namespace headgate::arrival
