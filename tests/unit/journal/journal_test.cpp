#include "headgate/journal/journal.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <set>
#include <thread>

#include "headgate/journal/reader.hpp"
#include "support/fault_vfs.hpp"
#include "support/log_conformance.hpp"
#include "support/process.hpp"

namespace headgate::journal {
namespace {

using messaging::Durability;
using test::append;
using test::record_of;

constexpr Bytes kSmall{.count = 64 * 1024};

std::unique_ptr<Journal> open(const std::string& directory, Durability durability) {
  auto journal =
      Journal::open({.directory = directory, .durability = durability, .segment_bytes = kSmall});
  if (!journal) throw std::runtime_error(journal.error().where + ": " + journal.error().why);
  return std::move(*journal);
}

TEST_CASE("a journal does what every log does, at every durability") {
  for (const Durability each : {Durability::kOs, Durability::kDisk}) {
    CAPTURE(to_text(each));
    test::TempDir folder;
    int count = 0;
    test::check_log([&] { return open(folder.path() + "/" + std::to_string(count++), each); });
  }
}

TEST_CASE("a journal at durability memory answers like the others and can be read after a flush") {
  test::TempDir folder;
  auto journal = open(folder.path(), Durability::kMemory);
  REQUIRE(journal->create_topic("a"));
  CHECK(append(*journal, "a", record_of("x")) == 0U);
  REQUIRE(journal->flush(std::chrono::seconds{60}));
  CHECK(journal->read("a", 0)->size() == 1);
  test::check_model(*open(folder.path() + "/model", Durability::kMemory), 3);
}

TEST_CASE("what was appended is there when the journal is opened again") {
  test::TempDir folder;
  {
    auto journal = open(folder.path(), Durability::kOs);
    CHECK(journal->recovery().clean);
    REQUIRE(journal->create_topic("a"));
    REQUIRE(journal->create_topic("empty"));
    for (int i = 0; i < 1000; ++i) REQUIRE(append(*journal, "a", record_of(std::to_string(i))));
    REQUIRE(journal->close());
    CHECK(append(*journal, "a", record_of("late")).error().code == Errc::kUnavailable);
    CHECK(journal->read("a", 999)->front().record.value == "999");
  }
  auto journal = open(folder.path(), Durability::kOs);
  CHECK(journal->recovery().clean);
  CHECK(journal->recovery().records == 1000);
  CHECK(journal->recovery().segments == journal->usage().segments);
  CHECK(journal->usage().segments >= 2);
  CHECK(journal->topics() == std::vector<std::string>{"a", "empty"});
  for (const int i : {0, 1, 500, 999}) {
    CHECK(journal->read("a", static_cast<std::uint64_t>(i))->front().record.value ==
          std::to_string(i));
  }
  CHECK(append(*journal, "a", record_of("next")) == 1000U);
}

TEST_CASE("the synced mark follows the disk, and a flush moves it") {
  test::TempDir folder;
  auto journal = open(folder.path(), Durability::kOs);
  REQUIRE(journal->create_topic("a"));
  REQUIRE(append(*journal, "a", record_of("x")));
  CHECK(*journal->watermarks("a") == messaging::Watermarks{.begin = 0, .end = 1, .synced = 0});
  REQUIRE(journal->flush(kNever));
  CHECK(*journal->watermarks("a") == messaging::Watermarks{.begin = 0, .end = 1, .synced = 1});
}

TEST_CASE("a second writer of the directory is refused while the first has it") {
  test::TempDir folder;
  const Options options{.directory = folder.path(), .segment_bytes = kSmall};
  auto first = Journal::open(options);
  REQUIRE(first);
  const auto second = Journal::open(options);
  CHECK(second.error().code == Errc::kUnavailable);
  CHECK(second.error().where == folder.path() + "/lock");
  REQUIRE((*first)->close());
  CHECK(Journal::open(options));
}

TEST_CASE("a reader beside the writer sees what it appends, after a refresh") {
  test::TempDir folder;
  auto journal = open(folder.path(), Durability::kDisk);
  REQUIRE(journal->create_topic("a"));
  REQUIRE(append(*journal, "a", record_of("0")));
  auto reader = JournalReader::open(folder.path());
  REQUIRE(reader);
  CHECK((*reader)->read("a", 0)->size() == 1);
  CHECK((*reader)->refresh() == false);
  // Enough for two more segments.
  for (int i = 1; i < 30; ++i) REQUIRE(append(*journal, "a", record_of(std::string(5000, 'x'))));
  const auto news = (*reader)->refresh();
  if (!news) FAIL(news.error().where << ": " << news.error().why);
  CHECK(*news);
  CHECK((*reader)->watermarks("a")->end == 30);
  CHECK((*reader)->read("a", 29)->size() == 1);
  CHECK((*reader)->usage()->segments == 3);
  CHECK((*reader)->payload_bytes("a") == 1 + 3 + 29U * (5000 + 3));
  CHECK(append(**reader, "a", record_of("x")).error().code == Errc::kUnavailable);
  REQUIRE(journal->close());
  REQUIRE((*reader)->refresh());
  CHECK(*(*reader)->watermarks("a") == messaging::Watermarks{.begin = 0, .end = 30, .synced = 30});
}

TEST_CASE("appends from several threads get each offset once, and answers come in order") {
  test::TempDir folder;
  auto journal = open(folder.path(), Durability::kOs);
  constexpr int kThreads = 4;
  constexpr int kEach = 500;
  std::atomic<int> answers = 0;
  std::atomic<bool> ordered = true;
  std::vector<std::vector<std::uint64_t>> offsets(kThreads);
  REQUIRE(journal->create_topic("a"));
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kEach; ++i) {
          journal->append("a", record_of(std::to_string(t)), [&, t](auto offset) {
            // On the writer's thread, one at a time.
            if (!offset || (!offsets[t].empty() && *offset <= offsets[t].back())) ordered = false;
            offsets[t].push_back(offset.value_or(0));
            ++answers;
          });
        }
      });
    }
  }
  REQUIRE(journal->flush(kNever));
  CHECK(answers == kThreads * kEach);
  CHECK(ordered);
  std::set<std::uint64_t> all;
  for (const auto& each : offsets) all.insert(each.begin(), each.end());
  CHECK(all.size() == kThreads * kEach);
  CHECK(journal->usage().syncs < kThreads * kEach);
}

