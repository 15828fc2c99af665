// The files that `sim run` writes, read back with parsers that are not ours: Python's csv and xml.
#include <catch2/catch.hpp>
#include <string>

#include "support/process.hpp"

namespace headgate {
namespace {

using test::Argv;
using test::Ended;
using test::TempDir;

constexpr const char* kScenario = R"(
question: 'Is "half", <a load>, & more?'
arrivals: {poisson: 50/s}
services: {s: {time: {exponential: 10ms}}}
sweep: {load: [0.5, 0.8]}
run: {jobs: 2k, replications: 5, seed: 3}
expect:
- {expect: "response_time.mean: 0.5 < 0.8", why: "a & b < c"}
- response_time.mean < 1ns at load=0.5
)";

// What the four files say must be the same: counts and values are compared with the JSON document.
constexpr const char* kReader = R"(
import csv, json, sys, xml.etree.ElementTree as tree
folder = sys.argv[1]
doc = json.load(open(folder + '/r.json'))
rows = list(csv.DictReader(open(folder + '/r.csv', newline='')))
assert [r for r in rows[0]] == ['load', 'figure', 'unit', 'value', 'low', 'high', 'confidence']
for point in doc['points']:
    here = {r['figure']: r for r in rows if float(r['load']) == point['at']['load']}
    for figure, part in (('response_time.mean', point['response_time']['mean_ns']),
                         ('response_time.p99', point['response_time']['p99_ns']),
                         ('offered', point['offered']),
                         ('services.s.utilisation', point['services']['s']['utilisation'])):
        for key in ('value', 'low', 'high', 'confidence'):
            assert float(here[figure][key]) == part[key], (figure, key)
    assert here['response_time.max']['low'] == ''
assert len(rows) % 2 == 0 and len(rows) > 30
suite = tree.parse(folder + '/r.xml').getroot().find('testsuite')
assert suite.get('name') == doc['question'] == 'Is "half", <a load>, & more?'
cases = suite.findall('testcase')
assert [c.get('name') for c in cases] == [e['expect'] for e in doc['expect']]
assert cases[0].find('failure') is None and cases[0].find('error') is None
failure = cases[1].find('failure')
assert failure.get('message') == doc['expect'][1]['observed']
assert 'observed: ' + doc['expect'][1]['observed'] in failure.text
table = [l for l in open(folder + '/r.md').read().split('\n') if l.startswith('|')]
figures = [l for l in table if l.startswith('| 0.')]
assert len(figures) == len(rows)
assert '| no | response\\_time.mean \\< 1ns at load=0.5 |' in '\n'.join(table)
print('agree')
)";

TEST_CASE("sim run: csv, markdown and junit say what the json says, to parsers of others") {
  const TempDir directory;
  const std::string file = directory.write("s.yaml", kScenario);
  const std::string base = directory.path() + "/r";
  const Ended ended =
      test::run({test::command("sim"), "run", file, "--json", base + ".json", "--csv",
                 base + ".csv", "--markdown", base + ".md", "--junit", base + ".xml"});
  CAPTURE(ended.err);
  CHECK(ended.exit_code == 1);
  const Ended read = test::run({"python3", "-c", kReader, directory.path()});
  CAPTURE(read.err);
  CHECK(read.out == "agree\n");
}

TEST_CASE("sim run: a file that cannot be written is an error that names it") {
  const TempDir directory;
  const std::string file = directory.write("s.yaml", kScenario);
  const std::string nowhere = directory.path() + "/no/such/r.csv";
  const Ended ended = test::run({test::command("sim"), "run", file, "--csv", nowhere});
  CHECK(ended.exit_code == 2);
  CHECK(ended.err.contains("sim: " + nowhere));
}

}  // namespace
}  // namespace headgate
