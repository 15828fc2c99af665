#include "headgate/load/child.hpp"

#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>

#include "support/process.hpp"

namespace headgate::load {
namespace {

using namespace std::chrono_literals;

Child shell(const std::string& line, ChildOptions options = {}) {
  auto child = Child::start({"/bin/sh", "-c", line}, std::move(options));
  REQUIRE(child);
  return *std::move(child);
}

TEST_CASE("child: it is told and heard, line by line, and how it ends is known") {
  Child child = shell("read word; echo got $word; echo; exit 3");
  CHECK_FALSE(child.line(0ms));
  CHECK_FALSE(child.ended());
  child.tell("this");
  CHECK(child.line(20s) == "got this");
  CHECK(child.line(20s) == "");
  CHECK_FALSE(child.line(20s));  // its output has ended
  CHECK(test::eventually([&child] { return child.ended() == 3; }));
}

TEST_CASE("child: the address of a server is awaited behind other lines") {
  Child child = shell("echo loading; echo ready admin=x http=127.0.0.1:80 pid=1; sleep 20");
  CHECK(child.await_address("it", 20s).value() == "127.0.0.1:80");
  Child silent = shell("sleep 20");
  CHECK(silent.await_address("it", 20ms).error().why.starts_with("did not print"));
  Child gone = shell("echo ready");
  const auto none = gone.await_address("it", 20s);
  CHECK(none.error().code == Errc::kUnavailable);
  CHECK(none.error().where == "it");
  CHECK(none.error().why == "ended before it was ready");
}

TEST_CASE("child: one that is deaf to SIGTERM is killed, and so is what it has started") {
  const auto pid_of = [](Child& child) { return std::stoi(child.line(20s).value()); };
  pid_t grandchild = 0;
  {
    Child child = shell("trap '' TERM; sleep 20 & echo $!; wait; wait", {.patience = 20ms});
    grandchild = pid_of(child);
    CHECK(kill(grandchild, 0) == 0);
  }
  // Whoever adopts it may take a moment to bury it, or never do.
  CHECK(test::eventually([grandchild] {
    std::ifstream file{"/proc/" + std::to_string(grandchild) + "/stat"};
    std::string words;
    std::getline(file, words);
    return words.empty() || words.contains(") Z ");
  }));
}

TEST_CASE("child: what cannot be started is said, and errors go where they are wanted") {
  CHECK(Child::start({"/nowhere/program"}, {}).error().where == "/nowhere/program");
  const test::TempDir dir;
  const std::string errors = dir.path() + "/errors";
  Child child = shell("echo no >&2", {.errors = errors});
  CHECK(test::eventually([&child] { return child.ended() == 0; }));
  CHECK(test::read_file(errors) == "no\n");
}

}  // namespace
}  // namespace headgate::load