TEST_CASE("more than may wait is refused at once") {
  test::TempDir folder;
  auto journal = Journal::open({.directory = folder.path(),
                                .durability = Durability::kDisk,
                                .segment_bytes = kSmall,
                                .max_waiting = {2000}});
  REQUIRE(journal);
  REQUIRE((*journal)->create_topic("a"));
  CHECK(append(**journal, "a", record_of(std::string(3000, 'x'))).error().code ==
        Errc::kOverloaded);
  CHECK(append(**journal, "a", record_of(std::string(1000, 'x'))) == 0U);
}

TEST_CASE("a record that no segment can hold is refused, and the largest that one can is kept") {
  test::TempDir folder;
  auto journal = open(folder.path(), Durability::kOs);
  REQUIRE(journal->create_topic("a"));
  CHECK(append(*journal, "a", record_of(std::string(kSmall.count, 'x'))).error().code ==
        Errc::kInvalidArgument);
  const std::string most(kSmall.count - 300, 'x');
  CHECK(append(*journal, "a", record_of(most)) == 0U);
  CHECK(append(*journal, "a", record_of(most)) == 1U);
  CHECK(journal->read("a", 1)->front().record.value == most);
}

TEST_CASE("opening and closing many times ends in a journal that still opens") {
  test::FaultVfs vfs;
  const Options options{.directory = "d", .segment_bytes = kSmall, .vfs = &vfs};
  // Each writes a footer of 48 bytes: more than a segment's worth of them.
  for (int i = 0; i < 1500; ++i) REQUIRE(Journal::open(options));
  const auto journal = Journal::open(options);
  CHECK((*journal)->recovery().segments == 2);
  CHECK((*journal)->recovery().clean);
}

TEST_CASE("flushing again and again without appends writes nothing") {
  test::TempDir folder;
  auto journal = open(folder.path(), Durability::kOs);
  REQUIRE(journal->create_topic("a"));
  REQUIRE(journal->flush(kNever));
  REQUIRE(journal->flush(kNever));
  REQUIRE(test::eventually([&] {
    REQUIRE(journal->flush(kNever));
    const auto before = journal->usage().bytes;
    for (int i = 0; i < 10; ++i) REQUIRE(journal->flush(kNever));
    return journal->usage().bytes == before;
  }));
}

TEST_CASE("a journal with its maximum of topics makes no more") {
  test::TempDir folder;
  auto journal = Journal::open({.directory = folder.path(),
                                .durability = Durability::kOs,
                                .segment_bytes = kSmall,
                                .max_topics = 2});
  REQUIRE((*journal)->create_topic("a"));
  REQUIRE((*journal)->create_topic("b"));
  CHECK((*journal)->create_topic("c").error().code == Errc::kNoSpace);
}

TEST_CASE("options that cannot be are refused by name") {
  CHECK(Journal::open({.directory = "x", .segment_bytes = {1000}}).error().where ==
        "segment_bytes");
  CHECK(Journal::open({.directory = "x", .segment_bytes = {65537}}).error().where ==
        "segment_bytes");
  CHECK(Journal::open({.directory = ""}).error().where == "directory");
  CHECK(JournalReader::open("/nonexistent").error().code == Errc::kNotFound);
}

}  // namespace
}  // namespace headgate::journal
