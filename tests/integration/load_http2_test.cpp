// HTTP/2 load against servers that are not ours: nghttpd, nginx behind TLS, and one by nghttp2's
// server side that does on request what the others only do in distress.
#include <signal.h>

#include <catch2/catch.hpp>

#include "support/certificates.hpp"
#include "support/free_port.hpp"
#include "support/h2_server.hpp"
#include "support/http_client.hpp"
#include "support/loadgen.hpp"
#include "support/nginx.hpp"

namespace headgate::test {
namespace {

/// nghttpd without TLS, with a page in its folder.
class Nghttpd {
 public:
  Nghttpd() {
    static_cast<void>(folder_.write("page", std::string(5000, 'x')));
    port_ = std::to_string(free_port());
    process_ = std::make_unique<Process>(Argv{"nghttpd", "--no-tls", "--echo-upload", "--address",
                                              "127.0.0.1", "-d", folder_.path(), port_});
    REQUIRE(eventually([this] {
      try {
        const HttpClient client{address()};
        return true;
      } catch (const std::runtime_error&) {
        return false;
      }
    }));
  }
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + port_; }
  [[nodiscard]] Process& process() { return *process_; }

 private:
  TempDir folder_;
  std::string port_;
  std::unique_ptr<Process> process_;
};

LoadResult two_hundred(const std::string& url, const Argv& flags = {}) {
  Argv argv{"--url", url, "--http2", "-n", "200", "-c", "2"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  LoadResult result = run_load(argv);
  CAPTURE(url, result.ended.err);
  REQUIRE(result.json.is_object());
  CHECK(result.total("scheduled") == 200);
  return result;
}

TEST_CASE("http2: streams share a connection, spoken from the first byte") {
  const Nghttpd server;
  const std::string url = "http://" + server.address() + "/page";
  for (const std::string streams : {"1", "10", "100"}) {
    const LoadResult result = two_hundred(url, {"--streams", streams});
    CHECK(result.total("ok") == 200);
    // 5000 bytes of body each, and heads.
    CHECK(result.json["bytes_received"] >= 200 * 5000);
  }
}

TEST_CASE("http2: statuses, bodies and HEAD are as in HTTP/1.1") {
  const Nghttpd server;
  const std::string base = "http://" + server.address();
  CHECK(two_hundred(base + "/nothing").json["statuses"]["404"] == 200);
  CHECK(two_hundred(base + "/page", {"-m", "HEAD"}).total("ok") == 200);
  const LoadResult echoed =
      two_hundred(base + "/page", {"-b", std::string(50'000, 'y'), "--streams", "4"});
  CHECK(echoed.total("ok") == 200);
  CHECK(echoed.json["bytes_received"] >= 200 * 50'000);
}

TEST_CASE("http2: a server that goes away after some requests gets the rest on new connections") {
  const Certificates certificates;
  const Nginx nginx{
      "keepalive_requests 7;\nserver { listen 127.0.0.1:$PORT0 ssl http2; "
      "ssl_certificate " +
          certificates.file("server.pem") + "; ssl_certificate_key " +
          certificates.file("server.key") +
          "; return 200 ok; }\n"
          "server { listen 127.0.0.1:$PORT1 ssl; ssl_certificate " +
          certificates.file("server.pem") + "; ssl_certificate_key " +
          certificates.file("server.key") + "; return 200 ok; }\n",
      2};
  const Argv trust{"--cacert", certificates.file("root.pem"), "--streams", "5"};
  CHECK(two_hundred("https://" + nginx.address() + "/", trust).total("ok") == 200);
  // The other server speaks HTTP/1.1 alone.
  Argv argv{"--url", "https://" + nginx.address(1) + "/", "--http2", "-n", "4"};
  argv.insert(argv.end(), trust.begin(), trust.end());
  const LoadResult result = run_load(argv);
  CHECK(result.ended.exit_code == 5);
  CHECK(result.ended.err.contains("no application protocol"));
}

TEST_CASE("http2: an answer of HTTP/1.1 is none, and nothing is lost") {
  const TestUpstream server;
  const LoadResult result = run_load({"--url", server.url(), "--http2", "-n", "10", "-c", "2"});
  REQUIRE(result.json.is_object());
  CHECK(result.total("scheduled") == 10);
  CHECK(result.total("failed") == 10);
}

TEST_CASE("http2: a silent server is timed out stream by stream") {
  Nghttpd server;
  const std::string url = "http://" + server.address() + "/page";
  server.process().signal(SIGSTOP);
  const LoadResult result =
      run_load({"--url", url, "--http2", "--streams", "4", "-n", "8", "--timeout", "200ms"});
  server.process().signal(SIGCONT);
  REQUIRE(result.json.is_object());
  CHECK(result.total("timed_out") == 8);
}

LoadResult run_h2(const H2Server& server, const std::string& path, const Argv& flags) {
  Argv argv{"--url", "http://" + server.address() + path, "--http2", "-c", "1"};
  argv.insert(argv.end(), flags.begin(), flags.end());
  LoadResult result = run_load(argv);
  CAPTURE(path, result.ended.err);
  REQUIRE(result.json.is_object());
  return result;
}

TEST_CASE("http2: checks and captures see the answer's fields and body") {
  const H2Server server;
  const TempDir folder;
  const auto run_plan = [&](const std::string& requests) {
    const std::string plan = folder.write(
        "plan.yaml", "targets: [{url: \"http://" + server.address() +
                         "\"}]\nhttp: 2\nconnections: 2\nstreams: 3\ncount: 12\n" + requests);
    LoadResult result = run_load({"--plan", plan});
    CAPTURE(requests, result.ended.err);
    REQUIRE(result.json.is_object());
    return result;
  };
  const auto checked = [&](const std::string& path, const std::string& rule) {
    const LoadResult result = run_plan("requests: [{method: POST, path: " + path +
                                       ", body: '{\"n\": 5}', " + rule + "}]\n");
    return result.total("ok") == 12 ? "ok" : result.json["errors"].begin().key();
  };
  CHECK(checked("/", "check: {status: [200], headers: {x-kind: echo}, json: {/n: 5}}") == "ok");
  CHECK(checked("/", "check: {status: [201]}") == "check_status");
  CHECK(checked("/", "check: {headers: {x-kind: other}}") == "check_header");
  CHECK(checked("/", "check: {body: other}") == "check_body");
  CHECK(checked("/", "check: {json: {/n: 6}}") == "check_json");
  CHECK(checked("/", "capture: {id: {header: x-missing}}") == "capture_failed");
  // Neither the hint before the answer nor the trailer behind it is a field of it.
  CHECK(checked("/hints", "check: {headers: {x-kind: echo}}") == "ok");
  CHECK(checked("/hints", "check: {headers: {x-kind: hint}}") == "check_header");
  CHECK(checked("/hints", "check: {headers: {x-kind: trailer}}") == "check_header");
  // The second request sends what the first one's answer had, and its echo has it again.
  const LoadResult login = run_plan(
      "before: [{method: POST, path: /login, body: '{\"token\": \"t-77\"}', "
      "capture: {token: {json: /token}}}]\n"
      "requests: [{method: POST, path: /, body: 'token {captured.token}', "
      "check: {body: token t-77}}]\n");
  CHECK(login.total("ok") == 12);
  CHECK(server.requests("/login") == 6);
  CHECK(login.json["first_byte_time"]["count"] == 12);
}

TEST_CASE("http2: a connection takes as many requests as it is to have, and then ends politely") {
  const H2Server server;
  for (const std::string streams : {"1", "2", "4", "8"}) {
    CAPTURE(streams);
    const std::uint64_t connections = server.connections();
    const std::uint64_t farewells = server.farewells();
    const Argv flags{"--streams", streams, "-n", "20", "--requests-per-connection", "4"};
    CHECK(run_h2(server, "/", flags).total("ok") == 20);
    CHECK(server.connections() - connections == 5);
    CHECK(eventually([&] { return server.farewells() - farewells == 5; }));
  }
  CHECK(server.requests("/") == 80);
}

TEST_CASE("http2: a stream that is reset fails alone") {
  const H2Server server;
  const LoadResult result = run_h2(server, "/reset", {"--streams", "4", "-n", "16"});
  CHECK(result.json["errors"] == nlohmann::json{{"stream_reset", 16}});
  CHECK(server.requests("/reset") == 16);
  CHECK(server.connections() == 1);
}

TEST_CASE("http2: a timeout cancels its stream and leaves the connection to the others") {
  const H2Server server;
  const LoadResult result =
      run_h2(server, "/silent", {"--streams", "4", "-n", "12", "--timeout", "150ms"});
  CHECK(result.total("timed_out") == 12);
  CHECK(server.requests("/silent") == 12);
  CHECK(eventually([&] { return server.cancelled() == 12; }));
  CHECK(server.connections() == 1);
}

TEST_CASE("http2: what GOAWAY has not begun is sent again, and what it has is waited for") {
  const H2Server server;
  const LoadResult result = run_h2(server, "/goaway", {"--streams", "4", "-n", "4"});
  CHECK(result.total("ok") == 4);
  CHECK(server.requests("/goaway") == 6);  // two of the four came twice
  CHECK(server.connections() == 2);
}

TEST_CASE("http2: what GOAWAY with an error has begun and does not answer is failed as such") {
  const H2Server server;
  const LoadResult result = run_h2(server, "/goaway-cut", {"--streams", "4", "-n", "4"});
  CHECK(result.total("ok") == 2);
  CHECK(result.json["errors"] == nlohmann::json{{"goaway", 2}});
  CHECK(server.connections() == 2);
}

TEST_CASE("http2: a server that only ever goes away is not asked for ever") {
  const H2Server server;
  const LoadResult result = run_h2(server, "/away", {"-n", "1"});
  CHECK(result.json["errors"] == nlohmann::json{{"goaway", 1}});
  CHECK(server.connections() == 4);  // and the three that give up hope
}

TEST_CASE("http2: an answer that breaks the rules is bad, and one that breaks off truncated") {
  const H2Server server;
  const auto errors = [&](const std::string& path) {
    return run_h2(server, path, {"--streams", "2", "-n", "8"}).json["errors"];
  };
  // Of the stream alone.
  CHECK(errors("/too-long") == nlohmann::json{{"bad_response", 8}});
  CHECK(server.connections() == 1);
  CHECK(run_h2(server, "/broken", {"-n", "4"}).json["errors"] ==
        nlohmann::json{{"bad_response", 4}});
  CHECK(server.connections() == 1 + 4);
  CHECK(run_h2(server, "/half", {"-n", "4"}).json["errors"] ==
        nlohmann::json{{"truncated_response", 4}});
}

TEST_CASE("http2: a body is sent on as long as the server takes it") {
  const H2Server server;
  // More than is written at once, and no word of the server is needed to go on.
  const LoadResult result = run_h2(
      server, "/", {"--streams", "4", "-n", "8", "-m", "POST", "-b", std::string(120'000, 'y')});
  CHECK(result.total("ok") == 8);
  CHECK(result.json["bytes_received"] >= 8 * 120'000);
}

}  // namespace
}  // namespace headgate::test
