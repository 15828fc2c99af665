// How `loadgen run` drives: pipelining, churn, saturation, data, logins, checks, replays. The far
// end is independent of the library and says what it was sent.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <set>

#include "support/loadgen.hpp"
#include "support/scripted_upstream.hpp"

namespace headgate::test {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> lines_of(const ScriptedUpstream& upstream) {
  std::vector<std::string> lines;
  for (const ReceivedRequest& request : upstream.received()) lines.push_back(request.line());
  return lines;
}

LoadResult run_plan(const TempDir& dir, const std::string& plan, Argv flags = {}) {
  flags.insert(flags.begin(), {"--plan", dir.write("plan.yaml", plan)});
  return run_load(flags);
}

TEST_CASE("drive: pipelined requests are each answered once, in the order they were sent") {
  ScriptedUpstream upstream{[](const ReceivedRequest& request) { return ok(request.line()); }};
  const LoadResult result =
      run_load({upstream.url("/{sequence}"), "-n", "400", "-c", "2", "--pipeline", "8"});
  REQUIRE(result.json.is_object());
  CHECK(result.total("scheduled") == 400);
  CHECK(result.total("ok") == 400);
  CHECK(upstream.connections() == 2);
  const std::vector<std::string> lines = lines_of(upstream);
  CHECK(std::set<std::string>(lines.begin(), lines.end()).size() == 400);
}

TEST_CASE("drive: what is sent behind a last answer is sent again on the next connection") {
  // The target ends each connection after its fifth answer, and says so.
  std::atomic<int> count = 0;
  ScriptedUpstream upstream{[&count](const ReceivedRequest& /*request*/) {
    if (++count % 5 != 0) return ok("x");
    return ScriptedAnswer{
        .bytes = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx",
        .close = true};
  }};
  const LoadResult result = run_load({upstream.url(), "-n", "100", "-c", "1", "--pipeline", "4"});
  REQUIRE(result.json.is_object());
  CHECK(result.total("ok") + result.total("failed") == 100);
  // A reset may overtake the last answer where requests were unread; all else is answered.
  CHECK(result.total("ok") >= 80);
}

TEST_CASE("drive: a connection carries as many requests as it may, and says which is the last") {
  ScriptedUpstream upstream{[](const ReceivedRequest& request) {
    ScriptedAnswer answer = ok("x");
    answer.close = request.field("connection") == "close";
    return answer;
  }};
  const LoadResult result =
      run_load({upstream.url(), "-n", "30", "-c", "1", "--requests-per-connection", "3"});
  REQUIRE(result.json.is_object());
  CHECK(result.total("ok") == 30);
  CHECK(upstream.connections() == 10);
  std::vector<int> closing(10);
  for (const ReceivedRequest& request : upstream.received()) {
    if (request.field("connection") == "close") {
      ++closing.at(static_cast<std::size_t>(request.connection));
    }
  }
  CHECK(closing == std::vector<int>(10, 1));
}

TEST_CASE("drive: at saturation requests wait, are dropped, or fail, and are counted so") {
  // One connection, 400 ms an answer, ten requests in the first 200 ms: the first takes it.
  ScriptedUpstream upstream{[](const ReceivedRequest& /*request*/) {
    ScriptedAnswer answer = ok("x");
    answer.delay = Milliseconds{400};
    return answer;
  }};
  const auto run_with = [&upstream](const char* what) {
    return run_load({upstream.url(), "-R", "50/s", "-n", "10", "-c", "1", "--on-saturation", what,
                     "--timeout", "20s"});
  };
  const LoadResult queued = run_with("queue");
  CHECK(queued.total("ok") == 10);
  CHECK(queued.histogram("response_time").max() >= 3500ms);
  const LoadResult dropped = run_with("drop");
  CHECK(dropped.total("not_sent") == 9);
  CHECK(dropped.total("ok") == 1);
  CHECK(dropped.json["response_time"]["count"] == 1);
  const LoadResult failed = run_with("fail");
  CHECK(failed.total("failed") == 9);
  CHECK(failed.json["errors"]["saturated"] == 9);
}

TEST_CASE("drive: each client logs in first and has its own token ever after") {
  ScriptedUpstream upstream{[](const ReceivedRequest& request) {
    if (request.line().starts_with("POST /login")) {
      const std::string user = request.body.substr(request.body.find('=') + 1);
      return ok(R"({"session": {"token": "t-)" + user + "\"}}");
    }
    const bool known = request.field("authorization").starts_with("Bearer t-");
    return known ? ok("{\"ok\": true}")
                 : ScriptedAnswer{.bytes = "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"};
  }};
  const TempDir dir;
  static_cast<void>(dir.write("users.csv", "user\nann\nbob\ncid\n"));
  const LoadResult result = run_plan(dir, "targets: [{url: \"" + upstream.url() + R"("}]
