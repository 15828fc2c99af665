// `gwctl topic` beside the writer of a journal, and after it.
#include <catch2/catch.hpp>
#include <csignal>
#include <nlohmann/json.hpp>

#include "headgate/bus/event.hpp"
#include "headgate/journal/journal.hpp"
#include "headgate/messaging/topic.hpp"
#include "support/log_conformance.hpp"
#include "support/process.hpp"

namespace headgate {
namespace {

using test::command;
using test::Ended;

constexpr const char* kConfig = R"(
listeners: [{name: http, bind: "127.0.0.1:0"}]
routes:
- {name: in, match: {path: {exact: /events}}, topic: requests}
- {name: quick, match: {path: {exact: /quick}}, topic: quick}
topics: {requests: {store: main}, quick: {store: fast}}
queues: {work: {store: main, dead_letter: work.dead}}
stores: {main: {journal: {dir: data, durability: os}}, fast: {memory: {}}}
)";

bus::Event event_of(int number) {
  bus::Event event;
  event.id = std::to_string(number);
  event.source = "/test";
  event.type = "test.counted";
  event.time = std::chrono::seconds{number};
  event.data = "{\"n\":" + std::to_string(number) + "}";
  return event;
}

/// A folder with a config and its journal, open for writing.
struct Store {
  Store() : config(folder.write("gateway.yaml", kConfig)) {
    auto opened = journal::Journal::open({.directory = folder.path() + "/data",
                                          .durability = messaging::Durability::kOs,
                                          .segment_bytes = {64 * 1024}});
    REQUIRE(opened);
    journal = std::move(*opened);
    REQUIRE(journal->create_topic("requests"));
  }
  void add(int number) const {
    REQUIRE(test::append(*journal, "requests", *bus::to_record(event_of(number))));
  }
  [[nodiscard]] Ended topic(std::vector<std::string> arguments) const {
    std::vector<std::string> argv{command("gwctl"), "topic"};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    argv.insert(argv.end(), {"--config", config});
    return test::run(argv);
  }

  test::TempDir folder;
  std::string config;
  std::unique_ptr<journal::Journal> journal;
};

std::vector<std::string> ids(const std::string& lines) {
  std::vector<std::string> found;
  std::istringstream in{lines};
  for (std::string line; std::getline(in, line);) found.push_back(bus::decode(line).value().id);
  return found;
}

TEST_CASE("tail prints one CloudEvent a line, beside the writer and after it") {
  Store store;
  for (int i = 0; i < 4; ++i) store.add(i);
  const Ended beside = store.topic({"tail", "requests", "--json"});
  CHECK(beside.exit_code == 0);
  CHECK(ids(beside.out) == std::vector<std::string>{"0", "1", "2", "3"});
  CHECK(bus::decode(beside.out.substr(0, beside.out.find('\n'))) == event_of(0));
  REQUIRE(store.journal->close());
  CHECK(store.topic({"tail", "requests", "--json"}).out == beside.out);
  CHECK(ids(store.topic({"tail", "requests", "--json", "--from", "2"}).out) ==
        std::vector<std::string>{"2", "3"});
  CHECK(ids(store.topic({"tail", "requests", "--json", "--max", "1"}).out) ==
        std::vector<std::string>{"0"});
  CHECK(store.topic({"tail", "requests", "--from", "end"}).out.empty());
  CHECK(store.topic({"tail", "requests", "--from", "3"}).out ==
        "       3  1970-01-01T00:00:03Z  test.counted  -  {\"n\":3}\n");
}

TEST_CASE("tail --follow prints what is appended, over a segment's end, and ends on SIGINT") {
  const Store store;
  store.add(0);
  test::Process tail{{command("gwctl"), "topic", "tail", "requests", "--config", store.config,
                      "--follow", "--json"}};
  for (int i = 0; i < 400; ++i) {
    if (i > 0) store.add(i);
    const auto line = tail.line();
    REQUIRE(line);
    REQUIRE(bus::decode(*line)->id == std::to_string(i));
  }
  CHECK(store.journal->usage().segments >= 2);
  tail.signal(SIGINT);
  CHECK(tail.wait().exit_code == 0);
}

TEST_CASE("a record that is no event is printed as the data of one") {
  const Store store;
  REQUIRE(test::append(*store.journal, "requests", test::record_of("plain")));
  const auto event = bus::decode(store.topic({"tail", "requests", "--json"}).out);
  REQUIRE(event);
  CHECK(event->id == "requests/0");
  CHECK(event->type == "headgate.record");
  CHECK(event->data == "plain");
}

TEST_CASE("stat prints the figures of a topic and how far its consumers are") {
  const Store store;
  for (int i = 0; i < 3; ++i) store.add(i);
  auto topic = messaging::Topic::open(*store.journal, "requests");
  std::promise<Result<std::uint64_t>> done;
  topic->commit("billing", 2, [&done](auto answer) { done.set_value(answer); });
  REQUIRE(done.get_future().get());
  REQUIRE(store.journal->flush(kNever));
  // The mark behind the flush says that all is on the disk.
  REQUIRE(test::eventually([&] {
    const Ended stat = store.topic({"stat", "requests", "--json"});
    CHECK(stat.exit_code == 0);
    return nlohmann::json::parse(stat.out)["synced"] == 3;
  }));
  const auto json = nlohmann::json::parse(store.topic({"stat", "requests", "--json"}).out);
  CHECK(json["format"] == "headgate.topic/1");
  CHECK(json["begin"] == 0);
  CHECK(json["end"] == 3);
  CHECK(json["records"] == 3);
  CHECK(json["durability"] == "os");
  CHECK(json["segments"] == 1);
  CHECK(json["consumers"] == nlohmann::json{{"billing", {{"position", 2}, {"lag", 1}}}});
  const std::string text = store.topic({"stat", "requests"}).out;
  CHECK(text.find("store       main (journal, durability os)\n") != std::string::npos);
  CHECK(text.find("consumer    billing at 2, 1 behind\n") != std::string::npos);
}

TEST_CASE("what cannot be shown is said with the reason and the exit code") {
  Store store;
  store.add(0);
  const auto refused = [&](const std::vector<std::string>& arguments) {
    const Ended ended = store.topic(arguments);
    CHECK(ended.exit_code == 2);
    CHECK(ended.out.empty());
    return ended.err;
  };
  CHECK(refused({"tail", "request"}) ==
        "gwctl: request: the config has no such topic or queue; did you mean requests?\n");
  CHECK(refused({"tail", "zzz"}) ==
        "gwctl: zzz: the config has no such topic or queue; it has requests, quick, work, "
        "work.dead\n");
  CHECK(refused({"tail", "quick"}).find("a memory store lives only in the running gateway") !=
        std::string::npos);
  CHECK(refused({"tail", "requests", "--from", "2"}) ==
        "gwctl: requests: offset 2 is outside 0 to 1\n");
  CHECK(refused({"tail", "requests", "--from", "soon"}) ==
        "gwctl: --from soon: must be begin, end or an offset\n");
  CHECK(refused({"stat", "work"}) == "gwctl: work: there is no such topic\n");
  REQUIRE(store.journal->close());
}

}  // namespace
}  // namespace headgate
