#include "headgate/report/lines.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <csignal>
#include <string>
#include <vector>

#include "support/process.hpp"

namespace headgate::report {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  const test::TempDir directory;
  auto reader = LineReader::open(directory.write("f", text));
  REQUIRE(reader);
  std::vector<std::string> lines;
  for (auto line = reader->next().value(); line; line = reader->next().value()) {
    lines.emplace_back(*line);
    CHECK(reader->line() == lines.size());
  }
  return lines;
}

TEST_CASE("lines: ends are taken off, and the last line may lack its own") {
  using Lines = std::vector<std::string>;
  CHECK(lines_of("").empty());
  CHECK(lines_of("\n") == Lines{""});
  CHECK(lines_of("a\nb") == Lines{"a", "b"});
  CHECK(lines_of("a\nb\n") == Lines{"a", "b"});
  CHECK(lines_of("a\r\n\r\nb\r") == Lines{"a", "", "b"});
}

TEST_CASE("lines: a file longer than any buffer comes whole and in order") {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += "line number " + std::to_string(i) + "\n";
  const auto lines = lines_of(text);
  REQUIRE(lines.size() == 100'000);
  CHECK(lines[0] == "line number 0");
  CHECK(lines[54'321] == "line number 54321");
  CHECK(lines[99'999] == "line number 99999");
}

TEST_CASE("lines: a line of a megabyte is one, a longer one is refused by its number") {
  const std::string long_line(LineReader::kLineBytesMax.count, 'x');
  CHECK(lines_of("a\n" + long_line + "\nb\n").at(1) == long_line);
  const test::TempDir directory;
  const std::string path = directory.write("f", "a\n" + long_line + long_line + "\n");
  auto reader = LineReader::open(path).value();
  REQUIRE(reader.next());
  const auto wrong = reader.next();
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == Errc::kIo);
  CHECK(wrong.error().where == path + ":2");
  CHECK(wrong.error().why == "a line of more than 1048576 bytes");
}

TEST_CASE("lines: what cannot be read says why") {
  CHECK(LineReader::open("no/such/file").error().why == "cannot open: No such file or directory");
  const test::TempDir directory;
  auto folder = LineReader::open(directory.path());
  REQUIRE(folder);
  CHECK(folder->next().error().why == "cannot read: Is a directory");
}

TEST_CASE("output: what is written arrives, and a reader that left is told apart") {
  std::array<int, 2> ends{};
  REQUIRE(pipe2(ends.data(), O_CLOEXEC) == 0);
  BufferedOutput output(ends[1]);
  output.text() = "some rows\n";
  REQUIRE(output.flush_if_large());
  CHECK(output.text() == "some rows\n");  // not yet worth a call
  REQUIRE(output.flush());
  CHECK(output.text().empty());
  std::array<char, 64> read_back{};
  CHECK(::read(ends[0], read_back.data(), read_back.size()) == 10);
  CHECK(std::string{read_back.data()} == "some rows\n");
  close(ends[0]);
  const auto before = std::signal(SIGPIPE, SIG_IGN);
  output.text() = "nobody reads this";
  CHECK(output.flush().error().code == Errc::kUnavailable);
  std::signal(SIGPIPE, before);
  close(ends[1]);
}

TEST_CASE("output: a full disk is told apart") {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  REQUIRE(full >= 0);
  BufferedOutput output(full);
  output.text().assign(std::size_t{1} << 17, 'x');
  const auto wrong = output.flush_if_large();
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().code == Errc::kNoSpace);
  CHECK(wrong.error().where == "output");
  close(full);
}

}  // namespace
}  // namespace headgate::report
