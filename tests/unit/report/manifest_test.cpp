#include "headgate/report/manifest.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>

namespace headgate::report {
namespace {

TEST_CASE("manifest: it tells this machine, this build, this hour and this command") {
  const Manifest manifest = collect_manifest({"sim", "run", "mm1.yaml"});
  CHECK(manifest.kernel.starts_with("Linux "));
  CHECK(manifest.cores >= 1);
  CHECK(std::regex_match(manifest.started_at, std::regex{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"}));
  CHECK(std::regex_match(manifest.version, std::regex{R"(\d+\.\d+\.\d+)"}));
  CHECK(std::regex_match(manifest.compiler, std::regex{R"((g|clang)\+\+ \d+\.\d+\.\d+)"}));
  CHECK(manifest.build.find("optimised") != std::string::npos);
}

TEST_CASE("manifest: as JSON it keeps the words of the command apart") {
  const auto json = manifest_json(collect_manifest({"loadgen", "run", "--url", "a b"}));
  CHECK(json["command"] == nlohmann::json{"loadgen", "run", "--url", "a b"});
  for (const char* key : {"version", "compiler", "build", "started_at", "kernel", "cpu", "cores"}) {
    CHECK(json.contains(key));
  }
}

}  // namespace
}  // namespace headgate::report
