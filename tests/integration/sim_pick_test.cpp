// `sim pick` as its users meet it: policies and traces worked by hand, and inputs that are none.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include "support/process.hpp"

namespace headgate {
namespace {

using test::Ended;
using test::TempDir;

const std::string kPolicies = HG_SOURCE_DIR "/scenarios/policies/";

Ended pick(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), {test::command("sim"), "pick"});
  return test::run(arguments);
}

std::string policy(const TempDir& directory, const std::string& balance) {
  return directory.write("policy.yaml", "balance: " + balance +
                                            "\ntargets: [{name: a, weight: 5}, {name: b}, "
                                            "{url: 'http://127.0.0.1:9001'}]\n");
}

TEST_CASE("sim pick: prints one target per request") {
  const TempDir directory;
  const Ended ended =
      pick({"--policy", policy(directory, "{policy: round_robin}"), "--count", "4"});
  CHECK(ended.exit_code == 0);
  CHECK(ended.out == "a\nb\nhttp://127.0.0.1:9001\na\n");
  CHECK(ended.err.empty());
}

TEST_CASE("sim pick: with keys, prints one target per line of the file") {
  const TempDir directory;
  const std::string keys = directory.write("keys", "alice\n\nbob");
  const Ended ended =
      pick({"--policy", policy(directory, "{policy: round_robin}"), "--keys", keys});
  CHECK(ended.exit_code == 0);
  CHECK(ended.out == "a\nb\nhttp://127.0.0.1:9001\n");
}

TEST_CASE("sim pick: equal seeds give equal picks, whatever the machine") {
  const TempDir directory;
  const std::string file = policy(directory, "{policy: random}");
  const Ended first = pick({"--policy", file, "--count", "100", "--seed", "7"});
  CHECK(first.out.size() >= 200);
  CHECK(first.out == pick({"--policy", file, "--count", "100", "--seed", "7"}).out);
  CHECK(first.out != pick({"--policy", file, "--count", "100", "--seed", "8"}).out);
}

TEST_CASE("sim pick: a trace shows a policy that looks at the load") {
  const Ended ended =
      pick({"--policy", kPolicies + "two_choices.yaml", "--trace", kPolicies + "calls.csv"});
  CHECK(ended.exit_code == 0);
  CHECK(ended.err.empty());
  // r1: b is down. r2: a is busy. r3: b is busy. r4: a is busy. r5: a is down. r6: both are.
  CHECK(ended.out == "a\nb\na\nb\nb\n-\n");
}

TEST_CASE("sim pick: what cannot be read is named with its line, and what is right") {
  const TempDir directory;
  const std::string file = policy(directory, "{policy: two_choices}");
  const auto complaint = [&](const std::string& trace) {
    const std::string path = directory.write("trace.csv", trace);
    const Ended ended = pick({"--policy", file, "--trace", path});
    CHECK(ended.exit_code == 2);
    REQUIRE(ended.err.starts_with("sim: " + path));
    return ended.err.substr(path.size() + 5);
  };
  CHECK(complaint("") == ": is empty; it starts with the header t_ns,event,id,key\n");
  CHECK(complaint("t,event\n") == ":1: expected the header t_ns,event,id,key, found 't,event'\n");
  CHECK(complaint("t_ns,event,id,key\n0,arrival,r1,\n1,completon,r1,\n") ==
        ":3: event 'completon': did you mean 'completion'?\n");
  const Ended none = pick({"--policy", directory.path() + "/none.yaml", "--count", "1"});
  CHECK(none.exit_code == 2);
  CHECK(none.err.contains("none.yaml: error[GW000] cannot be read: No such file or directory"));
  const Ended nothing = pick({"--policy", file});
  CHECK(nothing.exit_code == 2);
  CHECK(nothing.err == "sim: pick: needs one of --count, --keys and --trace\n");
  const Ended slip = pick({"--policy", policy(directory, "{policy: two_choice}"), "--count", "1"});
  CHECK(slip.exit_code == 2);
  CHECK(slip.err.contains("policy.yaml:1:19: error[GW001] "));
  CHECK(slip.err.contains("did you mean 'two_choices'?"));
}

TEST_CASE("sim pick: a reader that leaves and a full disk are said") {
  const TempDir directory;
  const std::string command =
      test::command("sim") + " pick --policy " + policy(directory, "{policy: two_choices}");
  const auto shell = [](const std::string& script) {
    return test::run({"bash", "-c", "set -o pipefail; " + script});
  };
  const Ended left = shell(command + " --count 10M | head -1");
  CHECK(left.exit_code == 2);
  CHECK(left.err == "sim: output: cannot write: Broken pipe\n");
  const Ended full = shell(command + " --count 10 > /dev/full");
  CHECK(full.exit_code == 2);
  CHECK(full.err == "sim: output: cannot write: No space left on device\n");
}

/// Whether `sim` itself, and no longer the copy of this process that became it, has `path` open.
bool has_open(pid_t pid, const std::string& path) {
  std::error_code none;
  if (test::read_file("/proc/" + std::to_string(pid) + "/comm") != "sim\n") return false;
  for (const auto& fd :
       std::filesystem::directory_iterator{"/proc/" + std::to_string(pid) + "/fd", none}) {
    if (std::filesystem::read_symlink(fd.path(), none) == path) return true;
  }
  return false;
}

TEST_CASE("sim pick: Ctrl-C ends a wait for more, and what was picked is written") {
  const TempDir directory;
  const std::string fifo = directory.path() + "/fifo";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  const int writer = open(fifo.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(writer >= 0);
  test::Process process({test::command("sim"), "pick", "--policy",
                         policy(directory, "{policy: round_robin}"), "--keys", fifo});
  REQUIRE(test::eventually([&] { return has_open(process.pid(), fifo); }));
  process.signal(SIGINT);
  close(writer);
  const Ended ended = process.wait();
  CHECK(ended.exit_code == 3);
  CHECK(ended.err == "sim: interrupted after line 0 of " + fifo + "\n");
}

}  // namespace
}  // namespace headgate
