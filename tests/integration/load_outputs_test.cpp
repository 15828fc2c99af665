// The files that `loadgen run`, `report` and `merge` write, read back with parsers that are not
// ours, and what happens when one cannot be written.
#include <catch2/catch.hpp>
#include <filesystem>
#include <regex>

#include "support/faulty_server.hpp"
#include "support/loadgen.hpp"

namespace headgate::test {
namespace {

// What the files say must be the same: counts and values are compared with the JSON document.
constexpr const char* kOutputsReader = R"(
import csv, json, re, sys, xml.etree.ElementTree as tree
base = sys.argv[1]
doc = json.load(open(base + '.json'))
rows = list(csv.DictReader(open(base + '.csv', newline='')))
assert len(rows) == len(doc['series'])
for row, second in zip(rows, doc['series']):
    for key in row:
        assert row[key] == '' and key not in second or row[key] == '' and second['response_max_ns'] == 0 \
            or float(row[key]) == float(second[key]), (key, row, second)
for key in ('ok', 'refused', 'failed', 'timed_out', 'scheduled'):
    assert sum(int(row[key]) for row in rows) == doc['totals'][key], key

suite = tree.parse(base + '.xml').getroot().find('testsuite')
names = [case.get('name') for case in suite.findall('testcase')]
assert names == ['the measurement is valid'] + [e['expect'] for e in doc['expect']]
failures = [case.get('name') for case in suite.findall('testcase') if case.find('failure') is not None]
if doc['verdict'] == 'valid':
    assert failures == [e['expect'] for e in doc['expect'] if not e['passed']], failures
else:
    assert failures == ['the measurement is valid']

samples = {}
typed = set()
for line in open(base + '.prom'):
    if line.startswith('#'):
        kind, name = line.split()[1:3]
        if kind == 'TYPE': typed.add(name)
        continue
    match = re.fullmatch(r'([a-zA-Z_][a-zA-Z0-9_]*)((?:\{[a-z]+="(?:[^"\\]|\\.)*"(?:,[a-z]+="(?:[^"\\]|\\.)*")*\})?) (\S+)\n', line)
    assert match, line
    family = re.sub('_(sum|count)$', '', match[1]) if match[1] not in typed else match[1]
    assert family in typed, line
    samples[match[1] + match[2]] = float(match[3])
p = 'headgate_load_'
for outcome in ('ok', 'refused', 'failed', 'timed_out', 'in_flight', 'not_sent'):
    assert samples[p + 'requests_total{outcome="%s"}' % outcome] == doc['totals'][outcome]
for timing in ('response_time', 'service_time', 'send_lag', 'connect_time', 'first_byte_time'):
    seconds = p + timing + '_seconds'
    assert samples[seconds + '_count'] == doc[timing]['count']
    assert abs(samples[seconds + '_sum'] - doc[timing]['mean_ns'] * doc[timing]['count'] / 1e9) < 1e-9
    assert abs(samples[seconds + '{quantile="0.99"}'] - doc[timing]['p99_ns'] / 1e9) < 1e-12
assert samples[p + 'valid'] == (doc['verdict'] == 'valid')
assert samples[p + 'throughput_per_second'] == doc['throughput_per_s']
for status, count in doc['statuses'].items():
    assert samples[p + 'responses_total{code="%s"}' % status] == count

lines = open(base + '.hgrm').read().split('\n')
assert lines[0].split() == ['Value', 'Percentile', 'TotalCount', '1/(1-Percentile)']
values = [line.split() for line in lines[2:] if line and not line.startswith('#')]
assert int(values[-1][2]) == doc['response_time']['count'] and float(values[-1][1]) == 1
median = next(float(v[0]) for v in values if float(v[1]) == 0.5)
assert abs(median - doc['response_time']['p50_ns'] / 1e6) <= 0.0006, (median, doc['response_time'])

log = [line for line in open(base + '.hlog') if not line.startswith(('#', '"'))]
assert len(log) == len(doc['series'])
for i, line in enumerate(log):
    start, length, greatest, text = line.split(',')
    assert float(start) == i and float(length) == 1 and text.startswith('HISTFAAAA')
    assert abs(float(greatest) - doc['series'][i]['response_max_ns'] / 1e6) <= 0.0006
print('agree')
)";

Argv every_output(const std::string& base) {
  return {"--json",       base + ".json", "--csv",        base + ".csv", "--hgrm",
          base + ".hgrm", "--hlog",       base + ".hlog", "--junit",     base + ".xml",
          "--prometheus", base + ".prom", "--html",       base + ".html"};
}

TEST_CASE("outputs: every form says what the result says, to parsers of others, now and later") {
  const FaultyServer faulty;
  TestUpstream upstream{{"--time", "exponential:2ms", "--workers", "16"}};
  const TempDir dir;
  const std::string base = dir.path() + "/now";
  Argv flags{"run",
             "--url",
             upstream.url(),
             "--url",
             "http://" + faulty.address() + "/429",
             "-R",
             "500/s",
             "-d",
             "2s",
             "-c",
             "16",
             "--expect",
             "refused_share < 1%",
             "--expect",
             "response_time.p50 < 10s"};
  for (const std::string& flag : every_output(base)) flags.push_back(flag);
  const Ended ended = loadgen(flags);
  CAPTURE(ended.err);
  // An expectation of it may fail.
  CHECK((went_through(ended.exit_code) || ended.exit_code == 1));
  const Ended read = run({"python3", "-c", kOutputsReader, base});
  CAPTURE(read.err);
  CHECK(read.out == "agree\n");

  // Later, from the stored result: the very same bytes, and the same page of text.
  Argv report{"report", base + ".json"};
  const std::string again = dir.path() + "/later";
  for (const std::string& flag : every_output(again)) report.push_back(flag);
  const Ended reported = loadgen(report);
  CHECK(reported.exit_code == ended.exit_code);
  CHECK(reported.out == ended.out);
  for (const char* ending : {".json", ".csv", ".hgrm", ".hlog", ".xml", ".prom", ".html"}) {
    CAPTURE(ending);
    CHECK(read_file(again + ending) == read_file(base + ending));
  }
}

TEST_CASE("outputs: a file that cannot be written is exit 2, and nothing else is lost") {
  TestUpstream upstream;
  const TempDir dir;
  for (const char* flag :
       {"--json", "--csv", "--hgrm", "--hlog", "--prometheus", "--junit", "--html"}) {
    CAPTURE(flag);
    const std::string other = dir.path() + "/other";
    const char* other_flag = std::string{flag} == "--json" ? "--csv" : "--json";
    const Ended full =
        loadgen({"run", "--url", upstream.url(), "-n", "5", flag, "/dev/full", other_flag, other});
    CHECK(full.exit_code == 2);
    CHECK_THAT(full.err, Catch::Contains("loadgen: /dev/full: "));
    CHECK_THAT(full.out, Catch::Contains("5 scheduled"));
    CHECK(std::filesystem::remove(other));
    // A folder that is missing is known before the run, which then is not made.
    const std::string nowhere = dir.path() + "/no/such";
    const Ended missing = loadgen({"run", "--url", upstream.url(), "-n", "5", flag, nowhere});
    CHECK(missing.exit_code == 2);
    CHECK_THAT(missing.err, Catch::Contains("loadgen: " + nowhere + ": "));
    CHECK(missing.out.empty());
  }
  CHECK(upstream.stop() == 35);
}

TEST_CASE("report: what is no result is exit 2 with file and place; expectations can be new") {
  TestUpstream upstream;
  const TempDir dir;
  const std::string file = dir.path() + "/r.json";
  CHECK(went_through(
      loadgen({"run", "--url", upstream.url(), "-n", "50", "--json", file}).exit_code));
  CHECK_THAT(loadgen({"report", file, "--expect", "throughput < 1/s"}).out,
             Catch::Contains("FAILED"));
  CHECK(loadgen({"report", file, "--expect", "throughput"}).exit_code == 2);
  CHECK(loadgen({"report", dir.path() + "/none.json"}).exit_code == 2);
  auto json = nlohmann::json::parse(read_file(file));
  json["totals"]["failed"] = 3;
  const Ended ended = loadgen({"report", dir.write("bad.json", json.dump())});
  CHECK(ended.exit_code == 2);
  CHECK_THAT(ended.err, Catch::Contains("bad.json:/totals: do not add up"));
}

TEST_CASE("merge: two generators are one, exactly") {
  TestUpstream upstream{{"--time", "exponential:1ms", "--workers", "8"}};
  const TempDir dir;
  const std::string whole = dir.path() + "/all.json";
  stats::Histogram expected;
  std::uint64_t ok = 0;
  Argv merge{"merge"};
  for (const char* seed : {"1", "2"}) {
    const std::string file = dir.path() + "/" + seed + ".json";
    CHECK(went_through(loadgen({"run", "--url", upstream.url(), "-n", "300", "-c", "4", "--seed",
                                seed, "--json", file})
                           .exit_code));
    const auto json = nlohmann::json::parse(read_file(file));
    ok += json["totals"]["ok"].get<std::uint64_t>();
    expected.merge(
        stats::Histogram::decode(json["response_time"]["hdr"].get<std::string>()).value());
    merge.push_back(file);
  }
  merge.insert(merge.end(), {"--json", whole});
  const Ended ended = loadgen(merge);
  CHECK(went_through(ended.exit_code));
  CHECK_THAT(ended.out, Catch::Contains("2 generators, each closed loop"));
  const auto json = nlohmann::json::parse(read_file(whole));
  CHECK(json["totals"]["ok"] == ok);
  CHECK(json["response_time"]["hdr"] == expected.encode());
  CHECK(loadgen({"merge", whole, dir.path() + "/none.json"}).exit_code == 2);
}

TEST_CASE("compare: a prediction stands beside its measurement, with differences in percent") {
  const TempDir dir;
  const auto load = [&dir](const char* name, std::uint64_t ok) {
    TestUpstream upstream;
    const LoadResult result = run_load({"--url", upstream.url(), "-n", std::to_string(ok)});
    return dir.write(name, result.json.dump());
  };
  const std::string measured = load("measured.json", 50);
  const auto estimate = [](double value) {
    return nlohmann::json{
        {"value", value}, {"low", value / 2}, {"high", value * 2}, {"confidence", 0.95}};
  };
  const auto json = nlohmann::json::parse(read_file(measured));
  nlohmann::json points = nlohmann::json::array();
  for (const double at : {0.5, 0.9}) {
    points.push_back(
        {{"at", {{"load", at}}},
         {"throughput", estimate(json["throughput_per_s"].get<double>() * (at < 0.6 ? 2 : 4))},
         {"refused_share", estimate(0.25)},
         {"response_time", {{"p50_ns", estimate(json["response_time"]["p50_ns"])}}}});
  }
  const std::string predicted = dir.write(
      "predicted.json", nlohmann::json{{"format", "headgate.sim/1"}, {"points", points}}.dump());
  const std::string out = dir.path() + "/c.json";
  const Ended ended = loadgen({"compare", predicted, measured, "--at", "load=0.5", "--json", out});
  CAPTURE(ended.err);
  CHECK(ended.exit_code == 0);
  CHECK_THAT(ended.out, Catch::Contains("predicted at load=0.5") && Catch::Contains("measured") &&
                            Catch::Contains("-50.0 %") && Catch::Contains("-25.0 points") &&
                            Catch::Contains("+0.0 %"));
  const auto compared = nlohmann::json::parse(read_file(out));
  CHECK(compared["metrics"]["throughput"]["difference"] == Approx(-0.5));
  CHECK(compared["metrics"]["response_time.p50"]["difference"] == 0);
  CHECK(compared["metrics"].size() == 3);  // what both have

  const Ended open = loadgen({"compare", predicted, measured});
  CHECK(open.exit_code == 2);
  CHECK_THAT(open.err, Catch::Contains("--at: load=0.5; load=0.9"));
  const Ended nowhere = loadgen({"compare", predicted, measured, "--at", "load=0.7"});
  CHECK(nowhere.exit_code == 2);
  CHECK_THAT(nowhere.err, Catch::Contains("no point at load=0.7"));
  CHECK(loadgen({"compare", measured, measured}).exit_code == 0);
  CHECK(loadgen({"compare", measured, dir.write("x.json", "{}")}).exit_code == 2);
  CHECK(loadgen({"compare", measured, measured, "--json", "/dev/full"}).exit_code == 2);
}

TEST_CASE("run: with --progress a pipe gets one plain line a second, and without it nothing") {
  TestUpstream upstream;
  const Ended ended =
      loadgen({"run", "--url", upstream.url(), "-R", "100/s", "-d", "2300ms", "--progress"});
  CHECK(went_through(ended.exit_code));
  const std::regex lines{
      "1 s  [0-9.]+/s  p50 \\S+  p99 \\S+  max \\S+\n2 s  [0-9.]+/s  p50 \\S+  p99 \\S+  max "
      "\\S+\n"};
  CAPTURE(ended.err);
  CHECK(std::regex_match(ended.err, lines));
  CHECK_FALSE(ended.err.contains('\x1b'));
}

TEST_CASE("run: a terminal is drawn on in place, without colours if they are not wanted") {
  TestUpstream upstream;
  const TempDir dir;
  const std::string command_line = "env NO_COLOR=1 TERM=xterm " + command("loadgen") +
                                   " run --url " + upstream.url() + " -R 100/s -d 1300ms";
  // script(1) gives the command a terminal.
  const Ended ended = run({"script", "-qec", command_line, dir.path() + "/typescript"});
  CHECK(went_through(ended.exit_code));
  CHECK_THAT(ended.out, Catch::Contains("\x1b[4A") && Catch::Contains("█") &&
                            Catch::Contains("1 s left") && Catch::Contains("no errors"));
  CHECK_FALSE(ended.out.contains("\x1b[38"));
  CHECK_FALSE(ended.out.contains("\x1b[3"));
}

TEST_CASE("report and merge: every example of their help works") {
  TestUpstream upstream;
  const TempDir dir;
  for (const char* name : {"result", "a", "b"}) {
    CHECK(went_through(loadgen({"run", "--url", upstream.url(), "-n", "20", "--json",
                                dir.path() + "/" + name + ".json"})
                           .exit_code));
  }
  int examples = 0;
  for (const char* name : {"report", "merge"}) {
    for (const std::string& example : examples_of(name)) {
      CAPTURE(example);
      const Ended ended = run_example(dir, example);
      CHECK((went_through(ended.exit_code) || ended.exit_code == 1));
      CHECK(ended.err.empty());
      ++examples;
    }
  }
  CHECK(examples == 5);
}

}  // namespace
}  // namespace headgate::test
