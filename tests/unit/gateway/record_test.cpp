// What a finished request leaves behind: records in batches, lines, events.
#include "headgate/gateway/record.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "headgate/config/gateway_config.hpp"
#include "headgate/gateway/access_log.hpp"

namespace headgate::gateway {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

std::unique_ptr<Snapshot> snapshot() {
  auto loaded = config::load_gateway_text(
      "listeners: [{name: http, bind: \"127.0.0.1:0\"}]\n"
      "services: {orders: {targets: [{url: \"http://127.0.0.1:1\"}, {name: b, url: "
      "\"http://127.0.0.1:2\"}]}}\n"
      "routes: [{name: r1, match: {path: {prefix: /a}}, service: orders},\n"
      "         {name: r2, match: {path: {exact: /e}, methods: [POST]}, topic: t}]\n"
      "topics: {t: {store: s}}\nstores: {s: {memory: {}}}\n",
      "gateway.yaml");
  REQUIRE(loaded.ok());
  return Snapshot::make(std::move(loaded.value), 1).value();
}

Record forwarded() {
  Record record;
  record.client = net::Address::parse("192.0.2.7:5000").value();
  record.route = 0;
  record.target = 1;
  record.status = 200;
  record.method = http::Method::kGet;
  record.bytes_out = 1024;
  record.total = 1'234'567ns;
  record.upstream = 1'000'999ns;
  record.attempts = 1;
  record.answered = true;
  return record;
}

TEST_CASE("records: a batch gives back what was put in, in order, and is empty after clear") {
  Batch batch;
  CHECK(batch.empty());
  for (std::uint64_t i = 0; i < 100; ++i) {
    Record record = forwarded();
    record.number = i;
    batch.add(record, std::string(i, 'p'), "?" + std::to_string(i));
  }
  std::uint64_t next = 0;
  batch.for_each([&](const Record& record, std::string_view path) {
    CHECK(record.number == next);
    CHECK(path == std::string(next, 'p') + "?" + std::to_string(next));
    ++next;
  });
  CHECK(next == 100);
  batch.clear();
  CHECK(batch.empty());
  batch.for_each([](const Record&, std::string_view) { FAIL("nothing is left"); });
}

TEST_CASE("records: a line names the consumer when one is known") {
  Record record = forwarded();
  record.consumer = "acme";
  std::string line;
  append_line(line, *snapshot(), record, "/a/1", 0ns);
  CHECK(json::parse(line)["consumer"] == "acme");
}

TEST_CASE("records: a line of the access log is one JSON object with every member by its name") {
  std::string line;
  append_line(line, *snapshot(), forwarded(), "/a/1?x=2", 1'763'679'599'123'456'789ns);
  CHECK(line.back() == '\n');
  // 1763679599 is 2025-11-20T22:59:59Z by date(1).
  CHECK(json::parse(line) == json{{"time", "2025-11-20T22:59:59.123456Z"},
                                  {"client", "192.0.2.7"},
                                  {"method", "GET"},
                                  {"path", "/a/1?x=2"},
                                  {"route", "r1"},
                                  {"service", "orders"},
                                  {"target", "b"},
                                  {"status", 200},
                                  {"bytes_in", 0},
                                  {"bytes_out", 1024},
                                  {"duration_us", 1234},
                                  {"upstream_us", 1000},
                                  {"attempts", 1},
                                  {"reason", "forwarded"}});
}

TEST_CASE("records: a refused request has no route, and its reason has the id of the bytes") {
  Record record;
  record.client = net::Address::parse("[2001:db8::1]:1").value();
  record.status = 400;
  record.outcome = Outcome::kBadRequest;
  record.reason = http::Reason::kClTe;
  std::string line;
  append_line(line, *snapshot(), record, "", 0ns);
  const json parsed = json::parse(line);
  CHECK(parsed["reason"] == "bad_request:CL-TE");
  CHECK(parsed["client"] == "2001:db8::1");
  CHECK_FALSE(parsed.contains("route"));
  CHECK(parsed["time"] == "1970-01-01T00:00:00.000000Z");
}

TEST_CASE("records: an event says what the line says") {
  const auto compiled = snapshot();
  const bus::Event event = answered_event(*compiled, forwarded(), "/a\"1", 5s, "id-1");
  CHECK(event.id == "id-1");
  CHECK(event.source == "/gateway/routes/r1");
  CHECK(event.time == 5s);
  json line;
  {
    std::string text;
    append_line(text, *compiled, forwarded(), "/a\"1", 5s);
    line = json::parse(text);
  }
  line.erase("time");
  CHECK(json::parse(event.data.value()) == line);
  CHECK(bus::encode(event).has_value());
}

TEST_CASE("records: every outcome has its own name and a status that fits") {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < kOutcomeCount; ++i) {
    const auto outcome = static_cast<Outcome>(i);
    CHECK(std::find(names.begin(), names.end(), to_text(outcome)) == names.end());
    names.push_back(to_text(outcome));
    const int status = status_of(outcome);
    CHECK((status == 0 || status == 202 || status >= 400));
    CHECK(type_of(outcome) == "urn:headgate:outcome:" + std::string{to_text(outcome)});
  }
}

}  // namespace
}  // namespace headgate::gateway