connections: 3
count: 60
data: {file: users.csv}
before:
- {method: POST, path: /login, body: "user={data.user}", capture: {token: {json: /session/token}}}
requests:
- {path: /orders, headers: {authorization: "Bearer {captured.token}"}, check: {json: {/ok: true}}}
)");
  REQUIRE(result.json.is_object());
  CHECK(result.total("scheduled") == 60);  // logins are not of the run
  CHECK(result.total("ok") == 60);
  std::set<std::string> tokens;
  for (const ReceivedRequest& request : upstream.received()) {
    if (request.line().starts_with("GET")) tokens.insert(request.field("authorization"));
  }
  CHECK(tokens == std::set<std::string>{"Bearer t-ann", "Bearer t-bob", "Bearer t-cid"});
}

TEST_CASE("drive: a login that fails ends the run before it starts, with exit 5") {
  ScriptedUpstream upstream{[](const ReceivedRequest& /*request*/) {
    return ScriptedAnswer{.bytes = "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"};
  }};
  const TempDir dir;
  const LoadResult result = run_plan(
      dir, "targets: [{url: \"" + upstream.url() + "\"}]\ncount: 5\nbefore: [{path: /login}]\n");
  CHECK(result.ended.exit_code == 5);
  CHECK_THAT(result.ended.err, Catch::Contains("before.0"));
  CHECK(upstream.received().size() == 1);
}

TEST_CASE("drive: answers are held against the plan's checks, each under its own name") {
  ScriptedUpstream upstream{[](const ReceivedRequest& /*request*/) {
    return ScriptedAnswer{.bytes =
                              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                              "Transfer-Encoding: chunked\r\n\r\n"
                              "9\r\n{\"n\": 5, \r\n9\r\n\"s\": \"a\"}\r\n0\r\n\r\n"};
  }};
  const TempDir dir;
  static_cast<void>(dir.write("good.json", R"({"type": "object", "required": ["n"]})"));
  static_cast<void>(dir.write("bad.json", R"({"type": "object", "required": ["missing"]})"));
  const auto error_of = [&](const std::string& check) -> std::string {
    const LoadResult result = run_plan(dir, "targets: [{url: \"" + upstream.url() +
                                                "\"}]\ncount: 4\nrequests: [{" + check + "}]\n");
    CAPTURE(check, result.ended.err);
    REQUIRE(result.json.is_object());
    CHECK(result.json["statuses"]["200"] == 4);
    if (result.total("ok") == 4) return "";
    CHECK(result.total("failed") == 4);
    return result.json["errors"].begin().key();
  };
  CHECK(error_of("check: {status: [200, 404]}").empty());
  CHECK(error_of("check: {status: [201]}") == "check_status");
  CHECK(error_of("check: {headers: {content-type: json}}").empty());
  CHECK(error_of("check: {headers: {content-type: xml}}") == "check_header");
  CHECK(error_of("check: {headers: {x-missing: a}}") == "check_header");
  CHECK(error_of("check: {body: '\"n\": 5'}").empty());
  CHECK(error_of("check: {body: other}") == "check_body");
  CHECK(error_of("check: {json: {/n: 5, /s: a}}").empty());
  CHECK(error_of("check: {json: {/n: 6}}") == "check_json");
  CHECK(error_of("check: {json: {/x/y: 6}}") == "check_json");
  CHECK(error_of("check: {schema: good.json}").empty());
  CHECK(error_of("check: {schema: bad.json}") == "check_schema");
  CHECK(error_of("capture: {id: {json: /n}}").empty());
  CHECK(error_of("capture: {id: {json: /missing}}") == "capture_failed");
  CHECK(error_of("capture: {id: {header: x-missing}}") == "capture_failed");
}

