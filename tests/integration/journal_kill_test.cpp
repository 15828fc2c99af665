// A process that appends to a journal and says what was answered, killed at any moment: nothing
// that it said is lost, and the next one goes on from there.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <cstdint>
#include <memory>
#include <string>

#include "headgate/core/random.hpp"
#include "headgate/journal/journal.hpp"
#include "headgate/journal/reader.hpp"
#include "support/process.hpp"

namespace headgate::journal {
namespace {

using messaging::Durability;

Options options(const std::string& directory, Durability durability) {
  return {.directory = directory, .durability = durability, .segment_bytes = {64 * 1024}};
}

/// Up to 1000 bytes, so that segments of 64 KiB fill quickly.
std::string value_of(std::uint64_t offset) {
  return std::to_string(offset) + ":" + std::string(offset * 37 % 1000, 'x');
}

/// In the child: appends until it is killed, and writes each answered offset to `out`.
[[noreturn]] void append_forever(const Options& options, int out) {
  auto journal = Journal::open(options);
  if (!journal || !(*journal)->create_topic("a")) _exit(1);
  std::uint64_t next = (*journal)->watermarks("a")->end;
  constexpr std::uint64_t kAhead = 8;  // unanswered appends, so that groups form
  std::atomic<std::uint64_t> answered = next;
  for (;; ++next) {
    while (next - answered >= kAhead) answered.wait(answered);
    (*journal)->append("a", {.key = {}, .value = value_of(next), .headers = {}, .timestamp = {}},
                       [&answered, out](Result<std::uint64_t> offset) {
                         if (!offset || write(out, &*offset, sizeof *offset) < 0) _exit(2);
                         answered = *offset + 1;
                         answered.notify_one();
                       });
  }
}

/// A child at work, and the end of the pipe on which it says what was answered.
class Child {
 public:
  explicit Child(const Options& options) {
    std::array<int, 2> ends{};
    REQUIRE(pipe(ends.data()) == 0);
    pid_ = fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) append_forever(options, ends[1]);
    close(ends[1]);
    answers_ = ends[0];
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    kill();
    close(answers_);
  }

  /// Reads one answer; false when the child is gone and all was read.
  bool next(std::uint64_t& offset) const {
    return read(answers_, &offset, sizeof offset) == sizeof offset;
  }
  void kill() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    int status = 0;
    waitpid(pid_, &status, 0);
    CHECK(WIFSIGNALED(status));
    pid_ = -1;
  }

 private:
  pid_t pid_;
  int answers_;
};

std::uint64_t check_content(const messaging::Log& log) {
  std::uint64_t count = 0;
  while (count < log.watermarks("a")->end) {
    const auto records = log.read("a", count);
    REQUIRE(records);
    for (const auto& stored : *records) {
      REQUIRE(stored.offset == count);
      REQUIRE(stored.record.value == value_of(count));
      ++count;
    }
  }
  return count;
}

void kill_and_recover(Durability durability, std::uint64_t seed) {
  CAPTURE(to_text(durability), seed);
  test::TempDir folder;
  Random random{seed};
  std::uint64_t kept = 0;
  for (int round = 0; round < 15; ++round) {
    CAPTURE(round);
    std::uint64_t answered = kept;
    {
      Child child{options(folder.path(), durability)};
      std::uint64_t offset = 0;
      for (std::uint64_t i = random.below(300) + 1; i > 0; --i) {
        REQUIRE(child.next(offset));
        REQUIRE(offset == answered);
        ++answered;
      }
      // The writer's directory is its own, and can be read beside it.
      CHECK(Journal::open(options(folder.path(), durability)).error().code == Errc::kUnavailable);
      const auto reader = JournalReader::open(folder.path());
      REQUIRE(reader);
      CHECK(check_content(**reader) >= answered);
      child.kill();
      while (child.next(offset)) answered = offset + 1;
    }
    const auto journal = Journal::open(options(folder.path(), durability));
    if (!journal) FAIL(journal.error().where << ": " << journal.error().why);
    kept = check_content(**journal);
    CHECK(kept >= answered);
    CHECK(kept <= answered + 8);  // what was under way, and nothing else
  }
}

TEST_CASE("a killed writer loses nothing that was answered, at durability disk") {
  kill_and_recover(Durability::kDisk, 1);
}

TEST_CASE("a killed writer loses nothing that was answered, at durability os") {
  kill_and_recover(Durability::kOs, 2);
}

}  // namespace
}  // namespace headgate::journal
