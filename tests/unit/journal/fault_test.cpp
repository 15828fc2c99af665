// A disk that says no, and a disk that lies.
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
using test::append;
using test::FaultVfs;
using test::record_of;
using test::Unsynced;

constexpr Bytes kFaultySegment{.count = 64 * 1024};
const std::string kFirst = "d/00000001.log";

Result<std::unique_ptr<Journal>> open(FaultVfs& vfs, Durability durability = Durability::kDisk) {
  return Journal::open({.directory = "d",
                        .durability = durability,
                        .segment_bytes = kFaultySegment,
                        .prepare_ahead = false,
                        .vfs = &vfs});
}

std::string value_of(int i) { return std::to_string(i) + ":" + std::string(7000, 'x'); }

std::vector<std::string> values(const messaging::Log& log) {
  std::vector<std::string> found;
  const auto marks = log.watermarks("a");
  while (marks && found.size() < marks->end) {
    const auto records = log.read("a", found.size());
    REQUIRE(records);
    for (const auto& stored : *records) found.push_back(stored.record.value);
  }
  return found;
}

/// What a run of appends against a failing disk was told.
struct Told {
  std::vector<std::string> kept;   // answered with an offset
  std::vector<std::string> maybe;  // failed with another error than kNoSpace
  std::vector<Errc> errors;        // in order
};

Told append_many(Journal& journal, int count) {
  Told told;
  for (int i = 0; i < count; ++i) {
    const std::string value = value_of(i);
    const auto offset = append(journal, "a", record_of(value));
    if (offset) {
      REQUIRE(*offset == told.kept.size());
      told.kept.push_back(value);
    } else {
      told.errors.push_back(offset.error().code);
      if (offset.error().code != Errc::kNoSpace) told.maybe.push_back(value);
    }
  }
  return told;
}

/// All that was kept, then at most a beginning of what may be there.
void check_kept(const std::vector<std::string>& found, const Told& told) {
  std::vector<std::string> all = told.kept;
  all.insert(all.end(), told.maybe.begin(), told.maybe.end());
  REQUIRE(found.size() >= told.kept.size());
  REQUIRE(found.size() <= all.size());
  REQUIRE(std::equal(found.begin(), found.end(), all.begin()));
}

std::size_t operations_without_fault() {
  FaultVfs vfs;
  auto journal = open(vfs);
  REQUIRE((*journal)->create_topic("a"));
  (void)append_many(**journal, 20);
  journal->reset();
  return vfs.operations();
}

TEST_CASE("an input or output error at any operation is final and loses nothing answered") {
  const std::size_t last = operations_without_fault();
  Random random{3};
  for (std::size_t n = 0; n < last; ++n) {
    CAPTURE(n);
    FaultVfs vfs;
    vfs.fail(n, 1, Errc::kIo);
    auto journal = open(vfs);
    if (!journal) {
      CHECK(journal.error().code == Errc::kIo);
      continue;
    }
    if (!(*journal)->create_topic("a")) continue;
    const Told told = append_many(**journal, 20);
    for (const Errc error : told.errors) CHECK(error == Errc::kIo);
    // From the first failure on everything fails, though the disk would answer again; reading
    // works.
    CHECK(told.kept.size() + told.errors.size() == 20);
    CHECK(values(**journal) == told.kept);
    if (!told.errors.empty()) CHECK((*journal)->flush(kNever).error().code == Errc::kIo);
    journal->reset();
    for (const Unsynced unsynced : {Unsynced::kLost, Unsynced::kKept, Unsynced::kRandom}) {
      const auto image = vfs.crash(vfs.operations(), unsynced, random);
      auto again = open(*image);
      REQUIRE(again);
      check_kept(values(**again), told);
    }
  }
}

