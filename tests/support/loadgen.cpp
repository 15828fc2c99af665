#include "support/loadgen.hpp"

#include <signal.h>

#include <catch2/catch.hpp>
#include <filesystem>

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

}  // namespace headgate::test
