// `sim theory` as its users meet it: the quick cases hold, the files it writes, its errors.
#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>

#include "support/process.hpp"

namespace headgate {
namespace {

using test::Argv;
using test::Ended;
using test::TempDir;

// Some seconds, but minutes where a sanitizer looks on.
Ended theory(Argv arguments) {
  arguments.insert(arguments.begin(), {test::command("sim"), "theory"});
  return test::run(arguments, std::chrono::minutes{4});
}

TEST_CASE("sim theory: the simulator agrees with the quick cases of every family") {
  const TempDir directory;
  const Ended ended = theory({"--quick", "--threads", "2", "--out", directory.path()});
  CAPTURE(ended.out, ended.err);
  CHECK(ended.exit_code == 0);
  CHECK(ended.out.find("M/M/1") != std::string::npos);
  CHECK(test::read_file(directory.path() + "/table.txt") == ended.out);
  const auto document = nlohmann::json::parse(test::read_file(directory.path() + "/result.json"));
  CHECK(document["format"] == "headgate.theory/1");
  CHECK(document["passed"] == true);
  CHECK(document["families"] >= 14);
  CHECK(document["held"] == document["cases"]);
  const auto manifest =
      nlohmann::json::parse(test::read_file(directory.path() + "/result.json.manifest.json"));
  CHECK(manifest["command"].at(1) == "theory");
}

TEST_CASE("sim theory: the list tells every case and what it rests on, and runs nothing") {
  const Ended ended = theory({"--list", "--family", "token bucket"});
  CHECK(ended.exit_code == 0);
  CHECK(ended.out.find("source: ") != std::string::npos);
  CHECK(ended.out.find("burst 5, load 1: refused_share = 10.345 %") != std::string::npos);
  CHECK(ended.out.find("M/M/c") == std::string::npos);
}

TEST_CASE("sim theory: a family that is not there is an error that lists those that are") {
  const Ended ended = theory({"--family", "M/M/2"});
  CHECK(ended.exit_code == 2);
  CHECK(ended.err.find("there is no family 'M/M/2'; there are 'M/M/1', 'M/M/c'") !=
        std::string::npos);
}

}  // namespace
}  // namespace headgate