TEST_CASE("a disk that is full for a while refuses appends and accepts them afterwards") {
  const std::size_t last = operations_without_fault();
  int refused = 0;
  for (std::size_t n = 4; n < last; ++n) {
    CAPTURE(n);
    FaultVfs vfs;
    auto journal = open(vfs);
    REQUIRE((*journal)->create_topic("a"));
    vfs.fail(n, 1, Errc::kNoSpace);
    const Told told = append_many(**journal, 20);
    refused += static_cast<int>(std::ranges::count(told.errors, Errc::kNoSpace));
    CHECK(values(**journal) == told.kept);
    journal->reset();
    vfs.fail(0, 0, Errc::kNoSpace);  // if the run was over before the fault
    auto again = open(vfs);
    REQUIRE(again);
    check_kept(values(**again), told);
    if (told.maybe.empty()) CHECK(values(**again) == told.kept);
  }
  CHECK(refused > 20);
}

TEST_CASE("a full disk is noticed before the answer and forgotten when there is room") {
  FaultVfs vfs;
  auto journal = open(vfs);
  REQUIRE((*journal)->create_topic("a"));
  vfs.set_capacity(100'000);  // one segment of 64 KiB, not two
  int accepted = 0;
  while (append(**journal, "a", record_of(value_of(accepted)))) ++accepted;
  CHECK(accepted == 9);  // 65 536 / 7 060 or so
  const auto refused = append(**journal, "a", record_of(value_of(99)));
  CHECK(refused.error().code == Errc::kNoSpace);
  CHECK(append(**journal, "a", record_of("short")) == 9U);  // there is room for it
  vfs.set_capacity(1 << 20);
  CHECK(append(**journal, "a", record_of(value_of(10))) == 10U);
  REQUIRE((*journal)->close());
}

/// The files of a closed journal with three records in two topics.
std::map<std::string, FaultVfs::Content> closed_journal() {
  FaultVfs vfs;
  auto journal = open(vfs);
  REQUIRE((*journal)->create_topic("a"));
  for (const char* text : {"one", "two", "three"}) {
    REQUIRE(append(**journal, "a", record_of(text)));
  }
  REQUIRE((*journal)->close());
  return vfs.files();
}

std::size_t last_byte(const FaultVfs::Content& content) {
  std::size_t last = content.size();
  while (content[last - 1] == std::byte{0}) --last;
  return last;
}

TEST_CASE("every flipped bit of a closed journal is noticed") {
  const auto files = closed_journal();
  const FaultVfs::Content& segment = files.at(kFirst);
  const std::size_t end = (last_byte(segment) + 7) / 8 * 8;
  const std::size_t footer = end - 48;  // the last frame
  FaultVfs vfs;
  for (const auto& [path, content] : files) vfs.set_content(path, content);
  for (std::size_t bit = 0; bit < end * 8; ++bit) {
    CAPTURE(bit, bit / 8);
    vfs.flip(kFirst, bit);
    const auto reader = JournalReader::open("d", vfs);
    if (bit / 8 < footer) {
      // The footer attests it: refused, with the place of the frame, and nothing changed.
      REQUIRE_FALSE(reader);
      REQUIRE(reader.error().code == Errc::kCorrupt);
      REQUIRE(reader.error().where.starts_with(kFirst + ":"));
      const FaultVfs::Content damaged = vfs.content(kFirst);
      const auto journal = open(vfs);
      REQUIRE(journal.error().code == Errc::kCorrupt);
      REQUIRE(vfs.content(kFirst) == damaged);
    } else {
      // The footer itself: all the records are there, and the end is not called clean.
      REQUIRE(reader);
      REQUIRE(values(**reader) == std::vector<std::string>{"one", "two", "three"});
    }
    vfs.flip(kFirst, bit);
  }
}

TEST_CASE("damage is reported with the file and the offset of the frame") {
  const auto files = closed_journal();
  FaultVfs vfs;
  for (const auto& [path, content] : files) vfs.set_content(path, content);
  vfs.flip(kFirst, 64 * 8);  // the first byte behind the segment's header
  const auto journal = open(vfs);
  CHECK(journal.error().where == "d/00000001.log:64");
  CHECK(journal.error().why.starts_with("what was on the disk is damaged here; the frame at "));
}

TEST_CASE("a flipped bit in the footer is reported as a torn end and costs no record") {
  const auto files = closed_journal();
  FaultVfs vfs;
  for (const auto& [path, content] : files) vfs.set_content(path, content);
  vfs.flip(kFirst, (last_byte(files.at(kFirst)) - 1) * 8);
  const auto journal = open(vfs);
  REQUIRE(journal);
  CHECK_FALSE((*journal)->recovery().clean);
  CHECK((*journal)->recovery().torn_bytes > 40);
  CHECK((*journal)->recovery().records == 3);
}

TEST_CASE("damage behind the last sync is a torn end even when the bytes are many") {
  FaultVfs vfs;
  {
    auto journal = open(vfs);
    REQUIRE((*journal)->create_topic("a"));
    REQUIRE(append(**journal, "a", record_of("one")));
    REQUIRE((*journal)->close());
  }
  FaultVfs::Content segment = vfs.content(kFirst);
  const std::size_t end = (last_byte(segment) + 7) / 8 * 8;
  std::fill(segment.begin() + static_cast<std::ptrdiff_t>(end), segment.end() - 5, std::byte{'h'});
  vfs.set_content(kFirst, segment);
  auto journal = open(vfs);
  REQUIRE(journal);
  CHECK((*journal)->recovery().torn_bytes == segment.size() - 5 - end);
  CHECK((*journal)->recovery().torn_at == kFirst + ":" + std::to_string(end));
  CHECK(values(**journal) == std::vector<std::string>{"one"});
  journal->reset();
  CHECK(open(vfs).value()->recovery().clean);
}

TEST_CASE("a missing segment is damage") {
  FaultVfs vfs;
  {
    auto journal = open(vfs);
    REQUIRE((*journal)->create_topic("a"));
    REQUIRE(append_many(**journal, 30).errors.empty());
  }
  REQUIRE(vfs.files().contains("d/00000003.log"));
  for (const char* name : {"d/00000001.log", "d/00000002.log", "d/00000003.log"}) {
    CAPTURE(name);
    FaultVfs other;
    for (const auto& [path, content] : vfs.files()) {
      if (path != name) other.set_content(path, content);
    }
    const auto journal = open(other);
    REQUIRE_FALSE(journal);
    CHECK(journal.error().code == Errc::kCorrupt);
    CHECK(journal.error().where == std::string{name} + ":0");
  }
}

TEST_CASE("a segment of another journal is not taken for one's own") {
  FaultVfs first;
  FaultVfs second;
  for (FaultVfs* vfs : {&first, &second}) {
    auto journal = open(*vfs);
    REQUIRE((*journal)->create_topic("a"));
    REQUIRE(append_many(**journal, 20).errors.empty());
  }
  first.set_content("d/00000002.log", second.content("d/00000002.log"));
  const auto journal = open(first);
  CHECK(journal.error().code == Errc::kCorrupt);
  CHECK(journal.error().why == "the segment belongs to another journal");
}

TEST_CASE("a read that meets damage fails with its place") {
  FaultVfs vfs;
  auto journal = open(vfs);
  REQUIRE((*journal)->create_topic("a"));
  REQUIRE(append(**journal, "a", record_of("one")));
  REQUIRE(append(**journal, "a", record_of("two")));
  const FaultVfs::Content segment = vfs.content(kFirst);
  const auto text = as_bytes("two");
  const auto found = std::search(segment.begin(), segment.end(), text.begin(), text.end());
  vfs.flip(kFirst, static_cast<std::size_t>(found - segment.begin()) * 8);
  CHECK((*journal)->read("a", 1).error().code == Errc::kCorrupt);
}

}  // namespace
}  // namespace headgate::journal
