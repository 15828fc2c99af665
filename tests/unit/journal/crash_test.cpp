// Every crash of a scripted run, at every operation on the disk, with many outcomes of what the
// disk kept: recovered by the real code, and compared with what had been answered at that moment.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "headgate/core/bytes.hpp"
#include "headgate/journal/journal.hpp"
#include "headgate/journal/reader.hpp"
#include "support/fault_vfs.hpp"
#include "support/log_conformance.hpp"

namespace headgate::journal {
namespace {

using messaging::Durability;
using test::FaultVfs;
using test::Unsynced;

constexpr Bytes kCrashSegment{.count = 64 * 1024};

Result<std::unique_ptr<Journal>> open(FaultVfs& vfs, Durability durability,
                                      bool prepare_ahead = false) {
  return Journal::open({.directory = "d",
                        .durability = durability,
                        .segment_bytes = kCrashSegment,
                        .prepare_ahead = prepare_ahead,
                        .vfs = &vfs});
}

/// What was appended, and when it was answered. Batch i has a record in topic `a` and, if i is odd,
/// one in topic `b`; both have the text of i as the beginning of their value.
struct Script {
  FaultVfs vfs;
  std::vector<std::size_t> answered_at;  // by batch: the number of operations when it was
};

std::string value_of(std::size_t batch) {
  // Some of 5 KB, so that segments of 64 KiB roll over.
  return std::to_string(batch) + ":" + std::string(batch % 3 == 0 ? 5000 : 30, 'x');
}

void run(Script& script, Durability durability, std::size_t batches, bool prepare_ahead = false) {
  auto journal = open(script.vfs, durability, prepare_ahead);
  REQUIRE(journal);
  REQUIRE((*journal)->create_topic("a"));
  REQUIRE((*journal)->create_topic("b"));
  for (std::size_t i = 0; i < batches; ++i) {
    std::vector<messaging::TopicRecord> batch{{"a", test::record_of(value_of(i))}};
    if (i % 2 == 1) batch.push_back({"b", test::record_of(value_of(i))});
    REQUIRE(append_and_wait(**journal, batch));
    script.answered_at.push_back(script.vfs.operations());
  }
  REQUIRE((*journal)->close());
}

/// The records of `topic`; empty if a crash came before it was made.
std::vector<std::string> values(const messaging::Log& log, std::string_view topic) {
  std::vector<std::string> found;
  const auto marks = log.watermarks(topic);
  while (marks && found.size() < marks->end) {
    const auto records = log.read(topic, found.size());
    REQUIRE(records);
    for (const auto& stored : *records) {
      REQUIRE(stored.offset == found.size());
      found.push_back(stored.record.value);
    }
  }
  return found;
}

/// The whole batches from the first on, at least `answered` of them, and nothing else.
void check_content(const messaging::Log& log, std::size_t answered) {
  const std::vector<std::string> a = values(log, "a");
  REQUIRE(a.size() >= answered);
  std::vector<std::string> expected_a;
  std::vector<std::string> expected_b;
  for (std::size_t i = 0; i < a.size(); ++i) {
    expected_a.push_back(value_of(i));
    if (i % 2 == 1) expected_b.push_back(value_of(i));
  }
  REQUIRE(a == expected_a);
  REQUIRE(values(log, "b") == expected_b);
}

std::size_t answered_before(const Script& script, std::size_t operations) {
  std::size_t count = 0;
  for (const std::size_t at : script.answered_at) count += at <= operations ? 1 : 0;
  return count;
}

/// Recovers the image, checks it, and checks that it goes on from there.
void check_image(FaultVfs& image, std::size_t answered) {
  auto journal = open(image, Durability::kDisk);
  if (!journal) FAIL(journal.error().where << ": " << journal.error().why);
  check_content(**journal, answered);
  const std::size_t kept = values(**journal, "a").size();
  REQUIRE((*journal)->create_topic("a"));
  REQUIRE(test::append(**journal, "a", test::record_of("after")) == kept);
  journal->reset();
  const auto again = open(image, Durability::kDisk);
  REQUIRE(again);
  REQUIRE((*again)->recovery().clean);
  const std::vector<std::string> found = values(**again, "a");
  REQUIRE(found.size() == kept + 1);
  REQUIRE(found.back() == "after");
}

TEST_CASE("a crash at any operation keeps all that was answered, at durability disk") {
  const bool prepare_ahead = GENERATE(false, true);
  Script script;
  run(script, Durability::kDisk, 40, prepare_ahead);
  Random random{7};
  for (std::size_t n = 0; n <= script.vfs.operations(); ++n) {
    CAPTURE(n);
    for (int outcome = 0; outcome < 20; ++outcome) {
      const Unsynced unsynced = outcome == 0   ? Unsynced::kLost
                                : outcome == 1 ? Unsynced::kKept
                                               : Unsynced::kRandom;
      check_image(*script.vfs.crash(n, unsynced, random), answered_before(script, n));
    }
  }
}

TEST_CASE("a killed process keeps all that was answered, at durability os") {
  Script script;
  run(script, Durability::kOs, 40);
  Random random{7};
  for (std::size_t n = 0; n <= script.vfs.operations(); ++n) {
    CAPTURE(n);
    check_image(*script.vfs.crash(n, Unsynced::kKept, random), answered_before(script, n));
  }
}

TEST_CASE("a power cut leaves a prefix of whole batches, at durability os") {
  Script script;
  run(script, Durability::kOs, 40);
  Random random{8};
  for (std::size_t n = 0; n <= script.vfs.operations(); ++n) {
    CAPTURE(n);
    for (int outcome = 0; outcome < 4; ++outcome) {
      check_image(*script.vfs.crash(n, Unsynced::kRandom, random), 0);
    }
  }
}

TEST_CASE("a crash during the recovery from a crash keeps all that was answered") {
  Script script;
  run(script, Durability::kDisk, 30);
  Random random{9};
  for (std::size_t n = 4; n <= script.vfs.operations(); ++n) {
    const std::size_t answered = answered_before(script, n);
    const auto first = script.vfs.crash(n, Unsynced::kRandom, random);
    REQUIRE(open(*first, Durability::kDisk));  // its operations are those of the recovery
    for (std::size_t m = 0; m <= first->operations(); ++m) {
      CAPTURE(n, m);
      const auto second = first->crash(m, Unsynced::kRandom, random);
      check_image(*second, answered);
    }
  }
}

TEST_CASE("what follows a hole is not brought back by later writes") {
  // Two frames that were never synced; the disk kept the second and lost the first. Whatever is
  // appended after the recovery, the second must not come back.
  FaultVfs vfs;
  {
    auto journal = open(vfs, Durability::kOs);
    REQUIRE((*journal)->create_topic("a"));
    REQUIRE((*journal)->flush(kNever));
    const std::size_t before = vfs.operations();
    REQUIRE(test::append(**journal, "a", test::record_of("one")));
    REQUIRE(test::append(**journal, "a", test::record_of("two")));
    REQUIRE(vfs.operations() >= before + 2);
  }
  auto files = vfs.files();
  auto& segment = files.at("d/00000001.log");
  const auto find = [&](std::string_view text, std::size_t from) {
    const auto found = std::search(segment.begin() + static_cast<std::ptrdiff_t>(from),
                                   segment.end(), as_bytes(text).begin(), as_bytes(text).end());
    return static_cast<std::size_t>(found - segment.begin());
  };
  const std::size_t first = find("hgfr", find("one", 0) - 80);
  const std::size_t second = find("hgfr", find("one", 0));
  std::fill(segment.begin() + static_cast<std::ptrdiff_t>(first),
            segment.begin() + static_cast<std::ptrdiff_t>(second), std::byte{0});
  // Also the footer, which attests both.
  const std::size_t footer = find("hgfr", find("two", 0));
  std::fill(segment.begin() + static_cast<std::ptrdiff_t>(footer), segment.end(), std::byte{0});

  FaultVfs image;
  for (const auto& [path, content] : files) image.set_content(path, content);
  auto journal = open(image, Durability::kDisk);
  REQUIRE(journal);
  CHECK_FALSE((*journal)->recovery().clean);
  CHECK((*journal)->recovery().torn_frames == 1);
  CHECK((*journal)->recovery().torn_at == "d/00000001.log:" + std::to_string(first));
  CHECK((*journal)->watermarks("a")->end == 0);
  REQUIRE(test::append(**journal, "a", test::record_of("ONE")));  // as long as the lost one
  journal->reset();
  journal = open(image, Durability::kDisk);
  CHECK(values(**journal, "a") == std::vector<std::string>{"ONE"});
}

}  // namespace
}  // namespace headgate::journal
