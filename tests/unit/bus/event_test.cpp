#include "headgate/bus/event.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

namespace headgate::bus {
namespace {

Event small_event() {
  Event event;
  event.id = "1";
  event.source = "/gateway";
  event.type = "headgate.request.answered";
  return event;
}

/// The same with every attribute set.
Event full_event() {
  Event event = small_event();
  event.subject = "GET \"/orders\" \\";
  event.time = std::chrono::milliseconds{1479249799250};
  event.datacontenttype = "application/json";
  event.dataschema = "https://example.com/schema#1";
  event.data = R"({"status":200,"exact":1.10})";
  event.extensions = {{"traceparent", "00-af"}, {"sampled", true}, {"attempt", -3}};
  return event;
}

std::string where_of(std::string_view json) {
  const auto event = decode(json);
  return event ? "accepted" : event.error().where;
}

/// A valid event's text with one member added or changed.
std::string with(const char* name, const nlohmann::json& value) {
  nlohmann::json tree = {{"specversion", "1.0"}, {"id", "1"}, {"source", "/s"}, {"type", "t"}};
  tree[name] = value;
  return tree.dump();
}

TEST_CASE("an event is written as the JSON format says") {
  CHECK(*encode(small_event()) ==
        R"({"specversion":"1.0","id":"1","source":"/gateway","type":"headgate.request.answered"})");
  CHECK(*encode(full_event()) ==
        R"({"specversion":"1.0","id":"1","source":"/gateway","type":"headgate.request.answered",)"
        R"("subject":"GET \"/orders\" \\","time":"2016-11-15T22:43:19.250Z",)"
        R"("datacontenttype":"application/json","dataschema":"https://example.com/schema#1",)"
        R"("attempt":-3,"sampled":true,"traceparent":"00-af",)"
        R"("data":{"status":200,"exact":1.10}})");
}

TEST_CASE("what was written is read back equal") {
  CHECK(decode(*encode(small_event())) == small_event());
  CHECK(decode(*encode(full_event())) == full_event());
}

// The example of the CloudEvents JSON format 1.0.2, section 3.2.
TEST_CASE("the example of the specification is read") {
  const auto event = decode(R"({
    "specversion" : "1.0",
    "type" : "com.example.someevent",
    "source" : "/mycontext",
    "subject": null,
    "id" : "C234-1234-1234",
    "time" : "2018-04-05T17:31:00Z",
    "comexampleextension1" : "value",
    "comexampleothervalue" : 5,
    "datacontenttype" : "application/json",
    "data" : {
        "appinfoA" : "abc",
        "appinfoB" : 123,
        "appinfoC" : true
    }
})");
  REQUIRE(event);
  CHECK(event->type == "com.example.someevent");
  CHECK_FALSE(event->subject);
  CHECK(event->time == std::chrono::seconds{1522949460});  // date -ud 2018-04-05T17:31:00 +%s
  CHECK(event->extensions.at("comexampleothervalue") == Attribute{5});
  CHECK(*event->data == R"({"appinfoA":"abc","appinfoB":123,"appinfoC":true})");
}

TEST_CASE("text data becomes a string and other bytes become base64") {
  Event event = small_event();
  event.datacontenttype = "text/plain";
  event.data = "line\nwith \"quotes\"";
  CHECK(nlohmann::json::parse(*encode(event))["data"] == *event.data);
  CHECK(decode(*encode(event)) == event);
  event.data = std::string{"\x00\xff\x10", 3};
  CHECK(nlohmann::json::parse(*encode(event))["data_base64"] == "AP8Q");
  CHECK(decode(*encode(event)) == event);
}

TEST_CASE("JSON data keeps its numbers as they were written, on one line") {
  Event event = small_event();
  event.data = "{\n \"n\" : 12345678901234567890123, \"s\" : \"a  b\\\" \" }";
  const std::string line = *encode(event);
  CHECK(line.find('\n') == std::string::npos);
  CHECK(*decode(line)->data == R"({"n":12345678901234567890123,"s":"a  b\" "})");
  CHECK(
      *decode(
           R"({"d\u0061ta":[1.0, {"data":2}],"specversion":"1.0","id":"1","source":"s","type":"t"})")
           ->data == R"([1.0,{"data":2}])");
}

