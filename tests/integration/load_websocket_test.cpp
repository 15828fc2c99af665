// WebSocket load against a server that is not ours.
#include <catch2/catch.hpp>

#include "support/certificates.hpp"
#include "support/echo_server.hpp"
#include "support/loadgen.hpp"
#include "support/nginx.hpp"

namespace headgate::test {
namespace {

LoadResult forty(const EchoServer& server, const std::string& path, const Argv& flags = {},
                 const std::string& message = "message {sequence}") {
  Argv argv{"--url", "ws://" + server.address() + path, "-n", "40", "-c", "4", "-b", message};
  argv.insert(argv.end(), flags.begin(), flags.end());
  LoadResult result = run_load(argv);
  CAPTURE(path, result.ended.err);
  REQUIRE(result.json.is_object());
  CHECK(result.total("scheduled") == 40);
  return result;
}

TEST_CASE("websocket: each message comes back, in one piece or several, and between pings") {
  const EchoServer server;
  for (const std::string path : {"/", "/ping", "/pieces"}) {
    const LoadResult result = forty(server, path);
    CHECK(result.total("ok") == 40);
    CHECK(result.json["response_time"]["count"] == 40);
  }
  CHECK(server.messages() == 120);
}

TEST_CASE("websocket: several messages may be under way on a connection") {
  const EchoServer server;
  CHECK(forty(server, "/", {"--pipeline", "5"}).total("ok") == 40);
}

TEST_CASE("websocket: large messages and empty ones come back too") {
  const EchoServer server;
  for (const std::size_t size : {std::size_t{1}, std::size_t{125}, std::size_t{126},
                                 std::size_t{65'535}, std::size_t{65'536}, std::size_t{100'000}}) {
    CAPTURE(size);
    CHECK(forty(server, "/", {}, std::string(size, 'x')).total("ok") == 40);
  }
  const LoadResult empty = run_load({"--url", "ws://" + server.address() + "/", "-n", "10"});
  CHECK(empty.total("ok") == 10);
}

TEST_CASE("websocket: the handshake carries the headers of the request") {
  const EchoServer server;
  CHECK(forty(server, "/", {"-H", "Authorization: Bearer t1"}).total("ok") == 40);
  CHECK(server.authorization() == "Bearer t1");
}

TEST_CASE("websocket: another message than was sent is a bad echo") {
  const EchoServer server;
  const LoadResult result = forty(server, "/wrong");
  CHECK(result.total("failed") == 40);
  CHECK(result.json["errors"]["bad_echo"] == 40);
}

TEST_CASE("websocket: a server that closes fails the message, and is asked again") {
  const EchoServer server;
  const LoadResult result = forty(server, "/close");
  CHECK(result.total("failed") == 40);
  CHECK(result.json["errors"]["connection_closed"] == 40);
  CHECK(server.messages() == 40);
}

TEST_CASE("websocket: a handshake that is refused is said at once") {
  const EchoServer server;
  const LoadResult result = run_load({"--url", "ws://" + server.address() + "/refuse", "-n", "4"});
  CHECK(result.ended.exit_code == 5);
  CHECK(result.ended.err.contains("the WebSocket handshake was refused"));
}

TEST_CASE("websocket: the echo is the answer that checks and captures see") {
  const EchoServer server;
  const TempDir folder;
  const auto run_plan = [&](const std::string& requests) {
    const std::string plan = folder.write(
        "plan.yaml", "targets: [{url: \"ws://" + server.address() + "/\"}]\ncount: 6\n" + requests);
    LoadResult result = run_load({"--plan", plan});
    CAPTURE(requests, result.ended.err);
    REQUIRE(result.json.is_object());
    return result;
  };
  const auto checked = [&](const std::string& rule) {
    const LoadResult result = run_plan("requests: [{body: '{\"n\": 5}', " + rule + "}]\n");
    return result.total("ok") == 6 ? "ok" : result.json["errors"].begin().key();
  };
  CHECK(checked("check: {status: [200], json: {/n: 5}}") == "ok");
  CHECK(checked("check: {body: other}") == "check_body");
  CHECK(checked("check: {json: {/n: 6}}") == "check_json");
  CHECK(checked("check: {headers: {x-kind: echo}}") == "check_header");  // it has none
  const LoadResult login = run_plan(
      "before: [{body: '{\"token\": \"t-77\"}', capture: {token: {json: /token}}}]\n"
      "requests: [{body: 'token {captured.token}', check: {body: token t-77}}]\n");
  CHECK(login.total("ok") == 6);
  CHECK(login.json["first_byte_time"]["count"] == 6);
}

TEST_CASE("websocket: a connection takes as many messages as it is to have, and closes with 1000") {
  for (const std::string at_once : {"1", "2", "4", "8"}) {
    CAPTURE(at_once);
    const EchoServer server;
    const LoadResult result =
        run_load({"--url", "ws://" + server.address() + "/", "-n", "20", "-c", "1", "--pipeline",
                  at_once, "--requests-per-connection", "4", "-b", "message {sequence}"});
    CHECK(result.total("ok") == 20);
    CHECK(server.messages() == 20);
    CHECK(server.connections() == 5);
    // The last one's Close may be cut off by the end of the run.
    CHECK(eventually([&] { return server.farewells() >= 4; }));
  }
}

TEST_CASE("websocket: an echo that breaks off is truncated") {
  const EchoServer server;
  const LoadResult result = forty(server, "/half");
  CHECK(result.json["errors"] == nlohmann::json{{"truncated_response", 40}});
}

TEST_CASE("websocket: over TLS, by wss") {
  const EchoServer server;
  const Certificates certificates;
  const Nginx proxy{"server { listen 127.0.0.1:$PORT0 ssl; ssl_certificate " +
                        certificates.file("server.pem") + "; ssl_certificate_key " +
                        certificates.file("server.key") + "; location / { proxy_pass http://" +
                        server.address() +
                        "; proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; "
                        "proxy_set_header Connection upgrade; } }\n",
                    1};
  const auto secure = [&](const std::string& path, const Argv& flags) {
    Argv argv{"--url", "wss://" + proxy.address() + path, "-n", "40", "-c", "4"};
    argv.insert(argv.end(), flags.begin(), flags.end());
    return run_load(argv);
  };
  const Argv trust{"--cacert", certificates.file("root.pem")};
  for (const std::size_t size : {std::size_t{5}, std::size_t{0}, std::size_t{100'000}}) {
    Argv flags = trust;
    flags.insert(flags.end(), {"-b", std::string(size, 'x'), "--pipeline", "3"});
    const LoadResult result = secure("/pieces", flags);
    CAPTURE(size, result.ended.err);
    REQUIRE(result.json.is_object());
    CHECK(result.total("ok") == 40);
    CHECK(result.json["tls_time"]["count"] == 4);
  }
  const LoadResult doubted = secure("/", {});
  CHECK(doubted.ended.exit_code == 5);
  CHECK(doubted.ended.err.contains("unable to get local issuer certificate"));
}

}  // namespace
}  // namespace headgate::test
