// Every flag of loadgen is used by a test, and what the long ones say reaches the far end. The far
// end is independent of the library and says what it was sent.
#include <sys/resource.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <regex>
#include <sstream>

#include "support/loadgen.hpp"
#include "support/scripted_upstream.hpp"

namespace headgate::test {
namespace {

using namespace std::chrono_literals;

// The rule: what `loadgen COMMAND --help` lists is on a command line of a test.

using Names = std::vector<std::string>;  // of one flag: {"-c", "--connections"}

std::vector<std::string> commands_of_loadgen() {
  const std::string help = loadgen({"--help"}).out;
  const std::regex line{"\n  ([a-z]+)  "};
  std::vector<std::string> commands;
  const std::string listed = help.substr(help.find("Subcommands:"));
  for (std::sregex_iterator i{listed.begin(), listed.end(), line}, end; i != end; ++i) {
    commands.push_back((*i)[1]);
  }
  return commands;
}

/// Without --help, which is used here on every command.
std::vector<Names> flags_in(const std::string& help) {
  const std::regex line{"\n  (-[^ \n]+)"};
  std::vector<Names> flags;
  for (std::sregex_iterator i{help.begin(), help.end(), line}, end; i != end; ++i) {
    Names names;
    std::istringstream words{(*i)[1]};
    for (std::string name; std::getline(words, name, ',');) names.push_back(name);
    if (std::ranges::find(names, "--help") == names.end()) flags.push_back(names);
  }
  return flags;
}

/// The text of a test without what only speaks of flags: comments, names of tests, and what
/// complaints are to contain.
std::string command_lines_of(const std::string& source) {
  const std::regex words{R"re(\n *//[^\n]*|TEST_CASE\("[^"]*"|Contains\("[^"]*")re"};
  return std::regex_replace(source, words, "");
}

/// Whether `word` is in `text`, alone in quotes or one of several words in them.
bool has_word(const std::string& text, const std::string& word) {
  constexpr std::string_view kBefore = "\" ";
  constexpr std::string_view kBehind = "\" =";
  for (std::size_t at = text.find(word, 1); at != std::string::npos; at = text.find(word, at + 1)) {
    const std::size_t behind = at + word.size();
    if (behind < text.size() && kBefore.contains(text[at - 1]) && kBehind.contains(text[behind])) {
      return true;
    }
  }
  return false;
}

bool uses(const std::string& source, const Names& flag) {
  return std::ranges::any_of(flag, [&](const std::string& name) { return has_word(source, name); });
}

/// Whether a test starts that command, itself or by what tests/support has for it.
bool starts(const std::string& source, const std::string& which) {
  if (which == "run" && source.contains("run_load(")) return true;
  if (which == "serve" && source.contains("TestUpstream")) return true;
  return has_word(source, which);
}

TEST_CASE("the rule: a flag counts where it is a word of a command line") {
  const Names flag{"-x", "--extra"};
  const auto counts = [&flag](const std::string& source) {
    return uses(command_lines_of(source), flag);
  };
  CHECK(counts("\nrun({\"--extra\", \"3\"})"));
  CHECK(counts("\nrun({\"--extra=3\"})"));
  CHECK(counts("\nsh(\"loadgen run -x 3\")"));
  CHECK_FALSE(counts("\nrun({\"--extras\"})"));
  CHECK_FALSE(counts("\n  // says --extra now\n"));
  CHECK_FALSE(counts("\nTEST_CASE(\"run: --extra is more\")"));
  CHECK_FALSE(counts("\nCHECK_THAT(err, Contains(\"--extra\"))"));
  CHECK(flags_in("Options:\n  -x,--extra TEXT  more\n  -h,--help  this\n") ==
        std::vector<Names>{flag});
}

TEST_CASE("flags: every flag of every command is used by a test of that command") {
  std::vector<std::string> sources;
  const std::filesystem::path folder{HG_SOURCE_DIR "/tests/integration"};
  for (const auto& entry : std::filesystem::recursive_directory_iterator{folder}) {
    if (!entry.is_regular_file()) continue;
    sources.push_back(command_lines_of(read_file(entry.path().string())));
  }
  const std::vector<std::string> commands = commands_of_loadgen();
  REQUIRE(std::ranges::find(commands, "run") != commands.end());
  REQUIRE(commands.size() >= 12);
  std::size_t flags = 0;
  for (const std::string& which : commands) {
    const Ended help = loadgen({which, "--help"});
    REQUIRE(help.exit_code == 0);
    for (const Names& flag : flags_in(help.out)) {
      CAPTURE(which, flag);
      CHECK(std::ranges::any_of(sources, [&](const std::string& source) {
        return starts(source, which) && uses(source, flag);
      }));
      ++flags;
    }
  }
  CHECK(flags >= 100);  // it was 128 when this was written: the help is read
}

// The long flags, as they arrive.

/// Whether every request came as the flags of `kSaid` say it.
const Argv kSaid{"--method", "PUT", "--header", "x-key: k1", "--body", "number {sequence}"};

void check_said(const ScriptedUpstream& upstream) {
  const std::vector<ReceivedRequest> received = upstream.received();
  REQUIRE_FALSE(received.empty());
  for (const ReceivedRequest& request : received) {
    CAPTURE(request.head, request.body);
    CHECK(request.line() == "PUT / HTTP/1.1");
    CHECK(request.field("x-key") == "k1");
    CHECK(request.body.starts_with("number "));
  }
}

Argv with_said(Argv argv) {
  argv.insert(argv.end(), kSaid.begin(), kSaid.end());
  return argv;
}

TEST_CASE("run: long flags say how many requests are sent, by how many connections, and what") {
  ScriptedUpstream upstream{hello()};
  const LoadResult result =
      run_load(with_said({"--url", upstream.url(), "--connections", "3", "--requests", "7"}));
  REQUIRE(result.json.is_object());
  CHECK(result.total("ok") == 7);
  CHECK(upstream.connections() == 3);
  check_said(upstream);
  std::vector<std::string> bodies;
  for (const ReceivedRequest& request : upstream.received()) bodies.push_back(request.body);
  std::ranges::sort(bodies);
  CHECK(bodies == std::vector<std::string>{"number 0", "number 1", "number 2", "number 3",
                                           "number 4", "number 5", "number 6"});
}

TEST_CASE("run: --rate and --duration say how many requests fall due") {
  ScriptedUpstream upstream{hello()};
  const LoadResult result = run_load({"--url", upstream.url(), "--rate", "50/s", "--duration",
                                      "200ms", "--threads", "1", "--timeout", "20s"});
  REQUIRE(result.json.is_object());
  CHECK(result.total("scheduled") == 10);
  CHECK(upstream.received().size() == 10);
}

/// What the processes that have ended since the last call took of the processors.
std::chrono::microseconds processors_taken() {
  static std::chrono::microseconds before{};
  rusage usage{};
  REQUIRE(getrusage(RUSAGE_CHILDREN, &usage) == 0);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
  };
  const std::chrono::microseconds now = of(usage.ru_utime) + of(usage.ru_stime);
  return now - std::exchange(before, now);
}

TEST_CASE("run: --spin says whether it stays awake between requests") {
  ScriptedUpstream upstream{hello()};
  const auto cost = [&upstream](const char* spin) {
    static_cast<void>(processors_taken());
    const LoadResult result =
        run_load({upstream.url(), "--rate", "10/s", "--requests", "6", "--spin", spin});
    REQUIRE(result.json.is_object());
    CHECK(upstream.received().size() % 6 == 0);
    return processors_taken();
  };
  // Half a second of waiting: asleep it costs nothing, awake what the machine has to give.
  const std::chrono::microseconds asleep = cost("never");
  CHECK(cost("always") > asleep + 50ms);
}

TEST_CASE("ab: long flags say how both sides are asked") {
  ScriptedUpstream a{hello()};
  ScriptedUpstream b{hello()};
  const Ended ended = loadgen(
      with_said({"ab", "--a", a.url(), "--b", b.url(), "--connections", "3", "--threads", "1",
                 "--rate", "400", "--slices", "4", "--slice-time", "30ms", "--warmup", "30ms"}));
  CAPTURE(ended.out, ended.err);
  CHECK(ended.exit_code > 2);  // four slices decide nothing
  for (const ScriptedUpstream* side : {&a, &b}) {
    check_said(*side);
    CHECK(side->connections() % 3 == 0);
  }
}

TEST_CASE("search: long flags say how the target is asked") {
  ScriptedUpstream upstream{hello()};
  const Ended ended = loadgen(with_said({"search", "--slo", "response_time.p99 < 20ms", "--url",
                                         upstream.url(), "--connections", "3", "--threads", "1",
                                         "--start-rate", "100", "--max-time", "300ms"}));
  CAPTURE(ended.out, ended.err);
  check_said(upstream);
  CHECK(upstream.connections() % 3 == 0);
}

TEST_CASE("bus: long flags say how many messages are published, how fast and for how long") {
  const TempDir dir;
  const auto totals_of = [&dir](const Argv& flags) {
    const std::string file = dir.path() + "/bus.json";
    Argv argv{"bus", "--store", "memory", "--json", file};
    argv.insert(argv.end(), flags.begin(), flags.end());
    const Ended ended = loadgen(argv);
    INFO(ended.out << ended.err);
    return nlohmann::json::parse(read_file(file));
  };
  CHECK(totals_of({"--messages", "700"})["totals"]["scheduled"] == 700);
  // A bare number is one a second, of every command's rates.
  CHECK(totals_of({"--rate", "1000", "--duration", "300ms"})["totals"]["scheduled"] == 300);
  const auto built = totals_of({"--backlog", "3k"});
  CHECK(built["backlog"]["built"] == 3000);
  CHECK(built["totals"]["scheduled"] == 3000);
}

TEST_CASE("doctor: long flags say what the run to come needs") {
  const auto json = nlohmann::json::parse(
      loadgen({"doctor", "--connections", "77", "--threads", "256", "--json"}).out);
  std::map<std::string, nlohmann::json> findings;
  for (const auto& finding : json["findings"]) findings[finding["what"]] = finding;
  CHECK_THAT(findings["descriptors"]["found"].get<std::string>(),
             Catch::EndsWith(" for 77 connections"));
  CHECK_THAT(findings["processors"]["advice"].get<std::string>(), Catch::Contains("--threads"));
}

}  // namespace
}  // namespace headgate::test
