#include "headgate/report/file.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>

#include "support/process.hpp"

namespace headgate::report {
namespace {

namespace fs = std::filesystem;

std::size_t entries_in(const std::string& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator{folder}) ++count;
  return count;
}

TEST_CASE(
    "file: a new file and a replaced one hold the whole text, and nothing stays beside them") {
  const test::TempDir folder;
  const std::string path = folder.path() + "/result.json";
  REQUIRE(write_file(path, "first"));
  CHECK(test::read_file(path) == "first");
  const std::string large(3'000'000, 'x');
  REQUIRE(write_file(path, large));
  CHECK(test::read_file(path) == large);
  CHECK(entries_in(folder.path()) == 1);
}

TEST_CASE("file: a reader that has the old file open goes on reading the old text") {
  const test::TempDir folder;
  const std::string path = folder.write("result.json", "old");
  const std::string other_name = folder.path() + "/same-inode";
  fs::create_hard_link(path, other_name);
  REQUIRE(write_file(path, "new"));
  CHECK(test::read_file(path) == "new");
  CHECK(test::read_file(other_name) == "old");
}

TEST_CASE("file: a link stays a link, and its file gets the text") {
  const test::TempDir folder;
  const std::string path = folder.write("real.json", "old");
  const std::string link = folder.path() + "/link.json";
  fs::create_symlink(path, link);
  REQUIRE(write_file(link, "new"));
  CHECK(fs::is_symlink(link));
  CHECK(test::read_file(path) == "new");
}

TEST_CASE("file: a device is written to, not replaced") {
  REQUIRE(write_file("/dev/null", "gone"));
  CHECK(fs::is_character_file("/dev/null"));
}

TEST_CASE("file: a full disk is told apart from other failures") {
  const auto full = write_file("/dev/full", "text");
  REQUIRE_FALSE(full);
  CHECK(full.error().code == Errc::kNoSpace);
  CHECK(full.error().where == "/dev/full");
  CHECK(full.error().why == "cannot write: No space left on device");

  const test::TempDir folder;
  const auto no_folder = write_file(folder.path() + "/none/result.json", "text");
  REQUIRE_FALSE(no_folder);
  CHECK(no_folder.error().code == Errc::kIo);
  CHECK(no_folder.error().where == folder.path() + "/none/result.json");
  CHECK(no_folder.error().why == "cannot open: No such file or directory");
}

TEST_CASE("file: a folder in the way is an error, and nothing is left beside it") {
  const test::TempDir folder;
  const std::string path = folder.path() + "/taken";
  fs::create_directory(path);
  const auto written = write_file(path, "text");
  REQUIRE_FALSE(written);
  CHECK(written.error().code == Errc::kIo);
  CHECK(fs::is_directory(path));
  CHECK(entries_in(folder.path()) == 1);
}

}  // namespace
}  // namespace headgate::report
