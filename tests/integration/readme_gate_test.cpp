// The workflow and the job that README gives for CI: their lines are run by a shell in a scratch
// folder, as a runner would, only for a shorter time.
#include <catch2/catch.hpp>
#include <regex>

#include "support/process.hpp"

namespace headgate::test {
namespace {

/// What stands in README between `from` and `to`.
std::string between(const std::string& from, const std::string& to) {
  const std::string text = read_file(std::string{HG_SOURCE_DIR} + "/README.md");
  const std::size_t begin = text.find(from);
  REQUIRE(begin != std::string::npos);
  const std::size_t end = text.find(to, begin + from.size());
  REQUIRE(end != std::string::npos);
  return text.substr(begin + from.size(), end - begin - from.size());
}

void try_out(std::string script) {
  script = std::regex_replace(script, std::regex{"--max-time 3m"},
                              "--max-time 3s --slice-time 30ms --warmup 30ms");
  const TempDir dir;
  const std::string bin = command("loadgen").substr(0, command("loadgen").rfind('/'));
  CAPTURE(script);
  const Ended ended = run({"sh", "-c",
                           "cd " + dir.path() + " && PATH=" + bin + ":$PATH && export PATH && " +
                               "GITHUB_STEP_SUMMARY=" + dir.path() + "/summary.md && " + script});
  CAPTURE(ended.out, ended.err);
  // Which verdict it is depends on the machine; that it was reached does not.
  CHECK((ended.exit_code == 0 || ended.exit_code == 1 || ended.exit_code == 3 ||
         ended.exit_code == 4));
  CHECK_THAT(ended.out, Catch::Contains("verdict  "));
  CHECK_THAT(read_file(dir.path() + "/gate.xml"), Catch::Contains("<testsuites"));
  if (script.contains("GITHUB")) {
    CHECK_THAT(read_file(dir.path() + "/summary.md"), Catch::StartsWith("## "));
    CHECK_THAT(ended.out, Catch::Contains(" title=p50 "));
  }
}

TEST_CASE("readme: the lines of the GitHub workflow work in a shell") {
  try_out(between("        run: |\n", "```"));
}

TEST_CASE("readme: the lines of the GitLab job work in a shell") {
  try_out(between("  script:\n    - ", "\n"));
}

}  // namespace
}  // namespace headgate::test
