// `gwctl lint` and `gwctl schema` as a shell sees them: what they print and how they exit.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "support/process.hpp"

namespace {

using headgate::test::command;
using headgate::test::Ended;
using headgate::test::run;
using headgate::test::TempDir;

const std::string kGood =
    "listeners: [{name: http, bind: \"127.0.0.1:8080\"}]\n"
    "services: {orders: {targets: [{url: \"http://127.0.0.1:9001\"}]}}\n"
    "routes: [{name: orders, match: {path: {prefix: /orders}}, service: orders}]\n";

/// Runs `gwctl lint` on a file of this text.
Ended lint(const TempDir& dir, const std::string& text) {
  return run({command("gwctl"), "lint", dir.write("gateway.yaml", text)});
}

TEST_CASE("a clean config exits with 0 and says so in one line") {
  const TempDir dir;
  const Ended ended = lint(dir, kGood);
  CHECK(ended.exit_code == 0);
  CHECK(ended.out == dir.path() + "/gateway.yaml: clean (listeners: 1, services: 1, routes: 1)\n");
  CHECK(ended.err.empty());
}

TEST_CASE("findings exit with 1, one line each, with file, line and column") {
  const TempDir dir;
  const std::string file = dir.path() + "/gateway.yaml";
  const Ended ended = lint(dir, kGood + "topic: {}\n");
  CHECK(ended.exit_code == 1);
  CHECK(ended.out == file +
                         ":4:1: error[GW001] unknown key 'topic' in a gateway config; did you mean "
                         "'topics'?\n" +
                         file + ": errors: 1, warnings: 0\n");
}

TEST_CASE("a warning alone is a finding") {
  const TempDir dir;
  CHECK(lint(dir, kGood + "admin: {bind: \"0.0.0.0:9901\"}\n").exit_code == 1);
}

TEST_CASE("what cannot be read exits with 2 and says why") {
  const TempDir dir;
  const auto unreadable = [&](const std::string& text, const std::string& why) {
    const Ended ended = lint(dir, text);
    CHECK(ended.exit_code == 2);
    INFO(ended.out);
    CHECK(ended.out.contains(why));
  };
  unreadable("", "the document is empty");
  unreadable(std::string{"\x7f"
                         "ELF\x02\x01\x01\0\0\0",
                         10},
             "error[GW000]");
  unreadable(std::string(100'000, '['), "nested deeper than 64 levels");
  unreadable(std::string(1'000'000, 'a'), "a value of more than 65536 bytes");
  unreadable(std::string(5'000'000, '\n'), "larger than 4194304 bytes");
  unreadable("a: [1\n", "error[GW000]");
  const Ended missing = run({command("gwctl"), "lint", dir.path() + "/none.yaml"});
  CHECK(missing.exit_code == 2);
  CHECK(missing.out.contains("cannot be read: No such file or directory"));
}

TEST_CASE("wrong arguments exit with 2") {
  CHECK(run({command("gwctl")}).exit_code == 2);
  CHECK(run({command("gwctl"), "lint"}).exit_code == 2);
  CHECK(run({command("gwctl"), "lint", "a", "b"}).exit_code == 2);
  CHECK(run({command("gwctl"), "lnt"}).exit_code == 2);
}

TEST_CASE("--json prints one object with every finding") {
  const TempDir dir;
  const std::string file = dir.write("gateway.yaml", kGood + "topic: {}\n");
  const Ended ended = run({command("gwctl"), "lint", "--json", file});
  CHECK(ended.exit_code == 1);
  const auto report = nlohmann::json::parse(ended.out);
  CHECK(report["format"] == "headgate.lint/1");
  CHECK(report["readable"] == true);
  REQUIRE(report["findings"].size() == 1);
  CHECK(report["findings"][0] ==
        nlohmann::json{{"id", "GW001"},
                       {"severity", "error"},
                       {"file", file},
                       {"line", 4},
                       {"column", 1},
                       {"path", "topic"},
                       {"message", "unknown key 'topic' in a gateway config"},
                       {"hint", "did you mean 'topics'?"}});
}

TEST_CASE("--rules lists every rule with its severity") {
  const Ended ended = run({command("gwctl"), "lint", "--rules"});
  CHECK(ended.exit_code == 0);
  CHECK(ended.out.contains("GW001  error    "));
  CHECK(ended.out.contains("GW102  warning  a route that no request can reach\n"));
}

TEST_CASE("the schema of the config is one JSON document") {
  const Ended ended = run({command("gwctl"), "schema", "config"});
  CHECK(ended.exit_code == 0);
  const auto schema = nlohmann::json::parse(ended.out);
  CHECK(schema["$schema"] == "http://json-schema.org/draft-07/schema#");
  CHECK(schema["properties"].contains("listeners"));
}

TEST_CASE("the version and help are no failures, and help ends in examples") {
  const Ended version = run({command("gwctl"), "--version"});
  CHECK(version.exit_code == 0);
  CHECK(version.out.starts_with("gwctl "));
  for (const char* const part : {"lint", "schema"}) {
    const Ended help = run({command("gwctl"), part, "--help"});
    CHECK(help.exit_code == 0);
    CHECK(help.out.find("Example") > help.out.find("Options"));
  }
}

}  // namespace