TEST_CASE("drive: a status that a plan asks for is ok, whatever it is") {
  ScriptedUpstream upstream{[](const ReceivedRequest& /*request*/) {
    return ScriptedAnswer{.bytes = "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"};
  }};
  const TempDir dir;
  const LoadResult result =
      run_plan(dir, "targets: [{url: \"" + upstream.url() +
                        "\"}]\ncount: 4\nrequests: [{check: {status: [404]}}]\n");
  CHECK(result.total("ok") == 4);
}

TEST_CASE("drive: a recording is sent again at its times, or faster") {
  ScriptedUpstream upstream{hello()};
  const TempDir dir;
  const std::string log = dir.write("traffic.csv",
                                    "time,method,path,body\n0ms,GET,/a,\n100ms,POST,/b,x=1\n"
                                    "100ms,GET,/c?d=1,\n400ms,GET,/a,\n");
  const auto began = std::chrono::steady_clock::now();
  const LoadResult result = run_load({upstream.url(), "--replay", log, "-c", "4"});
  const auto took = std::chrono::steady_clock::now() - began;
  CHECK(result.total("ok") == 4);
  CHECK(took >= 400ms);
  std::multiset<std::string> sent;
  for (const std::string& line : lines_of(upstream)) sent.insert(line);
  CHECK(sent == std::multiset<std::string>{"GET /a HTTP/1.1", "GET /a HTTP/1.1",
                                           "GET /c?d=1 HTTP/1.1", "POST /b HTTP/1.1"});
  const LoadResult faster =
      run_load({upstream.url(), "--replay", log, "--speed", "1000", "-c", "4"});
  CHECK(faster.total("ok") == 4);
  CHECK(faster.json["duration_ns"].get<double>() < 0.3e9);
}

TEST_CASE("drive: a mistake in data, places or recordings is found before anything is sent") {
  ScriptedUpstream upstream{hello()};
  const TempDir dir;
  const auto fault = [&](Argv flags) {
    flags.insert(flags.begin(), upstream.url("/{data.usr}"));
    const LoadResult result = run_load(flags);
    CHECK(result.ended.exit_code == 2);
    return result.ended.err;
  };
  const std::string users = dir.write("users.csv", "user,password\nann,a1\n");
  const std::string torn = dir.write("torn.csv", "user,password\nann\n");
  CHECK_THAT(fault({"--data", users}),
             Catch::Contains("{data.usr}") && Catch::Contains("user, password"));
  CHECK_THAT(fault({"--data", torn}), Catch::Contains("torn.csv") && Catch::Contains("line 2"));
  CHECK_THAT(fault({"--data", dir.path() + "/none.csv"}), Catch::Contains("cannot be read"));
  CHECK_THAT(fault({"--replay", users}), Catch::Contains("line 1") && Catch::Contains("time"));
  CHECK_THAT(fault({"--speed", "2"}), Catch::Contains("--replay"));
  CHECK_THAT(fault({"--requests-per-connection", "0"}), Catch::Contains("at least 1"));
  CHECK(upstream.received().empty());
}

TEST_CASE("drive: a rate may be written as wrk2 has it") {
  ScriptedUpstream upstream{hello()};
  const LoadResult result = run_load({upstream.url(), "-R", "100", "-d", "200ms", "-c", "2"});
  CHECK(result.total("scheduled") == 20);
}

}  // namespace
}  // namespace headgate::test