TEST_CASE("an event that is not valid is not written, and the attribute is named") {
  const auto where = [](auto change) {
    Event event = full_event();
    change(event);
    const auto json = encode(event);
    return json ? "accepted" : json.error().where;
  };
  CHECK(where([](Event& e) { e.id = ""; }) == "/id");
  CHECK(where([](Event& e) { e.source = ""; }) == "/source");
  CHECK(where([](Event& e) { e.source = "a b"; }) == "/source");
  CHECK(where([](Event& e) { e.type = ""; }) == "/type");
  CHECK(where([](Event& e) { e.type = "a\nb"; }) == "/type");
  CHECK(where([](Event& e) { e.subject = "\xff"; }) == "/subject");
  CHECK(where([](Event& e) { e.subject = "\xc2\x85"; }) == "/subject");
  CHECK(where([](Event& e) { e.datacontenttype = "json"; }) == "/datacontenttype");
  CHECK(where([](Event& e) { e.dataschema = "schema"; }) == "/dataschema");
  CHECK(where([](Event& e) { e.data = "{"; }) == "/data");
  CHECK(where([](Event& e) { e.data = "{} {}"; }) == "/data");
  CHECK(where([](Event& e) { e.extensions["Upper"] = true; }) == "/Upper");
  CHECK(where([](Event& e) { e.extensions["data"] = true; }) == "/data");
  CHECK(where([](Event& e) { e.extensions["x"] = "\x01"; }) == "/x");
}

TEST_CASE("reading is strict, and the member is named") {
  CHECK(where_of(with("id", "1")) == "accepted");
  CHECK(where_of("") == "");
  CHECK(where_of("[]") == "");
  CHECK(where_of("{}") == "/specversion");
  CHECK(where_of(with("specversion", "0.3")) == "/specversion");
  CHECK(where_of(with("id", "")) == "/id");
  CHECK(where_of(with("id", 1)) == "/id");
  CHECK(where_of(with("id", nullptr)) == "/id");
  CHECK(where_of(with("source", "a b")) == "/source");
  CHECK(where_of(with("type", nlohmann::json::array())) == "/type");
  CHECK(where_of(with("time", "yesterday")) == "/time");
  CHECK(where_of(with("subject", "")) == "/subject");
  CHECK(where_of(with("my_extension", "x")) == "/my_extension");
  CHECK(where_of(with("extension", 1.5)) == "/extension");
  CHECK(where_of(with("extension", 2147483648)) == "/extension");
  CHECK(where_of(with("extension", 2147483647)) == "accepted");
  CHECK(where_of(with("extension", nlohmann::json::object())) == "/extension");
  CHECK(where_of(with("data_base64", "AP8Q")) == "accepted");
  for (const char* bad : {"AP8", "AP8Q=", "A===", "AP8R!===", "AP9=" /* stray bits */}) {
    CAPTURE(bad);
    CHECK(where_of(with("data_base64", bad)) == "/data_base64");
  }
  CHECK(where_of(R"({"specversion":"1.0","id":"1","id":"2","source":"/s","type":"t"})") == "/id");
  CHECK(where_of(R"({"specversion":"1.0","id":"1","source":"/s","type":"t",)"
                 R"("data":1,"data_base64":"AA=="})") == "/data_base64");
  CHECK(where_of(R"({"specversion":"1.0","id":"1","source":"/s","type":"t",)"
                 R"("datacontenttype":"text/plain","data":1})") == "/data");
}

TEST_CASE("nesting is bounded") {
  const auto nested = [](std::size_t depth) {
    return R"({"specversion":"1.0","id":"1","source":"/s","type":"t","data":)" +
           std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  CHECK(decode(nested(60)));
  CHECK(decode(nested(100'000)).error().why == "is nested more than 64 deep");
}

TEST_CASE("a media type is JSON by its subtype or its suffix") {
  for (const char* json : {"application/json", "application/JSON; charset=utf-8", "text/json",
                           "application/problem+json"}) {
    CHECK(is_json(json));
  }
  for (const char* other : {"json", "application/jsonp", "text/plain", "application/xjson", ""}) {
    CAPTURE(other);
    CHECK_FALSE(is_json(other));
  }
  CHECK(is_json(std::nullopt));
}

TEST_CASE("a record carries the event, its partition key and its time") {
  Event event = full_event();
  event.extensions["partitionkey"] = "customer-7";
  const auto record = to_record(event);
  REQUIRE(record);
  CHECK(record->key == "customer-7");
  CHECK(record->timestamp == *event.time);
  CHECK(record->headers == messaging::Headers{{"content-type", "application/cloudevents+json"}});
  CHECK(from_record(*record) == event);
}

}  // namespace
}  // namespace headgate::bus
