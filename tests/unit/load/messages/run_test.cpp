#include "headgate/load/messages/run.hpp"

#include <atomic>
#include <catch2/catch.hpp>

#include "headgate/journal/journal.hpp"
#include "headgate/load/messages/summary.hpp"
#include "support/fault_vfs.hpp"

namespace headgate::load::messages {
namespace {

using namespace std::chrono_literals;
using messaging::AppendDone;
using messaging::MemoryLog;
using messaging::Record;

/// A store that lies: every `lose`th append is answered and forgotten, every `twice`th is kept
/// twice, every `flip`th loses a bit, and every `refuse`th is refused.
class LyingLog final : public messaging::Log {
 public:
  std::uint64_t lose = 0;
  std::uint64_t twice = 0;
  std::uint64_t flip = 0;
  std::uint64_t refuse = 0;

  void append(std::string_view topic, Record record, AppendDone done) override {
    const std::uint64_t number = ++appends_;
    const auto is = [number](std::uint64_t every) { return every != 0 && number % every == 0; };
    if (is(refuse)) return done(failed(Errc::kNoSpace, "", "the store is full"));
    if (is(lose)) return done(std::uint64_t{0});
    if (is(twice)) log_.append(topic, record, [](const Result<std::uint64_t>&) {});
    if (is(flip)) record.value.back() = static_cast<char>(record.value.back() ^ 1);
    log_.append(topic, std::move(record), std::move(done));
  }
  void append_all(std::vector<messaging::TopicRecord> batch, messaging::BatchDone done) override {
    log_.append_all(std::move(batch), std::move(done));
  }
  using Log::read;
  [[nodiscard]] Result<std::vector<messaging::StoredRecord>> read(
      std::string_view topic, std::uint64_t from, messaging::ReadLimits limits) const override {
    return log_.read(topic, from, limits);
  }
  [[nodiscard]] Result<messaging::Watermarks> watermarks(std::string_view topic) const override {
    return log_.watermarks(topic);
  }
  [[nodiscard]] Result<void> flush(Duration deadline) override { return log_.flush(deadline); }
  [[nodiscard]] Result<void> create_topic(std::string_view name) override {
    return log_.create_topic(name);
  }
  [[nodiscard]] std::vector<std::string> topics() const override { return log_.topics(); }
  [[nodiscard]] messaging::Durability durability() const noexcept override {
    return log_.durability();
  }

