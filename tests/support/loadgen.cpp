#include "support/loadgen.hpp"

#include <signal.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <regex>

namespace headgate::test {
namespace {

Argv serve_command(const Argv& flags) {
  Argv argv{command("loadgen"), "serve", "--bind", "127.0.0.1:0"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  return argv;
}

}  // namespace

TestUpstream::TestUpstream(const Argv& flags)
    : process_{serve_command(flags)}, address_{process_.ready("http")} {}

std::uint64_t TestUpstream::stop() {
  process_.signal(SIGTERM);
  const Ended ended = process_.wait();
  REQUIRE(ended.exit_code == 0);
  const std::string words = "served ";
  REQUIRE(ended.err.starts_with(words));
  return std::stoull(ended.err.substr(words.size()));
}

stats::Histogram LoadResult::histogram(const char* name) const {
  return stats::Histogram::decode(json[name]["hdr"].get<std::string>()).value();
}

LoadResult run_load(const Argv& flags) {
  const TempDir dir;
  const std::string file = dir.path() + "/result.json";
  Argv argv{command("loadgen"), "run", "--json", file};
  argv.insert(argv.end(), flags.begin(), flags.end());
  LoadResult result{.ended = run(argv), .json = {}};
  if (std::filesystem::exists(file)) result.json = nlohmann::json::parse(read_file(file));
  return result;
}

LoadResult valid_run(const std::function<LoadResult()>& make) {
  LoadResult result;
  for (int i = 0; i < 5; ++i) {
    result = make();
    if (result.json.is_object() && result.json["verdict"] == "valid") break;
  }
  REQUIRE(result.json.is_object());
  return result;
}

Ended loadgen(const Argv& flags) {
  Argv argv{command("loadgen")};
  argv.insert(argv.end(), flags.begin(), flags.end());
  return run(argv);
}

std::vector<std::string> examples_of(const std::string& subcommand) {
  const std::string help =
      std::regex_replace(loadgen({subcommand, "--help"}).out, std::regex{"\\\\\n *"}, "");
  const std::regex line{"\n  loadgen ([^\n]*)"};
  std::vector<std::string> examples;
  for (std::sregex_iterator i{help.begin(), help.end(), line}, end; i != end; ++i) {
    examples.push_back((*i)[1]);
  }
  return examples;
}

Ended run_example(const TempDir& directory, const std::string& example) {
  return run({"sh", "-c", "cd " + directory.path() + " && " + command("loadgen") + " " + example});
}

}  // namespace headgate::test
