// The rules applied to the project itself. Each finding is printed with what to do about it.
#include "source/tree.hpp"

#include <catch2/catch.hpp>
#include <deque>
#include <filesystem>
#include <set>
#include <string>

#include "source/rules.hpp"
#include "support/process.hpp"

namespace headgate::source {
namespace {

const std::string kRoot = HG_SOURCE_DIR;

/// Every file of the project, read once.
const std::deque<File>& tree() {
  static const auto& files = *[] {
    auto* read = new std::deque<File>;
    for (const std::string& path : project_paths(kRoot)) {
      if (std::filesystem::is_regular_file(kRoot + "/" + path)) {
        read->emplace_back(path, test::read_file(kRoot + "/" + path));
      }
    }
    return read;
  }();
  return files;
}

const File& file_at(std::string_view path) {
  for (const File& file : tree()) {
    if (file.path == path) return file;
  }
  throw std::runtime_error("the tree has no " + std::string{path});
}

std::set<std::string> path_set() {
  std::set<std::string> paths;
  for (const File& file : tree()) paths.insert(file.path);
  return paths;
}

void report(const Findings& findings) {
  for (const std::string& finding : findings) FAIL_CHECK(finding);
}

TEST_CASE("tree: the files are found") {
  CHECK(path_set().contains("lib/headgate/core/result.hpp"));
  CHECK(path_set().contains("CMakeLists.txt"));
  CHECK(layer_table(file_at("CMakeLists.txt")).contains("core"));
}

TEST_CASE("tree: the layer table points downwards") {
  report(upward_arrows(file_at("CMakeLists.txt")));
}

TEST_CASE("tree: no file includes what its layer may not see") {
  const LayerTable table = layer_table(file_at("CMakeLists.txt"));
  for (const File& file : tree()) {
    if (file.is_cpp()) report(forbidden_includes(file, table));
  }
}

TEST_CASE("tree: what decides meets no clock and no outside") {
  const LayerTable table = layer_table(file_at("CMakeLists.txt"));
  for (const File& file : tree()) {
    if (file.is_cpp()) report(impurities(file, table));
  }
}

TEST_CASE("tree: no temporary of a co_await is one that g++ 12 destroys wrongly") {
  for (const File& file : tree()) report(unsafe_awaits(file));
}

TEST_CASE("tree: headers of the library are light") {
  for (const File& file : tree()) report(heavy_headers(file));
}

TEST_CASE("tree: every file opens by saying what it is") {
  const auto paths = path_set();
  for (const File& file : tree()) report(bad_openings(file, paths));
}

TEST_CASE("tree: files and functions are small") {
  for (const File& file : tree()) report(oversizes(file));
}

TEST_CASE("tree: nothing is left unfinished or bound to one machine") {
  for (const File& file : tree()) report(leftovers(file));
}

TEST_CASE("tree: what the READMEs promise is there") {
  const Promises promises = promises_of(file_at("dev"), project_paths(kRoot));
  CHECK(promises.dev.contains("test"));
  for (const File& file : tree()) {
    if (file.path == "README.md" || file.path == "lib/README.md") {
      report(broken_promises(file, promises));
    }
  }
}

}  // namespace
}  // namespace headgate::source