 private:
  MemoryLog log_;
  std::atomic<std::uint64_t> appends_ = 0;
};

config::BusPlan plan(std::uint64_t count) {
  config::BusPlan plan;
  plan.count = count;
  plan.size = Bytes{100};
  plan.drain = 100ms;
  return plan;
}

Measured drive(const config::BusPlan& plan, messaging::Log& log) {
  auto job = Job::prepare(plan);
  REQUIRE(job);
  auto run = Run::start(*job, std::make_unique<Store>(log));
  if (!run) FAIL(run.error().where << ": " << run.error().why);
  while (!(*run)->wait_for(1s)) {
  }
  return (*run)->finish();
}

TEST_CASE("bus run: every group gets every message once, from every partition") {
  MemoryLog log;
  config::BusPlan shape = plan(5000);
  shape.topics = 2;
  shape.partitions = 3;
  shape.producers = 2;
  shape.groups = 2;
  shape.consumers = 2;
  const Measured measured = drive(shape, log);
  CHECK(measured.published.totals.ok == 5000);
  REQUIRE(measured.accounts.size() == 2);
  for (const Account& account : measured.accounts) {
    CHECK(account == Account{.published = 5000, .consumed = 5000});
  }
  CHECK(measured.groups[1].end_to_end_time.count() == 5000);
  CHECK(measured.held());
  CHECK(log.topics().size() == 6);
}

TEST_CASE("bus run: what a store loses, doubles and damages is found and counted") {
  LyingLog log;
  SECTION("lost") {
    log.lose = 100;
    const Measured measured = drive(plan(1000), log);
    CHECK(measured.accounts[0] == Account{.published = 1000, .consumed = 990, .lost = 10});
    CHECK_FALSE(measured.held());
  }
  SECTION("doubled") {
    log.twice = 250;
    const Measured measured = drive(plan(1000), log);
    CHECK(measured.accounts[0] == Account{.published = 1000, .consumed = 1000, .duplicated = 4});
    CHECK_FALSE(measured.held());
  }
  SECTION("damaged: the message that it was is lost") {
    log.flip = 500;
    const Measured measured = drive(plan(1000), log);
    CHECK(measured.groups[0].damaged == 2);
    CHECK(measured.accounts[0].lost == 2);
  }
  SECTION("refused is said, and no loss") {
    log.refuse = 4;
    const Measured measured = drive(plan(1000), log);
    CHECK(measured.published.totals.refused == 250);
    CHECK(measured.accounts[0] == Account{.published = 750, .consumed = 750});
    CHECK(measured.published.errors.at("the store is full") == 250);
    CHECK(measured.held());
  }
}

TEST_CASE("bus run: messages that nobody reads are left, each of them") {
  MemoryLog log;
  config::BusPlan unread = plan(300);
  unread.consumers = 0;
  const Measured measured = drive(unread, log);
  CHECK(measured.accounts[0] == Account{.published = 300, .left = 300});
  CHECK(measured.held());
}

TEST_CASE("bus run: a journal on a full disk refuses, and keeps what it acknowledged") {
  test::FaultVfs disk;
  disk.set_capacity(std::uint64_t{400} << 10);
  auto log = journal::Journal::open(
      {.directory = "j", .segment_bytes = {64 << 10}, .prepare_ahead = false, .vfs = &disk});
  REQUIRE(log);
  config::BusPlan full = plan(1000);
  full.size = Bytes{1024};
  full.inflight = 50;
  const Measured measured = drive(full, **log);
  const stats::Totals& totals = measured.published.totals;
  CHECK(totals.ok > 200);
  CHECK(totals.refused > 200);
  CHECK(totals.ok + totals.refused == 1000);
  CHECK(measured.accounts[0] == Account{.published = totals.ok, .consumed = totals.ok});
  CHECK(measured.held());
}

TEST_CASE("bus run: a schedule is published to its last message, from its intended times") {
  MemoryLog log;
  config::BusPlan open = plan(400);
  open.arrivals = arrival::Arrivals{arrival::ConstantArrivals{make_rate(2000, 1s)}};
  open.warmup = 100ms;
  const Measured measured = drive(open, log);
  CHECK(measured.published.totals.scheduled == 400);
  CHECK(measured.published.totals.ok == 400);
  CHECK(measured.published.offered == 200);  // 200 of 2000/s are in the first 100 ms
  CHECK(measured.published.publish_time.count() == 200);
  CHECK(measured.groups[0].end_to_end_time.count() == 200);
  CHECK(measured.evidence.open_loop);
}

TEST_CASE("bus run: a backlog is built while nobody reads, and then drained") {
  MemoryLog log;
  config::BusPlan two = plan(0);
  two.count.reset();
  two.backlog = 2000;
  const Measured measured = drive(two, log);
  REQUIRE(measured.backlog.has_value());
  CHECK(measured.backlog->built == 2000);
  CHECK(measured.backlog->drain > Duration::zero());
  CHECK(measured.accounts[0] == Account{.published = 2000, .consumed = 2000});
  CHECK(metric_of(measured, "backlog.max") == 2000);
}

TEST_CASE("bus run: a queue settles every message once, however often it is given back") {
  MemoryLog log;
  config::BusPlan queue = plan(1000);
  queue.queue = "work";
  queue.consumers = 3;
  SECTION("some given back") {
    queue.nack = Share{0.2};
    queue.max_deliveries = 1000;
    const Measured measured = drive(queue, log);
    CHECK(measured.accounts[0] == Account{.published = 1000, .consumed = 1000});
    CHECK(measured.groups[0].settled == 1000);
    CHECK(measured.groups[0].dead == 0);
    // Geometric: 250 of 1000, deviation sqrt(1000 * 0.2) / 0.8 = 18; five of them.
    CHECK(static_cast<double>(measured.groups[0].redelivered) == Approx(250).margin(90));
    CHECK(measured.groups[0].deliveries == 1000 + measured.groups[0].redelivered);
  }
  SECTION("all given back: dead after their last delivery") {
    queue.nack = Share{1};
    queue.max_deliveries = 3;
    const Measured measured = drive(queue, log);
    CHECK(measured.accounts[0] == Account{.published = 1000, .consumed = 1000});
    CHECK(measured.groups[0].dead == 1000);
    CHECK(measured.groups[0].deliveries == 3000);
  }
}

TEST_CASE("bus run: a queue that holds messages of others is left alone") {
  MemoryLog log;
  REQUIRE(log.create_topic("work"));
  log.append("work", {.key = "", .value = "theirs", .headers = {}}, [](const auto&) {});
  config::BusPlan queue = plan(10);
  queue.queue = "work";
  const auto run = Run::start(*Job::prepare(queue), std::make_unique<Store>(log));
  REQUIRE_FALSE(run);
  CHECK(run.error().why.starts_with("it holds 1 messages"));
}

TEST_CASE("bus job: what does not go together is refused by its key") {
  const auto key_of = [](const config::BusPlan& wrong) {
    const auto job = Job::prepare(wrong);
    return job ? std::string{"fine"} : job.error().where;
  };
  config::BusPlan base = plan(10);
  CHECK(key_of(base) == "fine");
  config::BusPlan wrong = base;
  wrong.size = Bytes{31};
  CHECK(key_of(wrong) == "size");
  wrong = base;
  wrong.backlog = 5;
  CHECK(key_of(wrong) == "backlog");
  wrong = base;
  wrong.queue = "q";
  wrong.topic = "t";
  CHECK(key_of(wrong) == "queue");
  wrong.topic.clear();
  wrong.partitions = 2;
  CHECK(key_of(wrong) == "queue");
  wrong = base;
  wrong.nack = Share{0.1};
  CHECK(key_of(wrong) == "nack");
  wrong = base;
  wrong.producers = 1024;
  CHECK(key_of(wrong) == "producers");
  wrong = base;
  wrong.topic = "no topic";
  CHECK(key_of(wrong) == "topic");
  wrong = base;
  wrong.duration = 1s;
  wrong.warmup = 1s;
  CHECK(key_of(wrong) == "warmup");
  wrong = base;
  wrong.arrivals = arrival::Arrivals{arrival::ClosedArrivals{}};
  CHECK(key_of(wrong) == "arrivals");
}

}  // namespace
}  // namespace headgate::load::messages
