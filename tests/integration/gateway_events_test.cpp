// Events: one for each answered request, bodies that become events, and that the log says the same.
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "headgate/bus/event.hpp"
#include "headgate/journal/reader.hpp"
#include "support/gateway.hpp"
#include "support/loadgen.hpp"
#include "support/scripted_upstream.hpp"

namespace headgate::test {
namespace {

using nlohmann::json;

std::string config(const std::string& upstream, const std::string& durability = "os") {
  return "listeners: [{name: http, bind: \"127.0.0.1:0\"}]\n"
         "services: {main: {targets: [{url: \"http://" +
         upstream +
         "\"}]}}\n"
         "routes:\n"
         "- name: work\n"
         "  match: {path: {prefix: /}}\n"
         "  filters:\n"
         "  - rate_limit: {algorithm: token_bucket, rate: 200/s, burst: 20, key: global}\n"
         "  - publish: {topic: requests}\n"
         "  service: main\n"
         "- {name: in, match: {path: {exact: /events}, methods: [POST]}, topic: inbox}\n"
         "- {name: jobs, match: {path: {exact: /jobs}, methods: [POST]}, queue: jobs}\n"
         "topics: {requests: {store: main}, inbox: {store: main}}\n"
         "queues: {jobs: {store: main}}\n"
         "stores: {main: {journal: {dir: data, durability: " +
         durability + "}}}\n";
}

std::vector<bus::Event> events(const TestGateway& gateway, const std::string& topic) {
  auto reader = journal::JournalReader::open(gateway.folder() + "/data").value();
  std::vector<bus::Event> all;
  while (true) {
    const auto records = reader->read(topic, all.size()).value();
    if (records.empty()) return all;
    for (const auto& stored : records) all.push_back(bus::from_record(stored.record).value());
  }
}

TEST_CASE("events: as many as requests answered, refused ones too, each with its own id") {
  TestUpstream upstream{{"--time", "exponential:1ms"}};
  TestGateway gateway{config(upstream.address())};
  const LoadResult load =
      run_load({"--url", gateway.url("/orders/7?x=1"), "-R", "600/s", "-d", "2s", "-c", "16"});
  REQUIRE(load.ended.err.empty());
  REQUIRE(gateway.stop().exit_code == 0);
  const std::uint64_t answered = load.total("ok") + load.total("refused") + load.total("failed");
  CHECK(load.total("ok") > 0);
  CHECK(load.total("refused") > 0);
  const std::vector<bus::Event> all = events(gateway, "requests");
  CHECK(all.size() == answered);
  CHECK(gateway.log().size() == answered);
  std::set<std::string> ids;
  std::uint64_t refused = 0;
  for (const bus::Event& event : all) {
    ids.insert(event.id);
    const json data = json::parse(event.data.value());
    refused += data["status"] == 429 ? 1U : 0U;
    CHECK(data["path"] == "/orders/7?x=1");
  }
  CHECK(ids.size() == all.size());
  CHECK(refused == load.total("refused"));
  CHECK(all[0].type == "headgate.request.answered");
  CHECK(all[0].source == "/gateway/routes/work");
}

TEST_CASE("events: a body becomes an event, and 202 says where it is") {
  const auto durability = GENERATE(as<std::string>{}, "memory", "os", "disk");
  ScriptedUpstream upstream{[](const ReceivedRequest&) { return ok("x"); }};
  TestGateway gateway{config(upstream.address(), durability)};
  HttpClient client{gateway.address()};
  const HttpResponse first =
      client.request("POST", "/events", "{\"n\": 1}", "Content-Type: application/json\r\n");
  CHECK(first.status == 202);
  const json answer = json::parse(first.body);
  CHECK(answer["topic"] == "inbox");
  CHECK(answer["offset"] == 0);
  CHECK(json::parse(client.request("POST", "/events", "bytes").body)["offset"] == 1);
  const std::string structured =
      "{\"specversion\":\"1.0\",\"id\":\"mine\",\"source\":\"/s\",\"type\":\"t\",\"data\":[1]}";
  CHECK(json::parse(client
                        .request("POST", "/events", structured,
                                 "Content-Type: application/cloudevents+json; charset=utf-8\r\n")
                        .body)["id"] == "mine");
  REQUIRE(gateway.stop().exit_code == 0);
  const std::vector<bus::Event> all = events(gateway, "inbox");
  REQUIRE(all.size() == 3);
  CHECK(all[0].id == answer["id"].get<std::string>());
  CHECK(all[0].data == "{\"n\":1}");
  CHECK(all[1].data == "bytes");
  CHECK(all[2].source == "/s");
}

TEST_CASE("events: a chunked body becomes an event as well, and a queue takes bodies too") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) { return ok("x"); }};
  TestGateway gateway{config(upstream.address())};
  HttpClient client{gateway.address()};
  REQUIRE(
      client.send("POST /jobs HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                  "3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"));
  const HttpResponse taken = client.receive();
  CHECK(taken.status == 202);
  CHECK(json::parse(taken.body)["topic"] == "jobs");
  REQUIRE(gateway.stop().exit_code == 0);
  CHECK(events(gateway, "jobs").at(0).data == "abcdef");
}

TEST_CASE("events: what makes no event is refused, and the connection stays") {
  ScriptedUpstream upstream{[](const ReceivedRequest&) { return ok("x"); }};
  TestGateway gateway{config(upstream.address())};
  HttpClient client{gateway.address()};
  CHECK(client.request("POST", "/events", "{", "Content-Type: application/json\r\n").status == 400);
  CHECK(client
            .request("POST", "/events", "{\"specversion\":\"1.0\"}",
                     "Content-Type: application/cloudevents+json\r\n")
            .status == 400);
  CHECK(client.request("POST", "/events", std::string(1024 * 1024 + 1, 'x')).status == 413);
  HttpClient another{gateway.address()};
  CHECK(another.request("POST", "/events", std::string(1024 * 1024, 'x')).status == 202);
}

}  // namespace
}  // namespace headgate::test
